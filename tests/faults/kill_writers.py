"""Kills writers of everything but trainings in the middle of their work, and looks at what is left.

    python -m tests.faults.kill_writers --kills=20
    python -m tests.faults.kill_writers --kills=5 --writers=saved_model,serving

Each kill comes while the writer's temporary file or folder is there, after a random part of the
time that it usually is. Then what was to be written is absent or whole; and the writer that is left
alone afterwards writes all of it and removes what the killed ones left.
"""

import argparse
import os
import pathlib
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable

import anatomy_tf.command_line  # noqa: F401  # isort: skip

from anatomy_tf.poses.result import read_poses
from tests.faults.forked import exit_code, forked, has_ended
from tests.faults.writers import EXPORTS, WRITERS, Examples

Sizes = dict[str, int]


def written(write: Callable, examples: Examples, target: pathlib.Path) -> int:
    """The number of a process that writes."""

    def work() -> int:
        write(examples, target)
        return 0

    return forked(work)


def files_of(target: pathlib.Path) -> dict[str, pathlib.Path]:
    """All files that are `target`, or those of several people, or in it."""
    files = target.parent.glob("[!.]*")
    within = (path for file in files for path in (file, *file.rglob("*")) if path.is_file())
    return {str(path.relative_to(target.parent)): path for path in within}


def sizes(target: pathlib.Path) -> Sizes:
    return {name: path.stat().st_size for name, path in files_of(target).items()}


def same(one: Sizes, other: Sizes) -> bool:
    """Nearly, as dates and numbers at random may take more or less, and names of nodes in ONNX."""
    return one.keys() == other.keys() and all(
        abs(one[name] - size) <= 8 + (0.02 if name.endswith(".onnx") else 0.01) * size
        for name, size in other.items()
    )


def examples_in(folder: pathlib.Path) -> Examples:
    """With poses that a process of its own has lifted, as TensorFlow may not compute before."""
    examples, poses = Examples(), folder / "poses.npz"
    assert exit_code(written(WRITERS["x.npz"], examples, poses)) == 0
    examples.poses = read_poses(poses)
    return examples


def unfinished(folder: pathlib.Path) -> set[str]:
    """What is being written, or was left of it; it may go while it is looked for."""
    names = (name for _, folders, files in os.walk(folder) for name in (*folders, *files))
    return {name for name in names if name.startswith(".partial-")}


def seconds_of_writing(process: int, folder: pathlib.Path) -> float:
    """How long something is unfinished in the folder while the process works."""
    began, seconds = None, 0.0
    while not has_ended(process):
        if unfinished(folder):
            began = began or time.monotonic()
            seconds = time.monotonic() - began
        time.sleep(0.0002)
    assert exit_code(process) == 0
    return seconds


def kill(name: str, write: Callable, examples: Examples, folder: pathlib.Path, kills: int, rng):
    """How many kills found nothing, and how many the whole of it."""
    target = folder / "out" / name
    target.parent.mkdir()
    seconds = seconds_of_writing(written(write, examples, target), target.parent)
    expected, found = sizes(target), {"absent": 0, "whole": 0, "too late": 0}
    shutil.rmtree(target.parent)
    target.parent.mkdir()
    while found["absent"] + found["whole"] < kills:
        stale = unfinished(target.parent)
        process = written(write, examples, target)
        while not has_ended(process):
            if unfinished(target.parent) - stale:
                time.sleep(rng.uniform(0, seconds))
                break
            time.sleep(0.0002)
        os.kill(process, signal.SIGKILL)
        code, left = exit_code(process), sizes(target)
        assert code in (0, -signal.SIGKILL), code
        assert not left or same(left, expected), (left, expected)
        found["too late" if code == 0 else "whole" if left else "absent"] += 1
        for path in target.parent.glob("[!.]*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert exit_code(written(write, examples, target)) == 0
    assert same(sizes(target), expected), (sizes(target), expected)
    assert not unfinished(target.parent), unfinished(target.parent)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20, help="of every writer")
    parser.add_argument("--writers", default=",".join(WRITERS | EXPORTS))
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as scratch:
        examples = examples_in(pathlib.Path(scratch))
        for number, name in enumerate(given.writers.split(",")):
            folder = pathlib.Path(scratch) / str(number)
            folder.mkdir()
            found = kill(name, (WRITERS | EXPORTS)[name], examples, folder, given.kills, rng)
            print(f"{name}: {found}", flush=True)


if __name__ == "__main__":
    main()
