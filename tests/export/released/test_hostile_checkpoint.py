"""Checkpoints with code in them, or with claims that would cost memory or time."""

import os
import pickle
import re
import struct
import zipfile

import numpy as np
import pytest

from anatomy_tf.export.released.torch_checkpoint import read_checkpoint
from tests.damage import SYSTEM, Gadget
from tests.export.released.torch_files import assert_refused, state, tensor, write_stream, write_zip

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
