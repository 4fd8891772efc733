"""One run at a time in a folder."""

from __future__ import annotations

import contextlib
import os
import pathlib
from collections.abc import Iterator

from anatomy_tf.errors import InputError

try:
    import fcntl
except ImportError:  # Windows has no such locks, and there nothing keeps two runs apart
    fcntl = None  # type: ignore[assignment]

LOCK_NAME = "run.lock"


@contextlib.contextmanager
def run_lock(output_dir: pathlib.Path) -> Iterator[None]:
    """Keeps other processes out of a run's folder; the system opens the lock when this process
    ends, however it does.

    Raises:
      InputError: another process trains there.
    """
    path = output_dir / LOCK_NAME
    file = _locked(path)
    try:
        with contextlib.suppress(OSError):  # a full disk; the number is for the message only
            os.truncate(file, 0)
            os.write(file, f"{os.getpid()}\n".encode())
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(file)


def _locked(path: pathlib.Path) -> int:
    while True:
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror})") from error
        if fcntl is None:
            return file
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            who = os.read(file, 20).decode("ascii", "replace").strip()
            os.close(file)
            number = f", number {who}" if who.isdecimal() else ""
            raise InputError(f"{path.parent}: another process trains there{number}") from error
        except OSError:  # a file system without locks
            return file
        # Whoever had it may have removed the file between opening and locking it.
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file), path.stat()):
                return file
        os.close(file)
