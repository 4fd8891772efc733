"""Tensors out of what PyTorch saved, and nothing out of anything else."""

import io
import pickle
import random
import tarfile

import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.export.released.torch_checkpoint import read_checkpoint, read_epoch
from tests.export.released.torch_files import (
    FILES,
    FOLDER,
    GOLDEN,
    assert_refused,
    state,
    tensor,
    write_stream,
    write_zip,
)

EPOCHS = {"symmetric": 60, "causal": 80}


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
