import struct
import sys
import zlib

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.data.files import matlab, matlab5
from anatomy_tf.data.files.matlab import read_array, read_cells
from anatomy_tf.errors import InputError
from tests.damage import changed, fuzz, reads_or_refuses
from tests.data.files.matlab_files import as_cells, element, file_of, matrix, write_v5, write_v73

RNG = np.random.default_rng(0)
NUMBERS = {
    "double": RNG.normal(size=(2, 17, 1, 5)),
    "single": RNG.normal(size=(3, 4)).astype(np.float32),
    "integer": np.arange(6, dtype=np.int32).reshape(2, 3) - 3,
    "short": np.array([[7]], np.int16),
    "logical": np.array([[1, 0, 1]], np.uint8),
}
CELLS = [RNG.normal(size=(frames, 6)) for frames in (3, 1, 4, 1, 5, 9)]
VARIABLES = {**NUMBERS, "column": as_cells(CELLS), "grid": as_cells(CELLS, (2, 3))}
WRITERS = {
    "5": lambda path, variables: write_v5(path, variables, compressed=False),
    "5 compressed": write_v5,
    "7.3": write_v73,
}


@pytest.fixture(params=WRITERS)
def path(request, tmp_path):
    WRITERS[request.param](tmp_path / "some.mat", VARIABLES)
    return tmp_path / "some.mat"


def test_numbers_have_the_axes_that_matlab_shows(path):
    for key, expected in NUMBERS.items():
        found = read_array(path, key)
        np.testing.assert_array_equal(found, expected)
        assert found.dtype.newbyteorder("=") == expected.dtype


