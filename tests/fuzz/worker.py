"""A process that reads mutated files one after another, and says what came of each.

`python -m tests.fuzz.worker SCRATCH MEMORY SEED` takes lines `READER START STOP SECONDS` on
standard input, and writes a line of JSON before and after every file. Who started it stops it when
a file takes too long.
"""

import gc
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time
import traceback
import warnings

from anatomy_tf.errors import InputError
from tests.fuzz import guard as guards
from tests.fuzz.mutations import mutated
from tests.fuzz.reader import Reader
from tests.fuzz.readers import reader_called

LONGEST_MESSAGE = 2500


def main(scratch: pathlib.Path, memory: int, seed: int) -> None:
    tempfile.tempdir = os.environ["TMPDIR"] = str(scratch / "tmp")
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(scratch / "errors", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    (scratch / "tmp").mkdir(exist_ok=True)
    guard = guards.Guard(scratch)
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        name, start, stop, seconds = line.split()
        reader = reader_called(name)
        folder = scratch / "work" / "input"
        os.chdir(scratch)
        shutil.rmtree(scratch / "work", ignore_errors=True)
        folder.mkdir(parents=True)
        os.chdir(folder)
        say(out, reader=name)
        try:
            reader.write(folder)
            reader.read(folder)  # imports what it takes; a whole file is read
        except Exception:
            say(out, broken=traceback.format_exc())
            continue
        guards.limit_memory(memory * 4)
        gc.collect()
        end = time.monotonic() + float(seconds)
        for number in range(int(start), int(stop)):
            if time.monotonic() > end:
                break
            rng = random.Random(f"{seed}/{reader.name}/{number}")
            path = folder / rng.choice(reader.files(folder))
            original = path.read_bytes()
            path.write_bytes(mutated(rng, original, path.name))
            say(out, start=number)
            outcome, about = attempt(reader, folder, memory, guard)
            path.write_bytes(original)
            say(out, done=number, outcome=outcome, about=about)
        say(out, finished=name)


def attempt(
    reader: Reader, folder: pathlib.Path, memory: int, guard: guards.Guard
) -> tuple[str, str]:
    """What came of the files as they now are, and what there is to say of it."""
    there = set(folder.parent.parent.iterdir()), set(folder.parent.iterdir()), set(folder.iterdir())
    before = guards.forget_peak()
    about = ""
    with guard.watching() as seen:
        try:
            reader.read(folder)
            outcome = "read"
        except InputError as error:
            outcome, about = "refused", str(error)
        except BaseException as error:
            outcome = "bug"
            frames = traceback.extract_tb(error.__traceback__)
            own = [f for f in frames if "/anatomy_tf/" in f.filename] or frames
            about = f"{type(error).__name__} {error!s:.200} at {own[-1].filename}:{own[-1].lineno}"
    taken = guards.peak_memory() - before
    if outcome == "refused" and not (about.isprintable() and len(about) <= LONGEST_MESSAGE):
        outcome, about = "message", f"{len(about)} characters: {about!r:.300}"
    if taken > memory:
        outcome, about = "memory", f"{taken >> 20} MiB; {about}"
    if seen:
        outcome, about = "executed", "; ".join(seen)
    now = set(folder.parent.parent.iterdir()), set(folder.parent.iterdir()), set(folder.iterdir())
    if now != there:
        outcome, about = "written", str([sorted(a - b) for a, b in zip(now, there, strict=True)])
    return outcome, about


def say(out: int, **what) -> None:
    os.write(out, (json.dumps(what) + "\n").encode())


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
