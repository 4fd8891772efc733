"""Outputs that are either there in full or not at all."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
from collections.abc import Iterator

from anatomy_tf.errors import InputError


@contextlib.contextmanager
def replacing(path: pathlib.Path | str) -> Iterator[pathlib.Path]:
    """A temporary name beside `path` (same ending) to write a file to; renamed when the block ends well.

    Raises:
      InputError: the file cannot be written there.
    """
    path = pathlib.Path(path)
    with _temporary(path) as temporary:
        yield temporary
        temporary.replace(path)


@contextlib.contextmanager
def new_folder(path: pathlib.Path | str) -> Iterator[pathlib.Path]:
    """A temporary name beside `path` to write a folder to; renamed when the block ends well.

    Raises:
      InputError: `path` is there already and not empty, or cannot be written.
    """
    path = pathlib.Path(path)
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise InputError(f"{path} is there already and not empty; nothing was written")
    with _temporary(path) as temporary:
        yield temporary
        temporary.replace(path)


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


@contextlib.contextmanager
def _temporary(path: pathlib.Path) -> Iterator[pathlib.Path]:
    temporary = path.with_name(f".partial-{os.getpid()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error})") from error
    finally:
        if temporary.is_dir():
            shutil.rmtree(temporary)
        else:
            with contextlib.suppress(OSError):
                temporary.unlink()
