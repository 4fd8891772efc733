"""Text and JSON out of files that may be anything, with a limit on their size and errors of one
line.
"""

from __future__ import annotations

import codecs
import json
import math
import pathlib

from anatomy_tf.errors import InputError

MAX_BYTES = 512 * 2**20
"""Hours of video, also where every number is indented on a line of its own."""
MAX_VALUES = 40_000_000
"""In JSON; an empty list takes twenty times its length in memory, so the size alone would bound
nothing.
"""


def read_json(path: pathlib.Path) -> object:
    """What the file holds: dicts, lists, strings, numbers, None.

    Raises:
      InputError: the file is missing, too large, or not JSON; NaN is taken, as Python writes it.
    """
    return parse_json(read_bytes(path), str(path))


def parse_json(data: bytes, source: str) -> object:
    """As `read_json`, of bytes that messages call `source`."""
    if sum(map(data.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise InputError(f"{source}: more than {MAX_VALUES:,} values; split the video")
    text = decode(data, source)
    try:
        return json.loads(text, parse_constant=_constant)
    except RecursionError as error:
        raise InputError(f"{source}: lists within lists, deeper than any detections") from error
    except MemoryError as error:
        raise InputError(f"{source}: too large for the memory") from error
    except ValueError as error:
        raise InputError(f"{source}: truncated, or not JSON ({error})") from error


def read_text(path: pathlib.Path) -> str:
    """What the file holds.

    Raises:
      InputError: the file is missing, too large, or not text.
    """
    return decode(read_bytes(path), str(path))


def decode(data: bytes, source: str) -> str:
    """Text, whatever byte order mark is in front.

    Raises:
      InputError: it is none.
    """
    try:
        return data.decode(encoding_of(data))
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: not text ({error})") from error


def read_bytes(path: pathlib.Path) -> bytes:
    """The whole file.

    Raises:
      InputError: it is missing, no file, or larger than `MAX_BYTES`.
    """
    try:
        if not path.is_file():
            raise InputError(f"{path}: file not found")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    if len(data) > MAX_BYTES:
        raise InputError(f"{path}: larger than {MAX_BYTES // 2**20} MiB; split the video")
    return data


def encoding_of(data: bytes) -> str:
    """UTF-8, or what the byte order mark says that some editors and shells put in front."""
    return "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"


def _constant(name: str) -> float:
    if name != "NaN":
        raise ValueError(f"{name} is no number")
    return math.nan
