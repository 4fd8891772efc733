"""The text of motion files, as editors and capture systems leave it."""

from __future__ import annotations

import codecs
import pathlib

import numpy as np

from anatomy_tf.errors import InputError

_LARGEST_FILE = 2 << 30
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_FILLING = "\x1a\0 \t\n"


def read_text(path: pathlib.Path) -> str:
    r"""The text of a motion or mapping file, with `\n` at the ends of lines.

    Byte order marks, of UTF-16 too, and what old systems fill the end of a file with (Ctrl-Z,
    zeros, blank lines) are dropped. Bytes that are no UTF-8 can only be in names, and are replaced.

    Raises:
      InputError: the file is missing, cannot be read, or is larger than any motion.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise InputError(f"{path}: larger than {_LARGEST_FILE >> 30} GiB; cut it into takes")
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: file not found") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    encoding = "utf-16" if content.startswith(_UTF_16) else "utf-8"
    text = content.decode(encoding, errors="replace").lstrip("\ufeff")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = text.rstrip(_FILLING)
    return f"{kept}\n" if "\n" in text[len(kept) :] else kept


def numbers(words: list[str], count: int, where: str) -> list[float]:
    """`count` finite numbers.

    Raises:
      InputError: another count, or a word that is none; starts with `where`.
    """
    try:
        values = [float(word) for word in words]
    except ValueError as error:
        raise InputError(f"{where}: {' '.join(words)[:60]!r} are not numbers") from error
    if len(values) != count:
        raise InputError(f"{where}: {len(values)} numbers, expected {count}")
    if not np.isfinite(values).all():
        raise InputError(f"{where}: {' '.join(words)[:60]} is not finite")
    return values
