"""Cuts the power of the disk that is written to, again and again, and looks at what is left.

    python -m tests.faults.cut_power --cuts=50
    python -m tests.faults.cut_power --cuts=6 --writers

Training goes on with `resume` after each cut until it is done, and its weights have to be those of
one whose disk stayed. Of files, every other cut comes when their writer has ended, and then they
have to be there; the others come before, and they are there as a whole or not at all.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import tempfile
import time

import anatomy_tf.command_line  # noqa: F401  # isort: skip

from tests.faults.disk import SYSTEMS, Disk
from tests.faults.forked import exit_code, has_ended
from tests.faults.kill_training import Trainings, check_whole
from tests.faults.kill_writers import Sizes, examples_in, files_of, same, written
from tests.faults.writers import EXPORTS, WRITERS, Examples
from tests.garbage import collect_rarely


def cut_trainings(trainings: Trainings, folder: pathlib.Path, disk: Disk, cuts: int, rng) -> dict:
    """How often power was cut, and how many trainings were made of what was left."""
    began = time.monotonic()
    code, weights = trainings.finish(trainings.start(folder / "whole"))
    assert code == 0, weights
    seconds = time.monotonic() - began
    output_dir = disk.place / "run"
    done = finished = 0
    while done < cuts or not finished:
        with disk:
            process = trainings.start(output_dir)
            if done < cuts:
                _wait(process, rng.uniform(0, seconds))
                os.kill(process, signal.SIGKILL)  # so that it hears of no fault
            code, said = trainings.finish(process)
            if code == -signal.SIGKILL:
                disk.lose_power()
                done += 1
                continue
            assert (code, said) == (0, weights), (done, code, said)
            check_whole(output_dir)
            shutil.rmtree(output_dir)
            finished += 1
    return {"cuts": done, "finished_equal": finished}


def cut_writer(name: str, examples: Examples, disk: Disk, cuts: int, rng) -> dict:
    """How often nothing was left, and how often the whole of it."""
    write, target = (WRITERS | EXPORTS)[name], disk.place / "out" / name
    found = {"absent": 0, "whole": 0}
    expected: Sizes = {}
    seconds = 0.0
    for number in range(cuts + 1):
        with disk:
            shutil.rmtree(target.parent, ignore_errors=True)
            target.parent.mkdir()
            os.sync()
            began = time.monotonic()
            process = written(write, examples, target)
            to_the_end = number % 2 == 0
            if not to_the_end:
                _wait(process, rng.uniform(0.5, 1) * seconds)
                os.kill(process, signal.SIGKILL)
            assert exit_code(process) in ((0,) if to_the_end else (0, -signal.SIGKILL))
            seconds = seconds or time.monotonic() - began
            expected = expected or contents(target)
            disk.lose_power()
        with disk:
            left = contents(target)
        assert same(left, expected) or (not left and not to_the_end), (number, left, expected)
        found["whole" if left else "absent"] += 1
    return found


def contents(target: pathlib.Path) -> Sizes:
    """How many bytes that are not zero are in each file that is `target`, or in it."""
    found = ((name, path.read_bytes()) for name, path in files_of(target).items())
    return {name: len(data) - data.count(0) for name, data in found}


def _wait(process: int, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not has_ended(process):
        time.sleep(0.0005)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--cuts", type=int, default=50, help="of every file system, or writer on it"
    )
    parser.add_argument("--systems", nargs="*", default=list(SYSTEMS))
    parser.add_argument("--writers", nargs="*", help="all of them, or these, instead of trainings")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    collect_rarely()
    with tempfile.TemporaryDirectory() as scratch:
        folder, rng = pathlib.Path(scratch), random.Random(given.seed)
        trainings = Trainings(folder) if given.writers is None else None
        examples = examples_in(folder) if trainings is None else None
        for number, system in enumerate(given.systems):
            place = folder / str(number)
            place.mkdir()
            disk = Disk(place, system)
            if trainings:
                found = {"training": cut_trainings(trainings, place, disk, given.cuts, rng)}
                print(json.dumps({"system": system, **found}), flush=True)
                continue
            for name in given.writers or [*WRITERS, *EXPORTS]:
                found = cut_writer(name, examples, disk, given.cuts, rng)
                print(json.dumps({"system": system, "writer": name, **found}), flush=True)


if __name__ == "__main__":
    main()
