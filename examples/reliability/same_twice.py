"""Whether trainings with one seed end with the same weights, to the last bit.

    python examples/reliability/same_twice.py --output_dir=same_twice

A small model is trained in processes of their own: twice alike, from another folder, and with one
thread instead of two; weights are compared. A process is a copy of this one from before TensorFlow
computes anything, which saves its loading.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib

import anatomy_tf.quiet_tensorflow  # noqa: F401  # isort: skip
import numpy as np
import tensorflow as tf

from anatomy_tf.data.batches.pipeline import Sampling
from anatomy_tf.data.sources import open_source
from anatomy_tf.training.choices import LOSS_WEIGHTS
from anatomy_tf.training.run import run_training
from anatomy_tf.training.run_choices import RunChoices
from anatomy_tf.training.schedules import Schedule

MODEL = {"filter_widths": (3, 3), "channels": 128}


def train(clips, output_dir: pathlib.Path, working_dir: pathlib.Path, threads: int) -> None:
    """Trains in a process of its own, from a working directory, and leaves `weights.npz`."""
    working_dir.mkdir(parents=True, exist_ok=True)
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert status == 0, f"{output_dir}: the training failed"
        return
    os.chdir(working_dir)
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    lifter, _ = run_training(
        *clips,
        data="cmu",
        output_dir=output_dir,
        choices=RunChoices(
            model=MODEL,
            sampling=Sampling(sampled_frames=10, batch_size=128, steps_per_epoch=20, seed=7),
            schedule=Schedule(epochs=2, statistics_batches=5),
            loss_weights=LOSS_WEIGHTS["released"],
            resume=True,
        ),
    )
    np.savez(output_dir / "weights.npz", *map(np.array, lifter.training_weights()))
    os._exit(0)


def largest_difference(one: pathlib.Path, other: pathlib.Path) -> float:
    """Of any weight of two trained models, in units of the largest weight."""
    weights = [np.load(path / "weights.npz") for path in (one, other)]
    pairs = [(weights[0][name], weights[1][name]) for name in weights[0].files]
    largest = max(np.abs(a).max() for a, _ in pairs)
    return float(max(np.abs(a - b).max() for a, b in pairs) / largest)


def main() -> None:
    """Trains five times, and prints the differences."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--output_dir", type=pathlib.Path, required=True)
    base = parser.parse_args().output_dir.resolve()
    source = open_source("cmu")
    clips = [source.clips([subject])[:8] for subject in ("A01", "A10")]
    train(clips, base / "two_threads", pathlib.Path.cwd(), 2)
    train(clips, base / "two_threads_again", pathlib.Path.cwd(), 2)
    train(clips, base / "elsewhere", base / "folder", 2)
    train(clips, base / "one_thread", pathlib.Path.cwd(), 1)
    train(clips, base / "one_thread_again", pathlib.Path.cwd(), 1)
    pairs = {
        "two threads, again": ("two_threads", "two_threads_again"),
        "two threads, from another folder": ("two_threads", "elsewhere"),
        "one thread, again": ("one_thread", "one_thread_again"),
        "one thread and two": ("one_thread", "two_threads"),
    }
    found = {name: largest_difference(base / a, base / b) for name, (a, b) in pairs.items()}
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
