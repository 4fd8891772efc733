"""What no reader may do, for the loop to notice."""

import os
import pathlib
import time

from anatomy_tf.errors import InputError
from tests.fuzz.reader import Reader


class _OverlongError(InputError):
    """As an error of many lines would be."""

    def __str__(self) -> str:
        return "one\ntwo"


def _raise(error: Exception) -> None:
    raise error


MISTAKES = {
    "bug": lambda folder: _raise(KeyError("x")),
    "message": lambda folder: _raise(_OverlongError()),
    "memory": lambda folder: b"x" * (100 << 20),
    "executed": lambda folder: os.system("true"),
    "written": lambda folder: (folder / "escaped").touch(),
    "hang": lambda folder: time.sleep(60),
    "crash": lambda folder: os._exit(3),
}
"""What each outcome is of."""


def _unless_whole(mistake):
    """The file is read once as it is; the mistake is made of the changed one."""

    def read(folder: pathlib.Path) -> None:
        if (folder / "a.txt").read_bytes() != b"whole":
            mistake(folder)

    return read


READERS = [
    Reader(
        f"mistakes/{name}",
        lambda folder: (folder / "a.txt").write_bytes(b"whole"),
        _unless_whole(mistake),
    )
    for name, mistake in MISTAKES.items()
]
