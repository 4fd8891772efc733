"""NumPy's pickles and `.npz` archives of objects, read as data: nothing in them is imported or run.

Where a file should hold plain arrays only, `archive.Archive` reads it instead.
"""

from __future__ import annotations

import contextlib
import io
import math
import mmap
import pathlib
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import numpy as np

from anatomy_tf.data.files.inert_pickle import Call, Global, Kind, read_pickle
from anatomy_tf.errors import InputError

PICKLE = Kind("NumPy", "pickle", "an array or a plain container", max_opcodes=5_000_000)
MAX_BYTES = 8 << 30
"""Of an archive, unpacked: ten times the largest set of detections."""
MAX_RATIO, ALWAYS_FINE = 100, 64 << 20
"""Numbers pack to a tenth at best; a small archive of zeros may do better."""
MAX_DEPTH, MAX_AXES = 64, 32

_RECONSTRUCT, _SCALAR, _FROM_BUFFER = (
    {f"numpy.{core}.{name}" for core in ("core", "_core")}
    for name in ("multiarray._reconstruct", "multiarray.scalar", "numeric._frombuffer")
)
_BYTES = {"builtins.bytes", "__builtin__.bytes"}
_KNOWN = {
    *(_RECONSTRUCT | _SCALAR | _FROM_BUFFER | _BYTES),
    *("numpy.ndarray", "numpy.dtype", "_codecs.encode", "collections.OrderedDict"),
}
_DTYPES = re.compile(r"b1|[iu][1248]|f[248]|c8|c16|[SU][1-9]\d{0,5}|O[48]?")
_NOT_NUMPYS = "damaged: an array is not described as NumPy does"


def read_pickle_file(path: pathlib.Path | str) -> object:
    """What a pickle file holds.

    Returns:
      Arrays (read-only, of numbers, truth values or text), numbers, strings, bytes, None, and
      lists, tuples and
      dicts of them. An array of objects comes as nested lists of its shape; an empty one as `[]`,
      and one
      without axes as the object in it.

    Raises:
      InputError: the file is missing, damaged, or mentions anything but these; a function or class
        is named, and neither imported nor run.
    """
    path = pathlib.Path(path)
    with _errors_name(path):
        if not path.is_file():
            raise InputError("file not found")
        with path.open("rb") as file:
            if not path.stat().st_size:
                raise InputError("empty")
            # Unlike a file, it allocates no more than there is, whatever length a pickle claims.
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                return _read_object(mapped)


def read_object_archive(path: pathlib.Path | str) -> dict[str, object]:
    """All arrays of an `.npz` file by name, each as `read_pickle_file` describes.

    Raises:
      InputError: as `read_pickle_file`, or the archive claims to hold more than one of its size
        can.
    """
    path = pathlib.Path(path)
    arrays = {}
    with _errors_name(path):
        if not path.is_file():
            raise InputError("file not found")
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.endswith(".npy")]
            check_claims(entries, path.stat().st_size)
            for entry in entries:
                key = entry.filename.removesuffix(".npy")
                with _errors_name(ascii(key)[1:-1]):
                    arrays[key] = _read_npy(archive.read(entry))
    if not arrays:
        raise InputError(f"{path}: holds no arrays")
    return arrays


@contextlib.contextmanager
def _errors_name(where: object) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    except OSError as error:
        raise InputError(f"{where}: cannot be read ({error.strerror or error})") from error
    except Exception as error:  # zipfile raises many kinds for an archive that it cannot read
        raise InputError(f"{where}: truncated, damaged, or not what its name says") from error


def check_claims(
    entries: Sequence[zipfile.ZipInfo], size: int, most: int | None = MAX_BYTES
) -> None:
    """Refuses an archive of `size` bytes that unpacks to more than numbers do.

    Entries may claim any size, and share the same bytes, so that only their sum tells.

    Raises:
      InputError: it claims more than `most` bytes, if given, or more than one of its size can hold,
        or is packed in a way that NumPy does not.
    """
    for entry in entries:
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InputError("packed in a way that NumPy does not")
    claimed = sum(entry.file_size for entry in entries)
    fine = max(ALWAYS_FINE, MAX_RATIO * size)
    if claimed > (fine if most is None else min(most, fine)):
        raise InputError(f"claims {claimed:,} bytes of arrays in a file of {size:,}; damaged")


def _read_npy(data: bytes) -> object:
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        with warnings.catch_warnings():  # NumPy warns of headers that Python 2 wrote
            warnings.simplefilter("ignore")
            shape, fortran, dtype = read_header(file)
    except Exception as error:  # the header is a Python literal, whose parser raises many kinds
        raise InputError("not an array, or its header is damaged") from error
    if dtype.kind == "O":
        return _read_object(file)
    if dtype.kind not in "biufcSU" or not dtype.itemsize:
        raise InputError("holds neither numbers nor text")
    return _plain_array(shape, dtype, fortran, data[file.tell() :])


def _read_object(file: BinaryIO) -> object:
    return _Unpacker().unpack(read_pickle(file, _KNOWN, kind=PICKLE))


