"""A program of its own: reads every `.cdf` and `.c3d` file in a folder.

Beside each file it leaves `.npz`, or `.txt` with what is wrong. It is not run in the process that
asks, because a damaged count can keep cdflib reading for hours, or filling the memory, and ezc3d
may crash. After some seconds with one file it ends itself; started again, it goes on with the next.
Memory has a limit where the system can set one; elsewhere (Windows) the seconds are all that limits
it.
"""

import contextlib
import os
import pathlib
import sys
import threading

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
        patience = threading.Timer(MAX_SECONDS, _give_up, [reason])
        patience.daemon = True
        patience.start()
        try:
            np.savez(values, **READERS[path.suffix](path))
        except Exception as error:  # the libraries raise any kind for a damaged file
            said = str(error).replace(str(path), "it") or type(error).__name__
            reason.write_text(ascii(said)[1:-1][:200], encoding="ascii")
        finally:
            patience.cancel()


def _give_up(reason: pathlib.Path) -> None:
    """Nothing else stops a loop within a library on every system."""
    reason.write_text(f"not read within {MAX_SECONDS} seconds", encoding="ascii")
    os._exit(1)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        read_folder(sys.argv[1])
