"""Kills a training again and again, or lets it run out of disk, and looks at what is left.

    python -m tests.faults.kill_training --kills=200
    python -m tests.faults.kill_training --kills=0 --disks=40

Every training goes on with `resume` after each `kill -9` until it is done, and its weights have to
be those of one that nobody killed, to the last bit. Every other kill comes at any moment; the
others the moment something is being written, a checkpoint or a model. A disk is a tmpfs, which
takes root, of two pages up to what a training needs; after the failure it grows, and training goes
on.
"""

import argparse
import collections
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
import zipfile

import anatomy_tf.quiet_tensorflow  # noqa: F401  # isort: skip
import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.models.lifter import load_lifter
from tests.faults.forked import exit_code, forked, has_ended
from tests.faults.tiny_run import FLAGS, hash_of, read_clips, train_tiny
from tests.garbage import collect_rarely


class Trainings:
    """Trainings of one kind, each in a process of its own, forked before TensorFlow computes."""

    def __init__(self, folder: pathlib.Path):
        self._said = folder / "said"
        (folder / "mocap").mkdir()
        self._clips = read_clips(folder / "mocap")

    def start(self, output_dir: pathlib.Path) -> int:
        """The number of the process."""
        return forked(lambda: self._train(output_dir))

    def finish(self, process: int) -> tuple[int, str]:
        """Exit code, and what it said in the end."""
        code = exit_code(process)
        said = self._said.read_text() if self._said.is_file() else ""
        self._said.unlink(missing_ok=True)
        return code, said

    def _train(self, output_dir: pathlib.Path) -> int:
        warnings.filterwarnings("ignore", "Even though the `tf.config.experimental_run_func")
        tf.config.run_functions_eagerly(True)
        try:
            trained = train_tiny(self._clips, output_dir)
            kept = hash_of(load_lifter(output_dir).training_weights())
        except InputError as error:
            self._said.write_text(str(error))
            return 3
        except BaseException:
            self._said.write_text(traceback.format_exc())
            return 1
        self._said.write_text(trained if kept == trained else "another model was kept")
        return 0


class Watch:
    """What a training writes at a moment, as far as its folder shows; what an earlier one left
    half-written is not taken for it.
    """

    def __init__(self, output_dir: pathlib.Path):
        self._folder = output_dir
        self._stale = self._unfinished()

    def what_is_written(self) -> str | None:
        unfinished = self._unfinished()
        self._stale &= unfinished
        for name in unfinished - self._stale:
            return name.split("-", 3)[-1] if name.startswith(".partial-") else "a checkpoint"
        return None

    def _unfinished(self) -> set[str]:
        with contextlib.suppress(FileNotFoundError):
            names = [path.name for path in self._folder.iterdir() if path.name[0] == "."]
            folder = self._folder / "checkpoints"
            checkpoints = [path.name for path in folder.iterdir()] if folder.is_dir() else []
            return {*names, *(x for x in checkpoints if "." not in x)}
        return set()


def check_whole(output_dir: pathlib.Path) -> None:
    """Every file that can be read back is whole, whatever stopped its writer."""
    for path in output_dir.glob("[!.]*.keras"):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None, path
            assert "model.weights.h5" in archive.namelist(), path
    for path in output_dir.glob("[!.]*.json"):
        json.loads(path.read_text())
    for path in output_dir.glob("flags.cfg"):
        assert path.read_text() == FLAGS


def kill(trainings: Trainings, folder: pathlib.Path, kills: int, seed: int) -> dict:
    """What was killed, and how many trainings were made of what was left."""
    rng = random.Random(seed)
    start = time.monotonic()
    code, expected = trainings.finish(trainings.start(folder / "whole"))
    assert code == 0, expected
    seconds = time.monotonic() - start
    killed: collections.Counter[str] = collections.Counter()
    finished, output_dir = 0, folder / "killed"
    while killed.total() < kills or output_dir.exists():
        watch = Watch(output_dir)
        process = trainings.start(output_dir)
        if killed.total() < kills:
            moment = rng.uniform(0, 2 * seconds)  # it may have become slower since
            aimed = killed.total() % 2 == 1
            began = time.monotonic()
            while time.monotonic() - began < moment or aimed:
                if aimed and time.monotonic() - began > moment and watch.what_is_written():
                    break
                if has_ended(process):
                    break
                time.sleep(0.0005)
            written = watch.what_is_written()
            os.kill(process, signal.SIGKILL)
        code, said = trainings.finish(process)
        if code == -signal.SIGKILL:
            killed[f"while it wrote {written}" if written else "at another moment"] += 1
            print(f"{killed.total()} killed, {finished} finished", flush=True)
            check_whole(output_dir)
            continue
        assert (code, said) == (0, expected)
        check_whole(output_dir)
        left = [path.name for path in output_dir.iterdir() if path.name.startswith(".")]
        assert not left, left
        finished += 1
        shutil.rmtree(output_dir)
    return {"kills": killed.total(), "finished_equal": finished, "killed": dict(killed)}


def fill_disks(trainings: Trainings, folder: pathlib.Path, disks: int) -> dict:
    """What trainings said on disks that were too small, and that they ended well on larger ones."""
    code, expected = trainings.finish(trainings.start(folder / "roomy"))
    assert code == 0, expected
    needed = sum(path.stat().st_size for path in (folder / "roomy").rglob("*") if path.is_file())
    reasons: collections.Counter[str] = collections.Counter()
    for disk in range(disks):
        place = folder / f"disk{disk}"
        place.mkdir()
        kib = 8 + disk * 2 * needed // 1024 // disks
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", place], check=True)
        try:
            code, said = trainings.finish(trainings.start(place / "run"))
            if code:
                assert code == 3, said
                assert "\n" not in said
                reasons[said.replace(str(place), "DISK").split(": ")[0]] += 1
                check_whole(place / "run")
            subprocess.run(["mount", "-o", "remount,size=64m", place], check=True)
            ended = trainings.finish(trainings.start(place / "run"))
            assert ended == (0, expected), (kib, said, ended)
        finally:
            subprocess.run(["umount", place], check=True)
    return {"disks": disks, "too_small": reasons.total(), "named": dict(reasons)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--disks", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    collect_rarely()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        trainings = Trainings(folder)
        if given.kills:
            print(json.dumps(kill(trainings, folder, given.kills, given.seed)))
        if given.disks:
            print(json.dumps(fill_disks(trainings, folder, given.disks)))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