@pytest.mark.parametrize("key", ["column", "grid"])
def test_cells_come_column_by_column(path, key):
    for found, expected in zip(read_cells(path, key), CELLS, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_what_is_asked_for_has_to_be_there(path, tmp_path):
    with pytest.raises(InputError, match="some.mat: variable other is missing"):
        read_array(path, "other")
    with pytest.raises(InputError, match="some.mat: grid: a cell array, expected numbers"):
        read_array(path, "grid")
    with pytest.raises(InputError, match="some.mat: double: no cell array"):
        read_cells(path, "double")
    with pytest.raises(InputError, match="none.mat: file not found"):
        read_array(tmp_path / "none.mat", "double")


@pytest.mark.parametrize("order", ["<", ">"])
def test_doubles_that_matlab_stored_as_bytes_and_those_of_other_machines(tmp_path, order):
    small = struct.pack(f"{order}2H", *((2, 3) if order == "<" else (3, 2))) + bytes([1, 2, 3, 0])
    whole = matrix(6, (1, 3), small, "small", order)
    large = struct.pack(f"{order}3d", 1.5, -2, 3e9)
    whole += matrix(6, (3, 1), element(9, large, order), "large", order)
    (tmp_path / "a.mat").write_bytes(file_of(whole, order))
    assert read_array(tmp_path / "a.mat", "small").tolist() == [[1, 2, 3]]
    assert read_array(tmp_path / "a.mat", "large").tolist() == [[1.5], [-2], [3e9]]


ONE = element(9, struct.pack("<d", 1))
NUMBER = matrix(6, (1, 1), ONE)
FILES = {
    "nothing": (b"", "no MATLAB file of version 5 or 7.3"),
    "text": (b"hello" * 200, "no MATLAB file of version 5 or 7.3"),
    "half a header": (file_of(b"")[:100], "cut short or damaged in the header"),
    "half a variable": (file_of(NUMBER[:40]), "the file is cut short"),
    "half a tag": (file_of(matrix(6, (1, 1), ONE, "y") + b"1234"), "truncated or damaged"),
    "a claim of gigabytes": (file_of(struct.pack("<2I", 14, 2**32 - 8)), "the file is cut short"),
    "zeros": (file_of(bytes(64)), "damaged: no variable at byte 128"),
    "no such cells": (
        file_of(matrix(1, (2**15, 2**15), b"")),
        r"0 cells, but dimensions \(32768, 32768\)",
    ),
    "no such numbers": (
        file_of(matrix(6, (2**30, 2**30), ONE)),
        r"8 bytes of float64, but dimensions \(1073741824, 1073741824\)",
    ),
    "negative dimensions": (file_of(matrix(6, (-1, -1), ONE)), r"but dimensions \(-1, -1\)"),
    "no dimensions": (file_of(matrix(6, (), ONE)), r"but dimensions \(\)"),
    "cells in cells": (
        file_of(matrix(1, (1, 1), matrix(1, (1, 1), NUMBER))),
        "holds something other than numbers",
    ),
    "text for numbers": (
        file_of(matrix(4, (1, 5), element(16, b"hello"))),
        "holds something other than numbers",
    ),
    "complex numbers": (
        file_of(matrix(6, (1, 1), ONE + ONE, flags=0x800)),
        "holds complex numbers",
    ),
    "an unknown type": (file_of(matrix(6, (1, 1), element(99, bytes(8)))), "unknown type 99"),
    "an empty matrix": (file_of(element(14, b"")), "no variable at byte 128"),
    "a damaged stream": (file_of(element(15, b"no stream")), r"truncated or damaged \(Error -3"),
    "a cut stream": (
        file_of(element(15, zlib.compress(NUMBER, 0)[:-8])),
        "cut short, or larger than",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_damage_of_version_5_is_named(tmp_path, name):
    data, message = FILES[name]
    (tmp_path / "some.mat").write_bytes(data)
    with pytest.raises(InputError, match=f"some.mat: (x: )?.*{message}") as error:
        read_array(tmp_path / "some.mat", "x")
    assert "\n" not in str(error.value)


def test_depth_and_inflated_size_are_bounded(tmp_path, monkeypatch):
    nested = NUMBER
    for _ in range(2000):
        nested = matrix(1, (1, 1), nested)
    (tmp_path / "a.mat").write_bytes(file_of(nested))
    with pytest.raises(InputError, match="holds something other than numbers"):
        read_cells(tmp_path / "a.mat", "x")
    monkeypatch.setattr(matlab5, "MAX_INFLATED", 10_000)
    zeros = matrix(6, (1000, 2), element(9, bytes(16_000)))
    (tmp_path / "b.mat").write_bytes(file_of(element(15, zlib.compress(zeros))))
    with pytest.raises(InputError, match="cut short, or larger than the 10000 bytes"):
        read_array(tmp_path / "b.mat", "x")


def _huge(file):
    file.create_dataset("x", (10**9, 10**6), "f8", chunks=(1000, 1000), compression="gzip")


def _virtual(file):
    layout = h5py.VirtualLayout((2, 2), "f8")
    layout[:] = h5py.VirtualSource("other.h5", "x", (2, 2))
    file.create_virtual_dataset("x", layout)


def _reference(file, target):
    data = np.array([[target]], h5py.ref_dtype)
    file.create_dataset("x", data=data)


HDF5 = {
    "huge": (_huge, r"claims shape \(1000000000, 1000000\), more than 16777216 values"),
    "many references": (
        lambda f: f.create_dataset("x", (2**30,), h5py.ref_dtype, chunks=(1000,)),
        "more than 16777216 values",
    ),
    "a group": (lambda f: f.create_group("x"), "no array"),
    "text": (lambda f: f.create_dataset("x", data="hello"), "something other than numbers"),
    "nothing": (lambda f: f.create_dataset("x", data=h5py.Empty("f8")), "claims shape None"),
    "elsewhere": (
        lambda f: f.create_dataset("x", (2, 2), "f8", external=[("other", 0, 32)]),
        "its values lie in another file",
    ),
    "virtual": (_virtual, "its values lie in another file"),
    "a link to a file": (
        lambda f: f.__setitem__("x", h5py.ExternalLink("other.h5", "/x")),
        "a link instead of a variable",
    ),
    "a link to itself": (
        lambda f: f.__setitem__("x", h5py.SoftLink("/x")),
        "a link instead of a variable",
    ),
    "a reference to nowhere": (lambda f: _reference(f, None), "truncated or damaged"),
    "a reference to a group": (lambda f: _reference(f, f.create_group("g").ref), "no array"),
    "a reference to references": (
        lambda f: _reference(f, f.create_dataset("y", (1, 1), h5py.ref_dtype).ref),
        "something other than numbers",
    ),
}


@pytest.mark.parametrize("name", HDF5)
def test_damage_of_version_7_3_is_named(tmp_path, name):
    write, message = HDF5[name]
    with h5py.File(tmp_path / "some.mat", "w", userblock_size=512) as file:
        write(file)
    with pytest.raises(InputError, match=f"some.mat: x: .*{message}") as error:
        read_array(tmp_path / "some.mat", "x")
    assert "\n" not in str(error.value)


def test_without_h5py_the_extra_is_named(tmp_path, monkeypatch):
    write_v73(tmp_path / "a.mat", NUMBERS)
    write_v5(tmp_path / "b.mat", NUMBERS)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(InputError, match=r"a.mat: .* pip install -e '\.\[mpi-inf-3dhp\]'"):
        read_array(tmp_path / "a.mat", "double")
    assert read_array(tmp_path / "b.mat", "double").shape == (2, 17, 1, 5)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    variables = {key: VARIABLES[key] for key in ("single", "column")}
    files = {}
    for name, write in WRITERS.items():
        write(folder / "a.mat", variables)
        files[name] = (folder / "a.mat").read_bytes()
    return files


@fuzz(max_examples=50)
@given(data=st.data(), name=st.sampled_from(list(WRITERS)))
def test_a_file_with_changed_bytes_is_read_or_refused(whole, tmp_path, data, name):
    path = tmp_path / "some.mat"
    path.write_bytes(changed(data, whole[name]))
    for read, key in ((read_array, "single"), (read_cells, "column")):
        with reads_or_refuses():
            read(path, key)


def test_the_limit_lies_above_what_the_data_set_has():
    assert matlab.MAX_VALUES > 12_820 * 28 * 3
    assert matlab5.MAX_INFLATED > 14 * 12_820 * 28 * 3 * 8
