"""A program of its own: reads every `.cdf` and `.c3d` file in a folder.

Beside each file it leaves `.npz`, or `.txt` with what is wrong. It is not run in the process that
asks, because a damaged count can keep cdflib or ezc3d reading for hours, or filling the memory, and
ezc3d may crash. After some seconds with one file it ends; started again, it goes on with the next.
Memory has a limit where the system can set one; elsewhere (Windows) the seconds are all that limits
it, and not while ezc3d reads.
"""

import contextlib
import functools
import os
import pathlib
import signal
import sys
import threading
from collections.abc import Iterator

import numpy as np

try:
    import resource
except ImportError:
    resource = None

MAX_SECONDS = 20
MAX_BYTES = 4 << 30


def read_cdf(path: pathlib.Path) -> dict:
    """The variable `Pose`."""
    import cdflib

    return {"Pose": np.asarray(cdflib.CDF(path)["Pose"], np.float64)}


def read_c3d(path: pathlib.Path) -> dict:
    """`points (3, L, T)` and what they are called; `rate` and `units`."""
    import ezc3d

    file = ezc3d.c3d(str(path))
    about = file["parameters"]["POINT"]
    return {
        "points": np.asarray(file["data"]["points"][:3], np.float64),
        "labels": np.array([str(label).strip() for label in about["LABELS"]["value"]], "U64"),
        "rate": np.float64(about["RATE"]["value"][0]),
        "units": np.array(str(about["UNITS"]["value"][0]).strip(), "U8"),
    }


READERS = {".cdf": read_cdf, ".c3d": read_c3d}


def read_folder(folder: str) -> None:
    """Leaves a file for every one in the folder that has none yet."""
    if resource:
        resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
    for path in sorted(file for file in pathlib.Path(folder).iterdir() if file.suffix in READERS):
        values, reason = path.with_suffix(".npz"), path.with_suffix(".txt")
        if values.is_file() or reason.is_file():
            continue
        # It stays where the file ends the process.
        reason.write_text(f"not read within {MAX_SECONDS} seconds, or not at all", "ascii")
        try:
            with _patience():
                np.savez(values, **READERS[path.suffix](path))
            reason.unlink()
        except Exception as error:  # the libraries raise any kind for a damaged file
            said = str(error).replace(str(path), "it") or type(error).__name__
            reason.write_text(ascii(said)[1:-1][:200], encoding="ascii")


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    """Ends the process after some seconds: nothing else stops a loop within a library."""
    if hasattr(signal, "setitimer"):  # the system does, also while no other thread may run
        signal.setitimer(signal.ITIMER_REAL, MAX_SECONDS)
        stop = functools.partial(signal.setitimer, signal.ITIMER_REAL, 0)
    else:
        timer = threading.Timer(MAX_SECONDS, os._exit, [1])
        timer.daemon = True
        timer.start()
        stop = timer.cancel
    try:
        yield
    finally:
        stop()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        read_folder(sys.argv[1])
