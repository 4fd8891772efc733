import subprocess
import sys

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from anatomy_tf.errors import InputError
from anatomy_tf.export.export import export
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from tests.conftest import random_clip

LENGTHS = ((1, 1), (2, 3), (1, 27), (1, 101))

RUN_SAVED_MODEL = """
import sys, json
import numpy as np
sys.modules["anatomy_tf"] = sys.modules["keras"] = None  # neither may be needed
import tensorflow as tf
folder, inputs, outputs = sys.argv[1:]
lift = tf.saved_model.load(folder).signatures["serving_default"]
results = {}
with np.load(inputs) as clips:
    for key in {name.split("/")[0] for name in clips.files}:
        clip = {n: tf.constant(clips[f"{key}/{n}"]) for n in ("keypoints", "visibility")}
        results |= {f"{key}/{n}": value.numpy() for n, value in lift(**clip).items()}
np.savez(outputs, **results)
"""


@pytest.fixture(
    params=[
        {},
        {"causal": True},
        {"causal": True, "length_frames": {"mode": "firstframes", "count": 3}},
        {"visibility": "none", "assembly": "kinematic"},
    ],
    ids=["symmetric", "causal", "firstframes", "kinematic"],
    scope="module",
)
def lifter(request):
    return AnatomyLifter(H36M_17, filter_widths=(3, 3, 3), channels=16, **request.param)


def assert_close(found: dict, expected: dict):
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, atol=1e-4, err_msg=name)


def test_saved_model_in_a_fresh_process_without_this_package(lifter, tmp_path):
    export(lifter, saved_model_dir=tmp_path / "model")
    clips = {f"{b}x{t}": random_clip(t, batch=b) for b, t in LENGTHS}
    flat = {f"{key}/{n}": values for key, clip in clips.items() for n, values in clip.items()}
    np.savez(tmp_path / "inputs.npz", **flat)
    arguments = [str(tmp_path / name) for name in ("model", "inputs.npz", "outputs.npz")]
    subprocess.run([sys.executable, "-c", RUN_SAVED_MODEL, *arguments], check=True, cwd=tmp_path)
    with np.load(tmp_path / "outputs.npz") as outputs:
        for key, clip in clips.items():
            found = {n.split("/")[1]: outputs[n] for n in outputs.files if n.startswith(f"{key}/")}
            assert_close(found, lifter(clip))


def test_tflite_with_any_batch_and_length(lifter, tmp_path):
    export(lifter, tflite=tmp_path / "model.tflite")
    interpreter = Interpreter(str(tmp_path / "model.tflite"))
    lift = interpreter.get_signature_runner("serving_default")
    for batch, frames in LENGTHS:
        clip = random_clip(frames, batch=batch)
        assert_close(lift(**clip), lifter(clip))


def test_an_export_is_never_written_over(small_lifter, tmp_path):
    folder, file = tmp_path / "model", tmp_path / "model.tflite"
    folder.mkdir()
    (folder / "mine").write_text("kept")
    with pytest.raises(InputError, match="there already and not empty"):
        export(small_lifter, folder, file)
    assert [p.name for p in folder.iterdir()] == ["mine"]
    assert not file.exists()
    export(small_lifter, folder, file, replace=True)
    assert (folder / "saved_model.pb").is_file()
    assert file.is_file()


def test_when_one_cannot_be_written_neither_is(small_lifter, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file/model.tflite: cannot be written"):
        export(small_lifter, tmp_path / "model", tmp_path / "file" / "model.tflite")
    with pytest.raises(InputError, match="file/model: cannot be written"):
        export(small_lifter, tmp_path / "file" / "model", tmp_path / "model.tflite")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