def _plain_array(shape: tuple, dtype: np.dtype, fortran: bool, values: bytes) -> np.ndarray:
    """A view of `values`, which must be as many as the shape claims."""
    if _count(shape) * dtype.itemsize != len(values):
        raise InputError(
            f"truncated or damaged: {len(values):,} bytes do not make shape {shape} of {dtype}"
        )
    try:
        array = np.ndarray(shape, dtype, values, order="F" if fortran else "C")
    except ValueError as error:  # an axis too long for NumPy beside one of length 0
        raise InputError(_NOT_NUMPYS) from error
    if not holds_characters(array):
        raise InputError("damaged: holds text that is none")
    return array


def holds_characters(array: np.ndarray) -> bool:
    """Whether its texts, if it has any, are of characters; Python fails anywhere on others."""
    if array.dtype.kind != "U" or not array.nbytes:
        return True
    native = array.astype(array.dtype.newbyteorder("="), order="C")
    return bool(native.reshape(-1).view(np.uint32).max() <= 0x10FFFF)


def _count(shape: tuple) -> int:
    if len(shape) > MAX_AXES or not all(type(n) is int and 0 <= n < 2**63 for n in shape):
        raise InputError(_NOT_NUMPYS)
    return math.prod(shape)


class _Unpacker:
    """Makes arrays of the calls that a pickle asks for."""

    def __init__(self):
        # By identity: what a pickle shares is made once, or a few bytes could ask for any amount.
        self._made: dict[int, object] = {}
        self._used: set[int] = set()

    def unpack(self, value: object, depth: int = 0) -> object:
        if isinstance(value, (str, bytes, int, float, type(None))):
            return value
        if depth == MAX_DEPTH:
            raise InputError("damaged: containers are nested too deeply")
        if id(value) not in self._made:
            self._made[id(value)] = self._unpack_new(value, depth + 1)
        return self._made[id(value)]

    def _unpack_new(self, value: object, depth: int) -> object:
        match value:
            case dict():
                return {key: self.unpack(item, depth) for key, item in value.items()}
            case list() | tuple():
                return type(value)([self.unpack(item, depth) for item in value])
            case bytearray():
                return bytes(value)
            case Call():
                return self._unpack_call(value, depth)
        raise InputError(_NOT_NUMPYS)

    def _unpack_call(self, call: Call, depth: int) -> object:
        match call.arguments, call.state:
            case (Global("numpy.ndarray"), _, _), (int(), tuple(shape), dtype, fortran, values) if (
                call.function in _RECONSTRUCT
            ):
                return self._array(shape, _dtype(dtype), bool(fortran), values, depth)
            case (values, dtype, tuple(shape), "C" | "F" as order), None if (
                call.function in _FROM_BUFFER
            ):
                return self._array(shape, _dtype(dtype), order == "F", values, depth)
            case (values, dtype, tuple(shape), "K", tuple(axes)), None if (
                call.function in _FROM_BUFFER  # axes in another order than in memory
            ):
                stored = self._array(shape, _dtype(dtype), False, values, depth)
                if not all(type(axis) is int for axis in axes) or (
                    sorted(axes) != list(range(len(shape)))
                ):
                    raise InputError(_NOT_NUMPYS)
                return np.transpose(stored, axes)
            case (dtype, values), None if call.function in _SCALAR:
                return self._array((), _dtype(dtype), False, values, depth)[()]
            case (str(text), "latin1"), None if call.function == "_codecs.encode":
                return _latin1(self._used_once(text))
            case (), None if call.function in _BYTES:
                return b""
        raise InputError(_NOT_NUMPYS)

    def _array(
        self, shape: tuple, dtype: np.dtype, fortran: bool, values: object, depth: int
    ) -> object:
        values = self._used_once(self.unpack(values, depth))
        match values:
            case list() if dtype.kind == "O":
                return _nested_lists(shape, values)
            case bytes() if dtype.kind != "O":
                return _plain_array(shape, dtype, fortran, values)
            case str() if dtype.kind != "O":  # bytes of Python 2
                return _plain_array(shape, dtype, fortran, _latin1(values))
        raise InputError(_NOT_NUMPYS)

    def _used_once(self, values: object) -> object:
        """NumPy writes the values of every array anew, but for single bytes, which
        Python shares.
        """
        if id(values) in self._used and not (isinstance(values, (bytes, str)) and len(values) < 2):
            raise InputError(_NOT_NUMPYS)
        self._used.add(id(values))
        return values


def _dtype(call: object) -> np.dtype:
    match call:
        case Call("numpy.dtype", (str(code), *_), (int(), str(order), None, None, None, *_)):
            if _DTYPES.fullmatch(code) and order in {"<", ">", "=", "|"}:
                return np.dtype(code.rstrip("48") if code[0] == "O" else code).newbyteorder(order)
    raise InputError("damaged, or an array of neither numbers, text, nor objects")


def _nested_lists(shape: tuple, items: list) -> object:
    if _count(shape) != len(items):
        raise InputError("truncated or damaged: objects do not fill the shape of their array")
    if not shape:
        return items[0]
    for size in reversed(shape[1:] if items else ()):
        items = [items[start : start + size] for start in range(0, len(items), size)]
    return items


def _latin1(text: str) -> bytes:
    try:
        return text.encode("latin1")
    except UnicodeEncodeError as error:
        raise InputError(_NOT_NUMPYS) from error
