"""Numbers and cell arrays of numbers out of MATLAB files, of version 5 and of version 7.3 (which is
HDF5).
"""

from __future__ import annotations

import pathlib
import struct
import zlib

import numpy as np

from anatomy_tf.data.files import matlab5
from anatomy_tf.errors import InputError
from anatomy_tf.installation import install_hint

MAX_VALUES = 2**24
"""Numbers of an array, and cells of a cell array; fifteen times those of the longest of
MPI-INF-3DHP.
"""

_HDF5 = b"\x89HDF\r\n\x1a\n"
_USER_BLOCK = 512  # MATLAB's own header before the HDF5 file
# What h5py and the parser of version 5 are known to raise for bytes that are not what they claim to
# be.
_DAMAGE = (
    *(OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError, MemoryError),
    *(struct.error, zlib.error),
)


def read_array(path: pathlib.Path, key: str) -> np.ndarray:
    """The numbers of variable `key`, with the axes that MATLAB shows.

    Raises:
      InputError: the file is missing, damaged or of another version, or the variable missing or not
        of numbers.
    """
    value = _read(path, key)
    if isinstance(value, list):
        raise InputError(f"{path}: {key}: a cell array, expected numbers")
    return value


def read_cells(path: pathlib.Path, key: str) -> list[np.ndarray]:
    """The numbers in every cell of variable `key`, in column-major order.

    Raises:
      InputError: as `read_array`, or the variable is no cell array.
    """
    value = _read(path, key)
    if not isinstance(value, list):
        raise InputError(f"{path}: {key}: no cell array")
    return value


def _read(path: pathlib.Path, key: str) -> np.ndarray | list[np.ndarray]:
    try:
        with path.open("rb") as file:
            head = file.read(_USER_BLOCK + len(_HDF5))
            if _HDF5 in (head[: len(_HDF5)], head[_USER_BLOCK:]):
                value = _read_hdf5(path, key)
            elif head.startswith(matlab5.MAGIC):
                file.seek(0)
                value = matlab5.read_variable(file, key)
            else:
                raise InputError("no MATLAB file of version 5 or 7.3")
    except FileNotFoundError as error:
        raise InputError(f"{path}: file not found") from error
    except InputError as error:
        raise InputError(f"{path}: {key}: {error}") from error
    except _DAMAGE as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: {key}: truncated or damaged ({reason})") from error
    if value is None:
        raise InputError(f"{path}: variable {key} is missing")
    return value


def _read_hdf5(path: pathlib.Path, key: str) -> np.ndarray | list[np.ndarray] | None:
    try:
        import h5py
    except ImportError as error:
        raise InputError(
            f"a MATLAB 7.3 file, which needs h5py: {install_hint('mpi-inf-3dhp')}"
        ) from error

    def stored(item: object) -> h5py.Dataset:
        if not isinstance(item, h5py.Dataset):
            raise InputError("no array")
        if item.size is None or item.size > MAX_VALUES:
            raise InputError(f"claims shape {item.shape}, more than {MAX_VALUES} values")
        if item.is_virtual or item.external:
            raise InputError("its values lie in another file")
        return item

    def numbers(item: object) -> np.ndarray:
        item = stored(item)
        if item.dtype.kind not in "iuf":
            raise InputError("holds something other than numbers")
        return item[()].T  # HDF5 has the axes in the opposite order

    with h5py.File(path, "r") as file:
        link = file.get(key, getlink=True)
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise InputError("a link instead of a variable")
        variable = stored(file[key])
        if h5py.check_ref_dtype(variable.dtype) is h5py.Reference:
            return [numbers(file[reference]) for reference in variable[()].ravel()]
        return numbers(variable)
