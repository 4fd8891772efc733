"""Checkpoints of the released code, and files that only look like them."""

import io
import os
import pathlib
import pickle
import random
import re
import struct
import tarfile
import time
import zipfile

import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.export.import_released import import_released, released_lifter
from anatomy_tf.export.torch_checkpoint import read_checkpoint, read_epoch
from anatomy_tf.models.lifter import load_lifter
from tests.tools.test_tools import run

FOLDER = pathlib.Path(__file__).parents[1] / "golden"
GOLDEN = np.load(FOLDER / "w333_c16.npz", allow_pickle=False)
FILES = {"symmetric": FOLDER / "released_stream.bin", "causal": FOLDER / "released_zip.bin"}
EPOCHS = {"symmetric": 60, "causal": 80}
MAGIC = 0x1950A86A20F9469CFC6C


def assert_whole_clip_is_golden(lifter, kind):
    clip = GOLDEN[f"{kind}/video/keypoints"]
    outputs = lifter({"keypoints": clip[..., :2], "visibility": clip[..., 2]})
    np.testing.assert_allclose(outputs["joints"], GOLDEN[f"{kind}/video/joints"], atol=1e-5)


# === Files made here: opcodes of protocol 0, which are text ===


def tensor(shape="I4\n", strides="I1\n", numel=4, offset=0, kind="Float") -> bytes:
    return (
        f"ctorch._utils\n_rebuild_tensor_v2\n((Vstorage\nctorch\n{kind}Storage\nVkey\nVcpu\n"
        f"I{numel}\ntQI{offset}\n({shape}t({strides}tI00\nNtR"
    ).encode()


def state(name: str, value: bytes, saved: bytes = b"(d") -> bytes:
    return saved + b"Vmodel_pos\n(dV" + name.encode() + b"\n" + value + b"ss."


def write_stream(path, payload: bytes, values: np.ndarray | None = None, numel=None):
    head = [MAGIC, 1001, {"protocol_version": 1001, "little_endian": True}]
    keys = [] if values is None else ["key"]
    parts = [pickle.dumps(part, 2) for part in head] + [payload, pickle.dumps(keys, 2)]
    if values is not None:
        parts += [struct.pack("<q", values.size if numel is None else numel), values.tobytes()]
    path.write_bytes(b"".join(parts))


def write_zip(path, payload: bytes, values: np.ndarray, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("any/data.pkl", payload)
        archive.writestr("any/data/key", values.tobytes())


def assert_refused(path, message: str):
    """In one line that names the file, and before a second is over."""
    start = time.monotonic()
    with pytest.raises(InputError, match=message) as caught:
        read_checkpoint(path)
    assert time.monotonic() - start < 2
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


# === What the released code saves ===


@pytest.mark.parametrize("kind", FILES)
def test_an_imported_model_computes_what_the_released_code_does(kind):
    lifter = import_released(FILES[kind], causal=kind == "causal")
    assert_whole_clip_is_golden(lifter, kind)


@pytest.mark.parametrize("kind", FILES)
def test_every_tensor_is_read_as_it_was(kind):
    arrays = read_checkpoint(FILES[kind])
    expected = {name for name in GOLDEN.files if name.startswith(f"{kind}/weights/")}
    assert {f"{kind}/weights/{name}" for name in arrays} == expected
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, GOLDEN[f"{kind}/weights/{name}"])
    assert sum(array.size for name, array in arrays.items() if "num_batches" not in name) == 33612
    assert read_epoch(FILES[kind]) == EPOCHS[kind]


@pytest.mark.parametrize("write", [write_stream, write_zip])
def test_views_and_other_numbers(write, tmp_path):
    path = tmp_path / "checkpoint"
    values = np.arange(12, dtype=np.float16)
    transposed = tensor("I3\nI2\n", "I1\nI4\n", numel=12, offset=1, kind="Half")
    write(path, state("module.a", transposed), values)
    np.testing.assert_array_equal(read_checkpoint(path)["a"], [[1, 5], [2, 6], [3, 7]])
    scalar = tensor("", "", numel=12, offset=3, kind="Half")
    parameter = b"ctorch._utils\n_rebuild_parameter\n(" + scalar + b"I01\nNtR"
    write(path, state("a", parameter), values)
    assert read_checkpoint(path)["a"] == 3
    bfloat16 = np.array([0x3FC0, 0xC000], np.uint16)
    write(path, state("a", tensor("I2\n", numel=2, kind="BFloat16")), bfloat16)
    np.testing.assert_array_equal(read_checkpoint(path)["a"], np.float32([1.5, -2]))


