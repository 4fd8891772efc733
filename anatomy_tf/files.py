"""Outputs that are either there in full or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import pathlib
import re
import shutil
import socket
from collections.abc import Iterator

from anatomy_tf.errors import InputError, reason_of_system

_NOT_FOR_FOLDERS = (errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES)
"""What network file systems answer that hand no folder to a disk, and folders of others."""


@contextlib.contextmanager
def replacing(path: pathlib.Path | str) -> Iterator[pathlib.Path]:
    """A temporary name beside `path` (same ending) to write a file to; renamed when the block ends
    well.

    Raises:
      InputError: the file cannot be written there.
    """
    path = pathlib.Path(path)
    with _temporary(path) as temporary:
        temporary.touch()
        yield temporary
        hand_to_disk(temporary)
        temporary.replace(path)
        hand_to_disk(path.parent)


@contextlib.contextmanager
def new_folder(path: pathlib.Path | str, replace: bool = False) -> Iterator[pathlib.Path]:
    """An empty folder beside `path` to write to; renamed when the block ends well.

    Args:
      replace: an older folder of that name gives way, once the new one is whole.

    Raises:
      InputError: `path` is there already and not empty, or cannot be written.
    """
    path = pathlib.Path(path)
    if not replace:
        check_new_folder(path)
    with _temporary(path) as temporary:
        temporary.mkdir()
        yield temporary
        for folder, _, files in os.walk(temporary):
            for name in (*files, ""):
                hand_to_disk(pathlib.Path(folder, name))
        older = _temporary_name(path, "older-")
        if path.is_dir():
            path.replace(older)
        try:
            temporary.replace(path)
        except OSError:
            if older.is_dir():
                older.replace(path)
            raise
        hand_to_disk(path.parent)
        shutil.rmtree(older, ignore_errors=True)


@contextlib.contextmanager
def scratch_folder(path: pathlib.Path | str) -> Iterator[pathlib.Path]:
    """An empty folder beside `path` that is gone when the block ends; what processes of this
    machine that were killed have left of theirs goes when it begins.

    Raises:
      InputError: it cannot be written.
    """
    with _temporary(pathlib.Path(path)) as temporary:
        temporary.mkdir()
        yield temporary


def hand_to_disk(path: pathlib.Path) -> None:
    """Waits until what a file holds, or which files are in a folder, is on the disk: after a loss
    of power, a name may be there of which the content is not. A full disk may show only now.
    """
    is_folder, on_windows = path.is_dir(), os.name == "nt"
    if is_folder and on_windows:  # which flushes files alone, and only what may be written
        return
    try:
        handle = os.open(path, os.O_RDWR if on_windows else os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if not (is_folder and error.errno in _NOT_FOR_FOLDERS):
            raise


def writable_folder(path: pathlib.Path | str) -> pathlib.Path:
    """Makes the folder if need be.

    Raises:
      InputError: it cannot be made, or not be written to.
    """
    path = pathlib.Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from error
    return path


def check_output_file(path: pathlib.Path | str | None) -> None:
    """Refuses a file that cannot be written, before the long work that ends in it; nothing is
    written yet, and None is no file.

    Raises:
      InputError: it is a folder, or the folder that it would be in cannot be written.
    """
    if path is not None and pathlib.Path(path).is_dir():
        raise InputError(f"{path}: cannot be written (is a folder)")
    if path is not None:
        check_output_folder(pathlib.Path(path).parent, path)


def check_new_folder(path: pathlib.Path | str) -> None:
    """Refuses a folder that is not new, before the long work that ends in it.

    Raises:
      InputError: it is there already and not empty, or cannot be made.
    """
    path = pathlib.Path(path)
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise InputError(f"{path} is there already and not empty; it was left as it is")
    check_output_folder(path)


def check_output_folder(path: pathlib.Path | str, named: pathlib.Path | str | None = None) -> None:
    """Refuses a folder that cannot be made or written, before the long work that ends in it.

    Args:
      named: what the message calls it, if not `path`.

    Raises:
      InputError: what is there of its path is no folder, or not writable.
    """
    absolute = pathlib.Path(path).absolute()
    there = next(p for p in (absolute, *absolute.parents) if os.path.lexists(p))
    reason = None
    if not there.is_dir():
        reason = f"{there} is not a folder"
    elif not os.access(there, os.W_OK | os.X_OK):
        reason = f"{there} is not writable"
    if reason:
        raise InputError(f"{named or path}: cannot be written ({reason})")


@contextlib.contextmanager
def _temporary(path: pathlib.Path) -> Iterator[pathlib.Path]:
    temporary = _temporary_name(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(path)
        yield temporary
    except Exception as error:
        reason = reason_of_system(error)
        if reason is None:
            raise
        raise InputError(f"{path}: cannot be written ({reason})") from error
    finally:
        _remove(temporary)


def _temporary_name(path: pathlib.Path, kind: str = "") -> pathlib.Path:
    return path.with_name(f".partial-{_host()}-{os.getpid()}-{kind}{path.name}")


def _remove_leftovers(path: pathlib.Path) -> None:
    """What processes of this machine that were killed while they wrote `path` have left."""
    start = f".partial-{_host()}-"
    name = re.compile(rf"(\d+)-(older-)?{re.escape(path.name)}")
    # A folder may hold a whole library's results, each of which is written this way.
    with os.scandir(path.parent) as inside:
        others = [one.name for one in inside if one.name.startswith(start)]
    for other in others:
        found = name.fullmatch(other, len(start))
        if found and not _is_running(int(found[1])):
            _remove(path.with_name(other))


def _remove(path: pathlib.Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True


def _host() -> str:
    return re.sub(r"\W", "_", socket.gethostname())[:40]
