"""Files that other libraries read, in a process with limits: `read_apart.py`."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import time

import numpy as np

from anatomy_tf.errors import InputError

MAX_SECONDS = 120
READER = pathlib.Path(__file__).with_name("read_apart.py")


def read_apart(folder: pathlib.Path, source: object) -> None:
    """Reads every `.cdf` and `.c3d` file in `folder`; `arrays_of` then gives what it found.

    Raises:
      InputError: the process fails, or takes too long; names the `source` of the files.
    """
    command = [sys.executable, "-I", str(READER), str(folder)]
    # cdflib unpacks some files beside.
    environment = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    end, finished = time.monotonic() + MAX_SECONDS, -1
    try:
        while True:
            left = max(end - time.monotonic(), 0)
            done = subprocess.run(command, capture_output=True, timeout=left, env=environment)
            if not done.returncode:
                return
            # A file that ended it has a reason beside it now, and the next start goes on after it.
            before, finished = finished, len([*folder.glob("*.npz"), *folder.glob("*.txt")])
            if finished == before:
                done.check_returncode()
    except (subprocess.SubprocessError, OSError) as error:
        raise InputError(f"{source}: reading its files failed: {type(error).__name__}") from error


def arrays_of(file: pathlib.Path, where: str) -> dict[str, np.ndarray]:
    """What `read_apart` found in a file.

    Raises:
      InputError: it could not be read; names `where`, and why.
    """
    values, error = file.with_suffix(".npz"), file.with_suffix(".txt")
    if error.is_file() or not values.is_file():
        reason = error.read_text() if error.is_file() else "reading stopped"
        raise InputError(f"{where}: damaged, or without what it should hold ({reason})")
    with np.load(values, allow_pickle=False) as arrays:
        return dict(arrays)
