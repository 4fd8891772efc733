"""Reads mutated files in a process that is replaced when it crashes or hangs, and counts what came
of them.
"""

import collections
import dataclasses
import json
import os
import pathlib
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence

GOOD = ("read", "refused")
_LONGEST_START = 900
"""Seconds until a process has imported all that it takes, on a machine with other work on it."""
ROOT = pathlib.Path(__file__).parents[2]


@dataclasses.dataclass
class Tally:
    """What came of a reader's files: how often each outcome, and what was not good."""

    counts: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    failures: list[tuple[int, str, str]] = dataclasses.field(default_factory=list)

    def add(self, number: int, outcome: str, about: str) -> None:
        self.counts[outcome] += 1
        if outcome not in GOOD:
            self.failures.append((number, outcome, about))


def fuzz(
    readers: Sequence[str],
    count: int,
    seed: int = 0,
    first: int = 0,
    patience: float = 30,
    memory: int = 1 << 30,
    seconds: float = 1e9,
    report: Callable[[str, Tally], None] = lambda reader, tally: None,
) -> dict[str, Tally]:
    """Reads `count` mutated files of every reader, or as many as `seconds` for each allow.

    Args:
      first: number of the first file; the same seed and number give the same file.
      patience: seconds that a file may take.
      memory: bytes that reading a file may take at most.
      report: called every thousand files, and for every failure.
    """
    tallies = {}
    for reader in readers:
        tallies[reader] = Tally()
    waiting = dict.fromkeys(readers, (first, first + count))
    # In memory where that can be: it is written for every file.
    memory_disk = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory_disk) as scratch:
        while waiting:
            _one_process(waiting, tallies, scratch, seed, patience, memory, seconds, report)
    return tallies


def _one_process(waiting, tallies, scratch, seed, patience, memory, seconds, report) -> None:
    """Goes on until all is done, or a file ends the process, which then counts as done."""
    command = [sys.executable, "-m", "tests.fuzz.worker", scratch, str(memory), str(seed)]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *sys.path[1:]])
    jobs = "".join(f"{name} {a} {b} {seconds}\n" for name, (a, b) in waiting.items())
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=environment
    ) as worker:
        worker.stdin.write(jobs.encode())
        worker.stdin.close()
        reader, number, rest = "", None, b""
        while True:
            wait = patience if number is not None else _LONGEST_START
            ready, _, _ = select.select([worker.stdout], [], [], wait)
            data = os.read(worker.stdout.fileno(), 1 << 16) if ready else b""
            if not data:
                break
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                said = json.loads(line)
                if "reader" in said:
                    reader = said["reader"]
                elif "start" in said:
                    number = said["start"]
                elif "done" in said:
                    tallies[reader].add(said["done"], said["outcome"], said["about"])
                    waiting[reader] = (said["done"] + 1, waiting[reader][1])
                    number = None
                    good = said["outcome"] in GOOD
                    if not good or tallies[reader].counts.total() % 1000 == 0:
                        report(reader, tallies[reader])
                elif "broken" in said:
                    tallies[reader].add(-1, "whole files", said["broken"])
                    del waiting[reader]
                    report(reader, tallies[reader])
                elif "finished" in said:
                    del waiting[reader]
                    report(reader, tallies[reader])
        hung = worker.poll() is None and not ready
        worker.kill()
    if number is None:
        if waiting:
            raise RuntimeError(f"{reader}: the process ended ({worker.returncode}) between files")
        return
    said = pathlib.Path(scratch, "errors").read_text(errors="replace").strip()[-300:]
    about = f"more than {patience:g} s" if hung else f"ended with {worker.returncode}: {said}"
    tallies[reader].add(number, "hang" if hung else "crash", about)
    waiting[reader] = (number + 1, waiting[reader][1])
    report(reader, tallies[reader])
