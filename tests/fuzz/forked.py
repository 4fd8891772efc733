"""`read_apart.py` in a fork of the process that reads mutated files, which has loaded all that it
takes: starting a Python for every file takes twenty times as long.
"""

import contextlib
import multiprocessing
import subprocess
from collections.abc import Iterator
from unittest import mock

from anatomy_tf.data.files import apart, read_apart


@contextlib.contextmanager
def reading_in_forks() -> Iterator[None]:
    """Within, the process that reads apart is a fork, with the same limit of memory, and a shorter
    one of time.
    """
    import cdflib  # noqa: F401
    import ezc3d  # noqa: F401

    seconds = mock.patch.object(read_apart, "MAX_SECONDS", 2)
    with seconds, mock.patch.object(apart.subprocess, "run", _run):
        yield


def _run(command: list[str], timeout: float, **_: object) -> subprocess.CompletedProcess:
    process = multiprocessing.get_context("fork").Process(
        target=read_apart.read_folder, args=command[-1:]
    )
    process.start()
    process.join(timeout)
    if process.exitcode is None:
        process.kill()
        raise subprocess.TimeoutExpired(command, timeout)
    return subprocess.CompletedProcess(command, process.exitcode)
