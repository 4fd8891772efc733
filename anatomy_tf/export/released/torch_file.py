"""The file formats of `torch.save`, without PyTorch: a pickle that describes tensors, and their
values by key.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import mmap
import pathlib
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import BinaryIO

import numpy as np

from anatomy_tf.data.files.inert_pickle import Global, read_pickle
from anatomy_tf.errors import InputError

STREAM_MAGIC, STREAM_VERSION = 0x1950A86A20F9469CFC6C, 1001
OTHER_BYTE_ORDER = "written on a machine of another byte order, or damaged"
DTYPES = {
    **{"Double": "<f8", "Float": "<f4", "Half": "<f2", "BFloat16": "<u2"},
    **{"Long": "<i8", "Int": "<i4", "Short": "<i2", "Char": "i1", "Byte": "u1", "Bool": "?"},
}
TENSOR_FUNCTIONS = {"torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2"}
PARAMETER_FUNCTION = "torch._utils._rebuild_parameter"
RANDOM_STATE = {
    *("numpy.ndarray", "numpy.dtype", "_codecs.encode", "numpy.random._mt19937.MT19937"),
    *(f"numpy.random._pickle.__{kind}_ctor" for kind in ("randomstate", "bit_generator")),
    "numpy.random.__RandomState_ctor",
    *(
        f"numpy.{core}.{name}"
        for core in ("core", "_core")
        for name in ("multiarray._reconstruct", "multiarray.scalar", "numeric._frombuffer")
    ),
}
KNOWN = {
    *(PARAMETER_FUNCTION, "torch.Size", "torch.device", "collections.OrderedDict"),
    *TENSOR_FUNCTIONS,
    *(f"torch.{kind}Storage" for kind in DTYPES),
    *RANDOM_STATE,
}
"""What a pickle may mention: tensors, and the random state that training scripts save with them."""


@dataclasses.dataclass(frozen=True)
class Storage:
    """The flat array that a tensor is a view of, as the pickle describes it."""

    key: str
    kind: str
    numel: int

    @property
    def dtype(self) -> np.dtype:
        return np.dtype(DTYPES[self.kind])

    @property
    def nbytes(self) -> int:
        return self.numel * self.dtype.itemsize


Reader = Callable[[Storage], bytes]
"""Gives a storage's values: as many bytes as it claims, or an `InputError`."""


@contextlib.contextmanager
def open_torch_file(path: pathlib.Path | str) -> Iterator[tuple[object, Reader, int]]:
    """The saved object as plain containers (see `read_pickle`), the reader of its values, the
    file's size.

    Raises:
      InputError: the file is missing, damaged, or holds anything but tensors and plain containers;
        also what the `with` block raises, with the file's name in front.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise InputError(f"{path}: file not found")
    try:
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(path.open("rb"))
            size = path.stat().st_size
            start = file.read(512)
            if start.startswith(b"PK\x03\x04"):
                root, reader = _read_archive(file, size)
            elif start[257:262] == b"ustar":
                raise InputError("a tar archive, as early PyTorch wrote; save it with a later one")
            elif not start:
                raise InputError("empty")
            else:
                # Unlike a file, it allocates no more than there is, whatever length is asked for.
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                root, reader = _read_stream(stack.enter_context(mapped))
            yield root, reader, size
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _read_stream(mapped: mmap.mmap) -> tuple[object, Reader]:
    """The format until PyTorch 1.5: five pickles, then each storage as its length
    and its values.
    """
    if read_pickle(mapped) != STREAM_MAGIC or read_pickle(mapped) != STREAM_VERSION:
        raise InputError("not a PyTorch checkpoint")
    system = read_pickle(mapped)
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise InputError(OTHER_BYTE_ORDER)
    root, storages = _read_object(mapped)
    keys = read_pickle(mapped)
    if not isinstance(keys, list):
        raise InputError("damaged: no list of its values")
    starts, end = {}, mapped.tell()
    for key in keys:
        numel = int.from_bytes(mapped[end : end + 8], "little")
        if not isinstance(key, str) or key not in storages or numel != storages[key].numel:
            raise InputError("truncated, or damaged: values do not belong to the tensors")
        starts[key] = end + 8
        end = starts[key] + storages[key].nbytes
        if end > len(mapped):
            raise InputError("truncated: values of its tensors are missing")

    def read(storage: Storage) -> bytes:
        if storage.key not in starts:
            raise InputError("damaged: values of its tensors are missing")
        return mapped[starts[storage.key] : starts[storage.key] + storage.nbytes]

    return root, read


def _read_archive(file: BinaryIO, size: int) -> tuple[object, Reader]:
    """The format since PyTorch 1.6: a zip archive that compresses nothing."""

    def read_entry(name: str) -> bytes:
        with _damage_named():
            entry = archive.getinfo(f"{folder}/{name}")
            if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > size:
                raise InputError("a zip archive that PyTorch did not write, or a damaged one")
            return archive.read(entry)

    def read(storage: Storage) -> bytes:
        values = read_entry(f"data/{storage.key}")
        if len(values) != storage.nbytes:
            raise InputError("damaged: values do not belong to the tensors")
        return values

    with _damage_named():
        archive = zipfile.ZipFile(file)
        names = archive.namelist()
    folders = [name.split("/")[0] for name in names if re.fullmatch("[^/]+/data.pkl", name)]
    if len(folders) != 1:
        raise InputError("a zip archive, but not a PyTorch checkpoint")
    folder = folders[0]
    if f"{folder}/byteorder" in names and read_entry("byteorder") != b"little":
        raise InputError(OTHER_BYTE_ORDER)
    root, _ = _read_object(io.BytesIO(read_entry("data.pkl")))
    return root, read


@contextlib.contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # zipfile raises many kinds for an archive that it cannot read
        raise InputError("truncated or damaged zip archive") from error


def _read_object(file: BinaryIO) -> tuple[object, dict[str, Storage]]:
    """The pickle of the saved object, and the storages that it mentions by key."""
    storages: dict[str, Storage] = {}

    def storage(reference: object) -> Storage:
        match reference:
            case ("storage", Global(name), str(key), _, int(numel), *views):
                kind = name.removeprefix("torch.").removesuffix("Storage")
                if kind in DTYPES and numel >= 0 and views in ([], [None]):
                    found = Storage(key, kind, numel)
                    if storages.setdefault(key, found) == found:
                        return found
        raise InputError("damaged: a tensor's values are not described as PyTorch does")

    return read_pickle(file, KNOWN, storage), storages
