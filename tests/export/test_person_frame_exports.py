"""Models in the keypoint frame `person` give the same in every format, for any lens."""

import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.data.clip import Clip
from anatomy_tf.export.signatures import ClipSignature, StreamSignature
from anatomy_tf.export.tflite.tflite_file import write_tflite
from anatomy_tf.export.tflite.tflite_lifter import TfliteLifter
from anatomy_tf.geometry.screen import screen_to_pixels
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.inference.live import LiveStream
from anatomy_tf.skeleton import H36M_17
from tests.conftest import random_clip
from tests.lifters import random_lifter
from tests.long import long

RESOLUTION = (1080, 1920)
FOCAL = 1500.0


@pytest.fixture(scope="module")
def lifter():
    return random_lifter(keypoint_frame="person", causal=True, sub_networks=1)


@pytest.fixture(scope="module")
def clip():
    made = random_clip(20)
    return Clip(
        name="clip",
        subject="s",
        action="a",
        skeleton=H36M_17,
        resolution=RESOLUTION,
        fps=50,
        keypoints=screen_to_pixels(0.2 * made["keypoints"][0], RESOLUTION).astype(np.float32),
        visibility=made["visibility"][0],
        focal_length=FOCAL,
    )


@pytest.fixture(scope="module")
def lifted(lifter, clip):
    """What the exports have to give."""
    return ClipLifter(lifter)(clip)


@pytest.fixture(scope="module")
def lift(lifter):
    return ClipSignature(lifter).function()


def request(clip):
    return {
        "keypoints": clip.keypoints[np.newaxis],
        "visibility": clip.visibility[np.newaxis],
        "image_size": np.float32([RESOLUTION]),
    }


@pytest.mark.parametrize("flip", [True, long(False)])
def test_the_focal_length_in_pixels_is_that_of_the_clip(lifter, clip, flip):
    lift = ClipSignature(lifter, flip).function()
    found = lift(**request(clip), focal=np.float32([FOCAL]))
    expected = ClipLifter(lifter, flip)(clip)
    np.testing.assert_allclose(found["joints"][0], expected["joints"], atol=1e-5)


@pytest.fixture(scope="module")
def guessed(lifter, clip):
    return ClipLifter(lifter)(dataclasses.replace(clip, focal_length=None))


@pytest.mark.parametrize("focal", [0, -3, 1e9, float("nan")])
def test_a_focal_length_of_no_lens_is_guessed(lift, lifted, guessed, clip, focal):
    for found in (lift(**request(clip), focal=np.float32([focal])), lift(**request(clip))):
        np.testing.assert_allclose(found["joints"][0], guessed["joints"], atol=1e-5)
    assert np.abs(lifted["joints"] - guessed["joints"]).max() > 1e-3


def test_a_stream_of_pixels_is_the_whole_clip(lifter, lifted, clip):
    signature = StreamSignature(lifter)
    stream, state = signature.function(), dict(signature.initial_state)
    live = LiveStream(lifter, RESOLUTION, "human36m17", focal=FOCAL)
    expected = lifted["joints"]
    for frame in range(len(clip)):
        here = {name: value[:, frame : frame + 1] for name, value in request(clip).items()}
        here["image_size"] = np.float32([RESOLUTION])
        outputs = stream(**here, state=state, focal=np.float32([FOCAL]))
        state = {name: outputs[name] for name in state}
        np.testing.assert_allclose(outputs["joints"][0, 0], expected[frame], atol=1e-5)
        pushed = live.push(clip.keypoints[frame], clip.visibility[frame])
        np.testing.assert_allclose(pushed, expected[frame], atol=1e-5)


def test_tflite_lifts_and_streams_the_same(tmp_path, lifter, lifted, clip):
    pytest.importorskip("ai_edge_litert")
    path = tmp_path / "model.tflite"
    write_tflite(lifter, path)
    file = TfliteLifter(path)
    np.testing.assert_allclose(file(clip)["joints"], lifted["joints"], atol=1e-5)
    for frame, outputs in enumerate(file.stream(clip)):
        np.testing.assert_allclose(outputs["joints"], lifted["joints"][frame], atol=1e-5)


def test_garbage_gives_no_nan(lift):
    for fill in (0.0, np.nan, 1e6, -1e6):
        keypoints = np.full((1, 3, 17, 2), fill, np.float32)
        for outputs in (
            lift(keypoints, np.float32([RESOLUTION])),
            lift(keypoints, np.zeros((1, 2), np.float32)),
        ):
            for value in outputs.values():
                assert np.isfinite(value).all()
    one = np.full((1, 1, 17, 2), np.nan, np.float32)
    one[..., 5, :] = 300
    assert np.isfinite(lift(one, np.float32([RESOLUTION]))["joints"]).all()


@pytest.mark.long
def test_onnx_lifts_the_same(tmp_path, lifter, lifted, clip):
    onnxruntime = pytest.importorskip("onnxruntime")
    onnx = pytest.importorskip("anatomy_tf.export.onnx")
    pytest.importorskip("tf2onnx")
    path = tmp_path / "model.onnx"
    onnx.write_onnx(lifter, path, "lift")
    session = onnxruntime.InferenceSession(str(path))
    names = [output.name for output in session.get_outputs()]
    inputs = request(clip) | {"frames": np.int32([-1]), "focal": np.float32([FOCAL])}
    outputs = dict(zip(names, session.run(None, inputs), strict=True))
    np.testing.assert_allclose(outputs["joints"][0], lifted["joints"], atol=1e-5)
    metadata = json.loads(session.get_modelmeta().custom_metadata_map["json"])
    assert metadata["keypoint_frame"] == "person"
    assert metadata["signatures"]["lift"]["inputs"]["focal"]["default"] == 0


def test_models_of_the_screen_have_no_focal_length():
    specs = ClipSignature(random_lifter()).function().get_concrete_function()
    assert "focal" not in [
        tensor.name for tensor in tf.nest.flatten(specs.structured_input_signature)
    ]
