"""Checkpoints of the released code, and files made to look like them."""

import functools
import pathlib
import pickle
import struct
import zipfile

import numpy as np

from anatomy_tf.export.released.torch_checkpoint import read_checkpoint
from tests import damage

FOLDER = pathlib.Path(__file__).parents[2] / "golden"
FILES = {"symmetric": FOLDER / "released_stream.bin", "causal": FOLDER / "released_zip.bin"}
GOLDEN = np.load(FOLDER / "w333_c16.npz", allow_pickle=False)
MAGIC = 0x1950A86A20F9469CFC6C

assert_refused = functools.partial(damage.assert_refused, read_checkpoint, seconds=20)


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
