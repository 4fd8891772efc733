"""NumPy's own pickles and archives are read equal; what else a file may ask for is refused and not run."""

import io
import os
import pickle
import struct
import time
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anatomy_tf.data.pickled_arrays import read_object_archive, read_pickle_file
from anatomy_tf.errors import InputError

OBJECTS = {
    "poses": {"S1": {"Walking 1": np.arange(24, dtype=np.float32).reshape(2, 4, 3)}},
    "fortran": np.asfortranarray(np.arange(6).reshape(2, 3)),
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
    """Its strings are bytes; this is what Python 2.7 wrote of `{"a": numpy.array([1, 2], "i2"), "b": ...}`."""
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


class Gadget:
    def __init__(self, *reduced):
        self.reduced = reduced

    def __reduce__(self):
        return self.reduced


SYSTEM = f"{os.system.__module__}.system"
HOSTILE = {
    "call": (SYSTEM, lambda run: pickle.dumps({"a": Gadget(os.system, (run,))})),
    "in an array": (
        SYSTEM,
        lambda run: pickle.dumps(np.array([Gadget(os.system, (run,))], dtype=object)),
    ),
    "as state": (
        SYSTEM,
        lambda run: pickle.dumps(Gadget(np.dtype, ("f4",), {"a": Gadget(os.system, (run,))})),
    ),
    "eval": (
        "builtins.eval",
        lambda run: f"cbuiltins\neval\n(V__import__('os').system({run!r})\ntR.".encode(),
    ),
    "instance": ("os.system", lambda run: f"(V{run}\nios\nsystem\n.".encode()),
    "another class": ("pathlib.Path", lambda run: b"cpathlib\nPath\n(Va\ntR."),
    "part of numpy": ("numpy.load", lambda run: b"cnumpy\nload\n(Va\ntR."),
    "structured": ("numpy.record", lambda run: b"cnumpy\nrecord\n."),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_code_is_named_and_does_not_run(case, tmp_path):
    name, payload = HOSTILE[case]
    payload = payload(f"touch {tmp_path / 'ran'}")
    pickled, archive = tmp_path / "hostile.pkl", tmp_path / "hostile.npz"
    pickled.write_bytes(payload)
    write_archive(archive, header("|O", ()) + payload)
    for read, path in ((read_pickle_file, pickled), (read_object_archive, archive)):
        assert_refused(read, path, f"holds {name}, which is not an array or a plain container")
    assert not (tmp_path / "ran").exists()


def header(descr: str, shape: object) -> bytes:
    """The start of an `.npy` file, whatever it claims."""
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def write_archive(path, *entries: bytes, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for number, entry in enumerate(entries):
            archive.writestr(f"{number}.npy", entry)


def assert_refused(read, path, message: str):
    start = time.monotonic()
    with pytest.raises(InputError, match=message) as caught:
        read(path)
    assert time.monotonic() - start < 10
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "entry, message",
    [
        (header("<f4", (10**12,)) + bytes(8), "0: truncated .* 8 bytes do not make shape"),
        (header("<f4", (3,)) + bytes(8), "0: truncated or damaged: 8 bytes do not make shape"),
        (header("<f4", (1,)) + bytes(8), "0: truncated or damaged: 8 bytes do not make shape"),
        (header("<f4", (-2,)) + bytes(8), "0: damaged"),
        (header("<f4", (0, 2**62, 2**62)), "0: damaged"),
        (header("<f4", "(1,) * 9"), "header is damaged"),
        (header("<f4", "(" * 4000), "header is damaged"),
        (header("<M8[s]", (1,)) + bytes(8), "neither numbers nor text"),
        (header("|V8", (1,)) + bytes(8), "neither numbers nor text"),
        (header("<U0", (2**40,)), "neither numbers nor text"),
        (header("<U1", (1,)) + b"\xff" * 4, "text that is none"),
        (b"no array", "not an array, or its header is damaged"),
        (b"", "not an array, or its header is damaged"),
    ],
)
def test_an_entry_that_lies(entry, message, tmp_path):
    write_archive(tmp_path / "lie.npz", entry)
    assert_refused(read_object_archive, tmp_path / "lie.npz", message)


def reconstructed(shape, dtype, values) -> bytes:
    rebuild = np.zeros(0).__reduce__()[0]
    start = Gadget(rebuild, (np.ndarray, (0,), b"b"), (1, shape, dtype, False, values))
    return pickle.dumps(start, 4)


@pytest.mark.parametrize(
    "shape, dtype, values",
    [
        ((10**12,), np.dtype("f4"), bytes(8)),
        ((3,), np.dtype("f4"), bytes(8)),
        ((-2,), np.dtype("f4"), bytes(8)),
        ((True,), np.dtype("f4"), bytes(4)),
        (("2",), np.dtype("f4"), bytes(8)),
        ((2**70, 0), np.dtype("f4"), b""),
        ((1,) * 100, np.dtype("f4"), bytes(4)),
        ((10**9,), np.dtype("O"), [None]),
        ((2,), np.dtype("O"), b"ab"),
        ((2,), np.dtype("f4"), [0.0, 0.0]),
        ((2,), np.dtype("f4"), None),
        ((2,), np.dtype("M8[s]"), bytes(16)),
        ((2,), np.dtype([("a", "f4")]), bytes(8)),
        ((2,), np.dtype("U0"), b""),
        ((2,), "f4", bytes(8)),
    ],
)
def test_a_pickled_array_that_lies(shape, dtype, values, tmp_path):
    path = tmp_path / "lie.pkl"
    path.write_bytes(reconstructed(shape, dtype, values))
    assert_refused(read_pickle_file, path, "damaged")


def _doubling(levels: int) -> bytes:
    """A list of itself twice, over and over: 2 ** levels objects if it were copied."""
    return b"]" + b"q\x00h\x00h\x00\x86" * levels + b"."


def _many_arrays_of_one_value() -> bytes:
    rebuild, arguments, state = np.zeros(10**6).__reduce__()
    state = (*state[:2], np.dtype("U250000"), *state[3:])
    return pickle.dumps(
        [Gadget(rebuild, arguments, ((*state[:1], (8,), *state[2:]))) for _ in "ab"]
    )


BOMBS = {
    "long bytes": b"\x8e" + struct.pack("<Q", 1 << 40) + b"few.",
    "nested": b"N" + b"\x85" * 100_000 + b".",
    "nested key": b"}N" + b"\x85" * 100_000 + b"Ns.",
    "inside itself": b"]q\x00h\x00a.",
    "no object": b".",
    "a name alone": b"cnumpy\nndarray\n.",
    "shared values": _many_arrays_of_one_value(),
    "set": pickle.dumps({1, 2}),
}


@pytest.mark.parametrize("case", BOMBS)
def test_a_small_pickle_stays_small(case, tmp_path):
    (tmp_path / "bomb.pkl").write_bytes(BOMBS[case])
    assert_refused(read_pickle_file, tmp_path / "bomb.pkl", "damaged")


def test_neither_a_memo_nor_sharing_costs_anything(tmp_path):
    (tmp_path / "memo.pkl").write_bytes(b"Nr\xff\xff\xff\xff.")
    assert read_pickle_file(tmp_path / "memo.pkl") is None
    (tmp_path / "shared.pkl").write_bytes(_doubling(50))
    value = read_pickle_file(tmp_path / "shared.pkl")
    assert value[0] is value[1]


def test_too_many_objects(tmp_path):
    (tmp_path / "many.pkl").write_bytes(b"}" * 5_100_000)
    assert_refused(read_pickle_file, tmp_path / "many.pkl", "more objects than any pickle")


def test_an_archive_that_claims_too_much(tmp_path):
    path = tmp_path / "bomb.npz"
    write_archive(path, bytes(70 << 20))
    assert path.stat().st_size < 100_000
    assert_refused(read_object_archive, path, "claims 73,400,320 bytes of arrays in a file of")
    write_archive(path, header("<f4", (1,)) + bytes(4), compression=zipfile.ZIP_LZMA)
    assert_refused(read_object_archive, path, "packed in a way that NumPy does not")


@pytest.mark.parametrize("read", [read_pickle_file, read_object_archive])
def test_no_such_file(read, tmp_path):
    assert_refused(read, tmp_path / "nowhere", "file not found")
    assert_refused(read, tmp_path, "file not found")
    (tmp_path / "empty").touch()
    assert_refused(read, tmp_path / "empty", "empty|not what its name says")
    (tmp_path / "text").write_text("hello")
    assert_refused(read, tmp_path / "text", "damaged")


def test_an_archive_without_arrays(tmp_path):
    with zipfile.ZipFile(tmp_path / "other.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert_refused(read_object_archive, tmp_path / "other.npz", "holds no arrays")


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


@settings(
    max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data(), name=st.sampled_from(list(FILES)))
def test_a_file_with_changed_bytes_is_read_or_refused(data, name, tmp_path):
    read, original = FILES[name]
    damaged = bytearray(original)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del damaged[data.draw(st.integers(1, len(damaged) - 1)) :]
    path = tmp_path / "damaged"
    path.write_bytes(damaged)
    try:
        str(read(path))
    except InputError as error:
        assert "\n" not in str(error)
