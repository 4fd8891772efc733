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
    """A temporary name beside `path` (same ending) to write a file to; renamed when the block ends
    well.

    Raises:
      InputError: the file cannot be written there.
    """
    path = pathlib.Path(path)
    with _temporary(path) as temporary:
        temporary.touch()
        yield temporary
        temporary.replace(path)


@contextlib.contextmanager
def new_folder(path: pathlib.Path | str, replace: bool = False) -> Iterator[pathlib.Path]:
    """An empty folder beside `path` to write to; renamed when the block ends well.

    Args:
      replace: an older folder of that name gives way, once the new one is whole.

    Raises:
      InputError: `path` is there already and not empty, or cannot be written.
    """
    path = pathlib.Path(path)
    if path.exists() and not replace and not (path.is_dir() and not any(path.iterdir())):
        raise InputError(f"{path} is there already and not empty; it was left as it is")
    with _temporary(path) as temporary:
        temporary.mkdir()
        yield temporary
        if replace and path.is_dir():
            shutil.rmtree(path)
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