@pytest.mark.parametrize("protocol", range(2, 6))
def test_a_random_state_of_this_numpy_is_passed_over(protocol, tmp_path):
    saved = {"random_state": np.random.RandomState(1), "lr": np.float64(0.1), "epoch": 3}
    payload = state("a", tensor(), pickle.dumps(saved, protocol)[:-1])
    write_stream(tmp_path / "checkpoint", payload, np.zeros(4, np.float32))
    assert read_checkpoint(tmp_path / "checkpoint")["a"].shape == (4,)
    assert read_epoch(tmp_path / "checkpoint") == 3


# === What must not be loaded ===


class Gadget:
    def __init__(self, *reduced):
        self.reduced = reduced

    def __reduce__(self):
        return self.reduced


SYSTEM = f"{os.system.__module__}.system"
HOSTILE = {
    "system": ("os.system", lambda command: f"cos\nsystem\n(V{command}\ntR.".encode()),
    "instance": ("os.system", lambda command: f"(V{command}\nios\nsystem\n.".encode()),
    "object": ("subprocess.Popen", lambda _: b"(csubprocess\nPopen\n(lo."),
    "new object": ("subprocess.Popen", lambda _: b"csubprocess\nPopen\n)\x81."),
    "eval": (
        "builtins.eval",
        lambda command: f"cbuiltins\neval\n(V__import__('os').system({command!r})\ntR.".encode(),
    ),
    "python 2": ("__builtin__.eval", lambda _: b"c__builtin__\neval\n(V1\ntR."),
    "hub": ("torch.hub.load", lambda _: b"ctorch.hub\nload\n(Va\ntR."),
    "torch.load": ("torch.load", lambda _: b"ctorch\nload\n(Va\ntR."),
    "inside numpy": (
        SYSTEM,
        lambda command: pickle.dumps(
            Gadget(np.zeros(0).__reduce__()[0], (Gadget(os.system, (command,)),)), 2
        ),
    ),
    "as state": (
        SYSTEM,
        lambda command: pickle.dumps(
            Gadget(np.dtype, ("f4",), {"__setstate__": Gadget(os.system, (command,))}), 4
        ),
    ),
    "dotted": (
        "collections.OrderedDict.__reduce__",
        lambda _: b"\x80\x04\x8c\x0bcollections\x8c\x16OrderedDict.__reduce__\x93.",
    ),
    "dotted module": (
        "torch.serialization.os.system",
        lambda command: (
            b"\x80\x04\x8c\x05torch\x8c\x17serialization.os.system\x93"
            + f"(V{command}\ntR.".encode()
        ),
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("write", [write_stream, write_zip])
def test_code_in_a_checkpoint_is_named_and_does_not_run(case, write, tmp_path):
    name, payload = HOSTILE[case]
    payload = payload(f"touch {tmp_path / 'ran'}")
    write(tmp_path / "checkpoint", payload, np.zeros(4, np.float32))
    assert_refused(tmp_path / "checkpoint", f"holds {re.escape(name)}, which is not a tensor")
    assert not (tmp_path / "ran").exists()


def test_a_known_function_given_a_state_stays_a_record(tmp_path):
    given_a_state = b"cnumpy\ndtype\n(dV__call__\nI1\nsb"
    payload = state("a", tensor(), b"(dVother\n" + given_a_state + b"s")
    write_stream(tmp_path / "checkpoint", payload, np.zeros(4, np.float32))
    assert read_checkpoint(tmp_path / "checkpoint")["a"].shape == (4,)


BOMBS = {
    "memo": b"Nr\xff\xff\xff\xff.",
    "nested key": b"}N" + b"\x85" * 100_000 + b"Ns.",
    "nested value": b"}Va\nN" + b"\x85" * 100_000 + b"s.",
    "long bytes": b"\x8e" + struct.pack("<Q", 1 << 40) + b"few.",
    "long frame": b"\x80\x04\x95" + struct.pack("<Q", 1 << 60) + b"N.",
    "long number": b"}Vepoch\n\x8b\x40\x42\x0f\x00" + b"\x7f" * 1_000_000 + b"s.",
    "extension": b"\x82\x01.",
    "empty stack": b"R.",
    "escaped name": b"c\\.\n\\.\n.",
}


@pytest.mark.parametrize("case", BOMBS)
def test_a_small_pickle_stays_small(case, tmp_path):
    write_stream(tmp_path / "checkpoint", BOMBS[case])
    assert_refused(tmp_path / "checkpoint", "damaged|holds")


def test_too_many_objects(tmp_path):
    write_stream(tmp_path / "checkpoint", b"}" * 1_100_000)
    assert_refused(tmp_path / "checkpoint", "more objects than any checkpoint")


@pytest.mark.parametrize(
    "claim",
    [
        {"shape": "I5\n"},
        {"shape": "I4000000000000\n"},
        {"shape": "I-4\n"},
        {"shape": "I0\n"},
        {"strides": "I2\n"},
        {"strides": "I0\n", "shape": "I1000000000\n"},
        {"strides": "I-1\n"},
        {"offset": 1},
        {"offset": -1},
        {"shape": "I2\nI2\n"},
        {"shape": "I1\n" * 70, "strides": "I1\n" * 70},
    ],
    ids=str,
)
def test_a_tensor_beyond_its_values(claim, tmp_path):
    write_zip(tmp_path / "checkpoint", state("a", tensor(**claim)), np.zeros(4, np.float32))
    assert_refused(tmp_path / "checkpoint", "a: its shape does not fit")


@pytest.mark.parametrize("numel", [5, 1 << 62, -1])
def test_values_that_are_not_there(numel, tmp_path):
    path, values = tmp_path / "checkpoint", np.zeros(4, np.float32)
    payload = state("a", tensor(shape=f"I{numel}\n", numel=numel))
    write_stream(path, payload, values)
    assert_refused(path, "truncated, or damaged|not described")
    write_stream(path, payload, values, numel=numel)
    assert_refused(path, "values of its tensors are missing|not described")
    write_zip(path, payload, values)
    assert_refused(path, "claim more than the file|do not belong|not described")


def test_tensors_that_share_values_without_end(tmp_path):
    many = b"".join(b"Va%d\n" % i + tensor() + b"s" for i in range(1000))
    payload = b"(d" + many + b"."
    write_zip(tmp_path / "checkpoint", payload, np.zeros(4, np.float32))
    assert len(read_checkpoint(tmp_path / "checkpoint")) == 1000
    large = b"".join(b"Va%d\n" % i + tensor(numel=10**5) + b"s" for i in range(1000))
    write_zip(tmp_path / "checkpoint", b"(d" + large + b".", np.zeros(10**5, np.float32))
    assert_refused(tmp_path / "checkpoint", "claim more than the file holds")


def test_compressed_archives(tmp_path):
    values = np.zeros(4, np.float32)
    write_zip(tmp_path / "checkpoint", state("a", tensor()), values, zipfile.ZIP_DEFLATED)
    assert_refused(tmp_path / "checkpoint", "a zip archive that PyTorch did not write")


# === Damage ===


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("kept", [0, 1, 20, 300, 9000, 0.3, 0.9, -1])
def test_truncated(kind, kept, tmp_path):
    data = FILES[kind].read_bytes()
    kept = int(kept * len(data)) if isinstance(kept, float) else kept
    (tmp_path / "checkpoint").write_bytes(data[:kept])
    assert_refused(tmp_path / "checkpoint", "truncated" if kept else "empty")


@pytest.mark.parametrize("kind", FILES)
def test_random_damage_never_raises_anything_else(kind, tmp_path):
    path, data, rng = tmp_path / "checkpoint", FILES[kind].read_bytes(), random.Random(0)
    for _ in range(80):
        damaged = bytearray(data)
        for _ in range(rng.choice((1, 4))):
            damaged[rng.randrange(rng.choice((300, 3000, len(data))))] = rng.randrange(256)
        path.write_bytes(damaged)
        try:
            read_checkpoint(path)
            read_epoch(path)
        except InputError as error:
            assert "\n" not in str(error)


def test_other_files(tmp_path):
    path = tmp_path / "file"
    assert_refused(path, "file not found")
    assert_refused(tmp_path, "file not found")
    path.write_text("a text of several\nlines")
    assert_refused(path, "not a PyTorch checkpoint")
    path.write_bytes(pickle.dumps({"model_pos": {}}))
    assert_refused(path, "not a PyTorch checkpoint")
    assert_refused(FOLDER / "w333_c16.npz", "not a PyTorch checkpoint")
    with tarfile.open(path, "w") as archive:
        archive.addfile(tarfile.TarInfo("sys_info"), io.BytesIO())
    assert_refused(path, "tar archive")
    write_stream(path, b"(dVepoch\nI3\ns.")
    assert_refused(path, "neither model_pos nor")
    write_stream(path, b"(dVmodel_pos\n(dVa\nI3\nss.")
    assert_refused(path, "neither model_pos nor")


# === Other architectures ===


def changed(**changes) -> dict[str, np.ndarray]:
    """The symmetric model's arrays but for some, by name with __ for dots; None removes one."""
    arrays = read_checkpoint(FILES["symmetric"])
    arrays |= {name.replace("__", "."): value for name, value in changes.items()}
    return {name: value for name, value in arrays.items() if value is not None}


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"expand_conv__weight": None}, "expand_conv.weight is missing"),
        (
            {"expand_conv__weight": np.zeros((16, 32, 3))},
            r"expand_conv.weight: shape \(16, 32, 3\)",
        ),
        ({"expand_conv__weight": np.zeros(())}, r"expand_conv.weight: shape \(\)"),
        ({"layers_conv__0__weight": np.zeros((16, 16, 3))}, "layers_conv.0.weight: shape"),
        ({"layers_conv__2__weight": np.zeros((16, 16, 4))}, "layers_conv.2.weight: shape"),
        (
            {"layers_conv__2__weight": np.zeros((16, 16, 9999))},
            "layers_conv.2.weight: 89991 frames",
        ),
        ({"layers_conv__4__weight": np.zeros((16, 16, 3))}, "layers_bn.4.weight is missing"),
        ({"shrink_direct_1__weight": np.zeros((51, 16, 1))}, "shrink_direct_1.weight: shape"),
        ({"boneatt__bias": None}, "boneatt.bias is missing"),
        ({"attention__weight": np.zeros(3)}, "attention.weight is unknown"),
        ({"boneatt__bias": np.full(16, np.nan)}, "boneatt.bias: holds numbers that are not finite"),
        ({"boneatt__bias": np.full(16, 1e300)}, "boneatt.bias: holds numbers that are not finite"),
    ],
)
def test_the_first_tensor_that_differs_is_named(changes, message):
    with pytest.raises(InputError, match=message):
        released_lifter(changed(**changes), causal=False)


# === The tool ===


def test_the_tool_writes_a_model_that_loads(tmp_path):
    code, out, errors = run(
        *("import_checkpoint", f"--checkpoint={FILES['causal']}", "--causal"),
        f"--output={tmp_path / 'released'}",
    )
    assert (code, errors) == (0, [])
    file = tmp_path / "released" / "model.keras"
    assert out == f"wrote {file}: 27 frames, 16 channels, 33,132 parameters, epoch 80\n"
    assert list(file.parent.iterdir()) == [file]
    assert_whole_clip_is_golden(load_lifter(file.parent), "causal")


def test_the_tool_refuses_in_one_line_and_writes_nothing(tmp_path):
    path = tmp_path / "checkpoint"
    write_stream(path, f"cos\nsystem\n(Vtouch {tmp_path / 'ran'}\ntR.".encode())
    code, out, errors = run(
        "import_checkpoint", f"--checkpoint={path}", f"--output={tmp_path / 'released.keras'}"
    )
    assert (code, out, len(errors)) == (1, "", 1)
    assert "holds os.system, which is not a tensor or a plain container" in errors[0]
    assert list(tmp_path.iterdir()) == [path]
