"""What a pickle or an archive may ask for beyond arrays is refused, not run, and costs nothing."""

import os
import pickle
import struct
import zipfile

import numpy as np
import pytest

from anatomy_tf.data.files.pickled_arrays import read_object_archive, read_pickle_file
from tests.damage import SYSTEM, Gadget, assert_refused

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
