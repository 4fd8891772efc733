"""MATLAB files of version 5 (`save -v6`, `-v7`): one variable of numbers, or a cell array of such.

SciPy reads these too, but trusts them: a cell array nested deeply enough ends the process, and 200
bytes are enough to make it allocate gigabytes. Here sizes are checked against the bytes that are
there, and cells do not nest.
"""

from __future__ import annotations

import math
import os
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from anatomy_tf.errors import InputError

MAGIC = b"MATLAB 5.0 MAT-file"
MAX_INFLATED = 2**28
"""Bytes of a compressed variable; twice those of the longest annotation of MPI-INF-3DHP."""

_HEADER, _HEAD = 128, 1024  # bytes of the file's header; of a variable that hold its name for sure
_MATRIX, _COMPRESSED = 14, 15
_CELL, _NUMBERS = 1, range(6, 16)  # classes of a matrix
_COMPLEX = 0x800
_DTYPES = {
    **{1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4"},
    **{7: "f4", 9: "f8", 12: "i8", 13: "u8"},
}


def read_variable(file: BinaryIO, key: str) -> np.ndarray | list[np.ndarray] | None:
    """Numbers as MATLAB has them, those of every cell in column-major order, or None if there is no
    such variable.

    Raises:
      InputError: the file is cut short, contradicts itself, or the variable holds something else.
      struct.error, zlib.error: it is damaged.
    """
    header = file.read(_HEADER)
    mark = header[-2:]
    if len(header) < _HEADER or mark not in (b"IM", b"MI"):
        raise InputError("cut short or damaged in the header")
    order = "<" if mark == b"IM" else ">"
    size_of_file = os.fstat(file.fileno()).st_size
    while tag := file.read(8):
        kind, size = struct.unpack(f"{order}2I", tag)
        start = file.tell()
        if start + size > size_of_file:
            raise InputError("the file is cut short")
        if kind not in (_MATRIX, _COMPRESSED) or not size:
            raise InputError(f"damaged: no variable at byte {start - 8}")
        head = file.read(min(size, _HEAD))
        head = tag + head if kind == _MATRIX else _inflate(head, _HEAD)
        if _name(head, order) == key:
            file.seek(start)
            whole = file.read(size)
            whole = tag + whole if kind == _MATRIX else _inflate(whole, MAX_INFLATED, True)
            return _variable(whole, order)
        file.seek(start + size)
    return None


def _inflate(data: bytes, limit: int, to_the_end: bool = False) -> bytes:
    stream = zlib.decompressobj()
    inflated = stream.decompress(data, limit)
    if to_the_end and not stream.eof:
        raise InputError(f"cut short, or larger than the {limit} bytes that are read")
    return inflated


def _elements(data: bytes | memoryview, order: str, cut: bool = False) -> Iterator[tuple]:
    """Type and contents of the elements in `data`, the last of which may be `cut` short."""
    data, start = memoryview(data), 0
    while start < len(data):
        kind, size = struct.unpack_from(f"{order}2I", data, start)
        begin = start + 8
        if kind >> 16:  # up to four bytes share the eight of the tag with their size and type
            kind, size, begin, start = kind & 0xFFFF, kind >> 16, start + 4, begin
        else:
            start = begin + size + -size % 8
        contents = data[begin : begin + size]
        if len(contents) < size and not cut:
            raise InputError("an element is cut short")
        yield kind, contents


def _name(head: bytes, order: str) -> str:
    """The name of a matrix of which at least the start is given."""
    _, matrix = next(_elements(head, order, cut=True), (0, b""))
    parts = _elements(matrix, order, cut=True)
    for _ in ("flags", "dimensions"):
        next(parts, None)
    _, name = next(parts, (0, b""))
    return bytes(name).decode("latin-1")


def _variable(whole: bytes, order: str) -> np.ndarray | list[np.ndarray]:
    _, matrix = next(_elements(whole, order), (0, b""))
    kind, shape, contents = _parts(matrix, order)
    if kind != _CELL:
        return _numbers(kind, shape, contents, order)
    cells = [_numbers(*_parts(cell, order), order) for _, cell in contents]
    if len(cells) != math.prod(shape):
        raise InputError(f"{len(cells)} cells, but dimensions {shape}")
    return cells


def _parts(matrix: bytes | memoryview, order: str) -> tuple[int, tuple[int, ...], Iterator]:
    """Class and dimensions of a matrix, and the elements that follow its name."""
    parts = _elements(matrix, order)
    header = [contents for _, contents in (next(parts, (0, b"")) for _ in range(3))]
    (flags,) = struct.unpack_from(f"{order}I", header[0])
    shape = struct.unpack(f"{order}{len(header[1]) // 4}i", header[1])
    if flags & _COMPLEX:
        raise InputError("holds complex numbers")
    return flags & 0xFF, shape, parts


def _numbers(kind: int, shape: tuple[int, ...], contents: Iterator, order: str) -> np.ndarray:
    if kind not in _NUMBERS:
        raise InputError("holds something other than numbers")
    stored, data = next(contents, (0, b""))
    if stored not in _DTYPES:
        raise InputError(f"holds data of the unknown type {stored}")
    dtype = np.dtype(order + _DTYPES[stored])
    if min(shape, default=-1) < 0 or math.prod(shape) * dtype.itemsize != len(data):
        raise InputError(f"{len(data)} bytes of {dtype}, but dimensions {shape}")
    return np.frombuffer(data, dtype).reshape(shape, order="F")
