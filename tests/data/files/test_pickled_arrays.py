"""NumPy's own pickles and archives are read equal."""

import io
import pickle
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.data.files.pickled_arrays import read_object_archive, read_pickle_file
from tests.damage import damaged, fuzz
from tests.data.files.test_hostile_pickles import write_archive

OBJECTS = {
    "poses": {"S1": {"Walking 1": np.arange(24, dtype=np.float32).reshape(2, 4, 3)}},
    "fortran": np.asfortranarray(np.arange(6).reshape(2, 3)),
    "axes in another order": np.arange(24.0).reshape(2, 3, 4).transpose(1, 0, 2),
    "big endian": np.arange(3, dtype=">i2"),
    "strided": np.arange(12).reshape(3, 4)[::2, ::2],
    "truth": np.array([True, False]),
    "complex": np.ones(2, np.complex64),
    "text": np.array(["ab", "çde"]),
    "bytes": np.array([b"ab", b"c"]),
    "empty": np.zeros((0, 3)),
    "scalars": [np.float32(1.5), np.int64(-3), np.True_, np.False_, np.True_],
    "plain": (1, -2.5, None, True, "text", b"bytes", b"", 2**40, [], {}),
}


def assert_equal(read, written):
    if isinstance(written, (np.ndarray, np.generic)):
        assert read.dtype == written.dtype
        np.testing.assert_array_equal(read, written)
    elif isinstance(written, dict):
        assert list(read) == list(written)
        for key, value in written.items():
            assert_equal(read[key], value)
    elif isinstance(written, (list, tuple)):
        assert type(read) is type(written)
        for ours, theirs in zip(read, written, strict=True):
            assert_equal(ours, theirs)
    else:
        assert type(read) is type(written) and read == written


@pytest.mark.parametrize("core", ["core", "_core"])
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_of_every_protocol_are_read_equal(protocol, core, tmp_path):
    data = pickle.dumps(OBJECTS, protocol)
    if protocol >= 4:
        data = data[:2] + data[11:]  # without the frame, whose length the other name would change
    for module in ("multiarray", "numeric"):
        for old in ("core", "_core"):
            data = data.replace(*(_name(f"numpy.{n}.{module}", protocol) for n in (old, core)))
    path = tmp_path / "objects.pkl"
    path.write_bytes(data)
    assert_equal(read_pickle_file(path), OBJECTS)


def _name(name: str, protocol: int) -> bytes:
    """How a pickle writes the name of a module."""
    return (b"c" if protocol < 4 else struct.pack("B", len(name))) + name.encode()


def test_bytes_of_python_2(tmp_path):
    """Its strings are bytes; this is what Python 2.7 wrote of
    `{"a": numpy.array([1, 2], "i2"), "b": ...}`.
    """
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntU\x01btR(I1\n(I2\nt"
        b"cnumpy\ndtype\n(U\x02i2I0\nI1\ntR(I3\nU\x01<NNNI-1\nI-1\nI0\ntbI00\nU\x04\x01\x00\xff\x00tb"
    )
    scalar = array[array.index(b"cnumpy\ndtype") : array.index(b"I00")]
    scalar = b"cnumpy.core.multiarray\nscalar\n(" + scalar + b"U\x02\xff\x00tR"
    path = tmp_path / "python2.pkl"
    path.write_bytes(b"(dU\x01a" + array + b"sU\x01b(" + scalar * 3 + b"ls.")
    read = read_pickle_file(path)
    assert_equal(read, {"a": np.array([1, 255], "<i2"), "b": [np.int16(255)] * 3})


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_archives_are_read_equal(save, tmp_path):
    path = tmp_path / "objects.npz"
    grid = np.array([[1, "x"], [None, (2.5, np.arange(2))]], dtype=object)
    plain = {key: value for key, value in OBJECTS.items() if isinstance(value, np.ndarray)}
    save(path, poses=OBJECTS["poses"], grid=grid, none=np.zeros((0, 4), object), **plain)
    read = read_object_archive(path)
    assert set(read) == {"poses", "grid", "none", *plain}
    assert_equal(read["poses"], OBJECTS["poses"])
    assert_equal(read["grid"], grid.tolist())
    assert read["none"] == []
    for key, values in plain.items():
        assert_equal(read[key], values)


def test_what_a_pickle_shares_is_shared(tmp_path):
    values, path = np.arange(3), tmp_path / "shared.pkl"
    path.write_bytes(pickle.dumps([values, values]))
    first, second = read_pickle_file(path)
    assert first is second
    assert_equal(first, values)


def _archive(save) -> bytes:
    file = io.BytesIO()
    save(
        file, poses=np.array(OBJECTS, dtype=object), plain=OBJECTS["fortran"], text=OBJECTS["text"]
    )
    return file.getvalue()


def _entry(array) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _read_entry(path):
    write_archive(path, path.read_bytes())
    return read_object_archive(path)


FILES = {
    "stored": (read_object_archive, _archive(np.savez)),
    "deflated": (read_object_archive, _archive(np.savez_compressed)),
    # With its entry packed after the change, as a checksum would find one of the packed bytes.
    "entry": (_read_entry, _entry(np.array(OBJECTS, dtype=object))),
    "plain entry": (_read_entry, _entry(OBJECTS["text"])),
    **{f"protocol {p}": (read_pickle_file, pickle.dumps(OBJECTS, p)) for p in (0, 2, 4, 5)},
}


@fuzz(max_examples=66)
@given(data=st.data(), name=st.sampled_from(list(FILES)))
def test_a_file_with_changed_bytes_is_read_or_refused(data, name, tmp_path):
    read, original = FILES[name]
    path = tmp_path / "damaged"
    path.write_bytes(original)
    with damaged(data, path):
        str(read(path))
