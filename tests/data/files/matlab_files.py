"""MATLAB files as MATLAB writes them: of version 5 by SciPy or by hand, of version 7.3 by h5py."""

import pathlib
import struct

import h5py
import numpy as np
import scipy.io


def as_cells(arrays, shape=None) -> np.ndarray:
    """A cell array, filled column by column."""
    cells = np.empty(len(arrays), object)
    cells[:] = arrays
    return cells.reshape(shape or (len(arrays), 1), order="F")


def write_v5(path: pathlib.Path, variables: dict, compressed: bool = True) -> None:
    scipy.io.savemat(path, variables, do_compression=compressed)


def write_v73(path: pathlib.Path, variables: dict) -> None:
    title = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, HDF5 schema 1.00 ."
    with h5py.File(path, "w", userblock_size=512) as file:
        cells = file.create_group("#refs#")
        for key, value in variables.items():
            if value.dtype == object:
                references = np.empty(value.T.shape, h5py.ref_dtype)
                for place, cell in np.ndenumerate(value.T):
                    stored = _store(cells, f"{key}{len(cells)}", cell)
                    references[place] = stored.ref
                file.create_dataset(key, data=references).attrs["MATLAB_class"] = np.bytes_("cell")
            else:
                _store(file, key, value)
    with path.open("r+b") as file:
        file.write(title.ljust(116) + bytes(8) + struct.pack("<H", 0x0200) + b"IM")


def _store(group, name, values):
    stored = group.create_dataset(name, data=values.T, compression="gzip")
    stored.attrs["MATLAB_class"] = np.bytes_("double")
    return stored


def element(kind: int, data: bytes, order: str = "<") -> bytes:
    return struct.pack(f"{order}2I", kind, len(data)) + data + bytes(-len(data) % 8)


def matrix(
    kind: int, shape, contents: bytes, name: str = "x", order: str = "<", flags: int = 0
) -> bytes:
    """A variable of class `kind` (1 cell, 6 double, 7 single) of version 5."""
    shape = struct.pack(f"{order}{len(shape)}i", *shape)
    parts = (
        element(6, struct.pack(f"{order}2I", kind | flags, 0), order),
        element(5, shape, order),
        element(1, name.encode(), order),
        contents,
    )
    return element(14, b"".join(parts), order)


def file_of(variables: bytes, order: str = "<") -> bytes:
    mark = {"<": b"IM", ">": b"MI"}[order]
    header = b"MATLAB 5.0 MAT-file, by hand".ljust(124)
    return header + struct.pack(f"{order}H", 0x0100) + mark + variables
