"""Exports stand on their own: a process without this package computes what the Keras model does."""

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.export.description.describe import read_metadata
from anatomy_tf.export.saved_model import write_saved_model
from anatomy_tf.export.written_outputs import Outputs, export
from anatomy_tf.geometry.screen import screen_to_pixels
from anatomy_tf.inference.flip import lift_with_flip
from anatomy_tf.models.lifter import AnatomyLifter
from tests.conftest import random_clip
from tests.lifters import random_lifter
from tests.long import long

SIZE = (1280, 720)
LENGTHS = ((1, 1), (2, 15))
MODELS = {
    "symmetric": {},
    "causal": {"causal": True},
    "random": {"length_frames": {"mode": "random", "count": 3}, "assembly": "kinematic"},
    "baseline": {"causal": True, "assembly": "joints"},
}

RUN = """
import pathlib, sys
import numpy as np
sys.modules["anatomy_tf"] = sys.modules["keras"] = None  # neither may be needed
import tensorflow as tf
folder = pathlib.Path(sys.argv[1])
results = {}
with np.load(folder / "clips.npz") as clips:
    clips = dict(clips)

def frames_of(clip, frames):
    return {name: x[:, frames] if x.shape.rank > 2 else x for name, x in clip.items()}


for model in sorted(path.name for path in folder.iterdir() if path.is_dir()):
    loaded = tf.saved_model.load(str(folder / model))
    signatures = loaded.signatures
    for key in sorted({name.split("/")[0] for name in clips}):
        clip = {name: tf.constant(clips[f"{key}/{name}"]) for name in ("keypoints", "visibility")}
        clip["image_size"] = tf.constant([[1280.0, 720.0]])
        everything = clip | {"frames": tf.constant([-1])}
        for signature in ("lift", "lift_flip", "serving_default"):
            for name, value in signatures[signature](**everything).items():
                results[f"{model}/{key}/{signature}/{name}"] = value.numpy()
        if "stream" in signatures:
            half = (clip["keypoints"].shape[1] + 1) // 2
            outputs = loaded.stream(**frames_of(clip, slice(None, half)))
            joints = [outputs["joints"]]
            if half < clip["keypoints"].shape[1]:
                state = {name: x for name, x in outputs.items() if name.startswith("state_")}
                rest = frames_of(clip, slice(half, None))
                joints.append(signatures["stream"](**rest, **state)["joints"])
            results[f"{model}/{key}/stream/joints"] = np.concatenate(joints, axis=1)
    results[f"{model}/joint_names"] = signatures["metadata"]()["joint_names"].numpy().astype(str)
np.savez(folder / "results.npz", **results)
"""


@pytest.fixture(
    scope="module",
    params=[("random", "causal"), long(("symmetric", "baseline"))],
    ids="_".join,
)
def lifters(request) -> dict[str, AnatomyLifter]:
    shared = {"sub_networks": 1, "trained_on": {"fps": 50}}
    return {name: random_lifter(**shared, **MODELS[name]) for name in request.param}


@pytest.fixture(scope="module")
def saved(lifters, tmp_path_factory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("saved")
    for name, lifter in lifters.items():
        (folder / name).mkdir()
        write_saved_model(lifter, folder / name, card="# A card")
    return folder


def test_saved_models_in_a_fresh_process_without_this_package(lifters, saved):
    clips = {f"{b}x{t}": random_clip(t, batch=b) for b, t in LENGTHS}
    arrays = {}
    for key, clip in clips.items():
        pixels = screen_to_pixels(clip["keypoints"].astype(np.float64), SIZE)
        arrays[f"{key}/keypoints"] = pixels.astype(np.float32)
        arrays[f"{key}/visibility"] = clip["visibility"]
    np.savez(saved / "clips.npz", **arrays)
    subprocess.run([sys.executable, "-c", RUN, str(saved)], check=True, cwd=saved)
    with np.load(saved / "results.npz") as results:
        results = dict(results)
    for model, lifter in lifters.items():
        assert results[f"{model}/joint_names"].tolist() == list(lifter.skeleton.joint_names)

        def lift(keypoints, visibility, lifter=lifter):
            return lifter({"keypoints": keypoints, "visibility": visibility})

        for key, clip in clips.items():
            expected = {"lift": lifter(clip)}
            expected["lift_flip"] = lift_with_flip(lift, **clip, skeleton=lifter.skeleton)
            expected["serving_default"] = expected["lift"]
            if lifter.causal:
                expected["stream"] = {"joints": expected["lift"]["joints"]}
            prefix = f"{model}/{key}/"
            found = {name.removeprefix(prefix) for name in results if name.startswith(prefix)}
            assert found == {f"{s}/{name}" for s, values in expected.items() for name in values}
            for signature, values in expected.items():
                for name, value in values.items():
                    which = f"{prefix}{signature}/{name}"
                    np.testing.assert_allclose(results[which], value, atol=1e-4, err_msg=which)


def test_metadata_can_be_read_as_json(lifters, saved):
    causal = next(name for name, lifter in lifters.items() if lifter.causal)
    metadata = json.loads((saved / causal / "assets.extra" / "metadata.json").read_text())
    assert read_metadata(saved / causal) == metadata
    skeleton = lifters[causal].skeleton
    assert metadata["parents"] == list(skeleton.parents)
    assert metadata["fps"] == 50
    assert metadata["card"] == "# A card"
    assert set(metadata["signatures"]) == {"lift", "lift_flip", "stream"}
    keypoints = metadata["signatures"]["lift"]["inputs"]["keypoints"]
    assert keypoints["shape"] == [None, None, 17, 2]
    assert keypoints["dtype"] == "float32"
    assert "pixels" in keypoints["meaning"]
    for signature in metadata["signatures"].values():
        for tensor in (*signature["inputs"].values(), *signature["outputs"].values()):
            assert set(tensor) <= {"dtype", "shape", "meaning", "default"}


@pytest.mark.long
def test_an_export_is_never_written_over(tmp_path):
    lifter = random_lifter(sub_networks=1)
    folder, file = tmp_path / "model", tmp_path / "model.tflite"
    folder.mkdir()
    (folder / "mine").write_text("kept")
    with pytest.raises(InputError, match="there already and not empty"):
        export(lifter, Outputs(saved_model_dir=folder, tflite=file))
    assert [p.name for p in folder.iterdir()] == ["mine"]
    assert not file.exists()
    export(lifter, Outputs(saved_model_dir=folder, tflite=file), replace=True)
    assert (folder / "saved_model.pb").is_file()
    assert file.is_file()


def test_when_one_cannot_be_written_none_is(small_lifter, tmp_path):
    (tmp_path / "file").write_text("")
    blocked = tmp_path / "file" / "model"
    with pytest.raises(InputError, match="file/model: cannot be written"):
        export(small_lifter, Outputs(saved_model_dir=tmp_path / "model", tflite=blocked))
    with pytest.raises(InputError, match="file/model: cannot be written"):
        export(small_lifter, Outputs(saved_model_dir=blocked, tflite=tmp_path / "model.tflite"))
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
