"""A program of its own: reads the variable `Pose` of every `.cdf` file in a folder.

Beside each file it leaves `.npy`, or `.txt` with what is wrong. It is not run in the process that
asks, because a damaged count can keep cdflib reading for hours, or filling the memory; here both
have a limit.
"""

import contextlib
import pathlib
import resource
import signal
import sys

import cdflib
import numpy as np

MAX_SECONDS = 20
MAX_BYTES = 4 << 30


def read_folder(folder: str) -> None:
    """Leaves a file for every one in the folder."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
    signal.signal(signal.SIGALRM, _stop)
    for path in sorted(pathlib.Path(folder).glob("*.cdf")):
        signal.alarm(MAX_SECONDS)
        try:
            values = cdflib.CDF(path)["Pose"]
            np.save(path.with_suffix(".npy"), np.asarray(values, np.float64), allow_pickle=False)
        except Exception as error:  # cdflib raises any kind for a damaged file
            reason = str(error).replace(str(path), "it") or type(error).__name__
            path.with_suffix(".txt").write_text(ascii(reason)[1:-1][:200])
        finally:
            signal.alarm(0)


def _stop(*_) -> None:
    raise TimeoutError(f"not read within {MAX_SECONDS} seconds")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        read_folder(sys.argv[1])
