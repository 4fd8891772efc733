"""Whether trainings with one seed end with the same weights, to the last bit.

    python examples/reliability/same_twice.py --output_dir=same_twice

A small model is trained in processes of their own: twice alike, from another folder, with more and
with fewer threads, and stopped and resumed; each is compared with the first.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys

import anatomy_tf.quiet_tensorflow  # noqa: F401  # isort: skip
import numpy as np

from anatomy_tf.models.lifter import load_lifter

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRAINING = (
    *("--train_subjects=A01", "--test_subjects=A10", "--filter_widths=3,3", "--channels=64"),
    *("--batch_size=64", "--steps_per_epoch=25", "--statistics_batches=5", "--seed=7"),
)
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")


def train(output_dir: pathlib.Path, folder: pathlib.Path, threads: int, epochs: int = 2) -> None:
    """Trains from the working directory `folder`; goes on with what is in `output_dir`."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {name: str(threads) for name in THREADS}
    environment["PYTHONPATH"] = str(ROOT)
    command = [sys.executable, ROOT / "tools" / "train.py", *TRAINING, f"--epochs={epochs}"]
    command += ["--resume", f"--output_dir={output_dir}"]
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)


def largest_difference(one: pathlib.Path, other: pathlib.Path) -> float:
    """Of any weight of two trained models, in units of the largest weight."""
    weights = [load_lifter(path).training_weights() for path in (one, other)]
    pairs = [(np.array(a), np.array(b)) for a, b in zip(*weights, strict=True)]
    largest = max(np.abs(a).max() for a, _ in pairs)
    return float(max(np.abs(a - b).max() for a, b in pairs) / largest)


def main() -> None:
    """Trains seven times, and prints the differences."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--output_dir", type=pathlib.Path, required=True)
    base = parser.parse_args().output_dir.resolve()
    train(base / "first", ROOT, threads=2)
    train(base / "again", ROOT, threads=2)
    train(base / "elsewhere", base / "folder", threads=2)
    train(base / "one_thread", ROOT, threads=1)
    train(base / "one_thread_again", ROOT, threads=1)
    train(base / "resumed", ROOT, threads=2, epochs=1)
    train(base / "resumed", ROOT, threads=2)
    found = {
        name: largest_difference(base / "first", base / name)
        for name in ("again", "elsewhere", "one_thread", "resumed")
    }
    found["one_thread, again"] = largest_difference(base / "one_thread", base / "one_thread_again")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
