"""Exports that take a detector's keypoints lift what the package makes of them."""

import numpy as np
import onnxruntime
import pytest
from ai_edge_litert.interpreter import Interpreter

from anatomy_tf.data.keypoint_sets import HUMAN36M_17, KEYPOINT_SETS, convert
from anatomy_tf.errors import InputError
from anatomy_tf.export.description.describe import format_description, read_metadata
from anatomy_tf.export.onnx import write_onnx
from anatomy_tf.export.serving.server_page import serving_readme
from anatomy_tf.export.signatures import STATE, ClipSignature, StreamSignature
from anatomy_tf.export.tflite.tflite_file import write_tflite
from anatomy_tf.export.tflite.tflite_lifter import TfliteLifter
from tests.lifters import random_lifter

SIZES = np.array([[1280, 720]], np.float32)
SETS = [name for name in KEYPOINT_SETS if name != "human36m17"]


@pytest.fixture(scope="module")
def lifter():
    return random_lifter(causal=True, sub_networks=1)


def someone(keypoint_set: str, frames: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """`(1, T, I, 2)` pixels with gaps, and `(1, T, I)` scores, 0 in the gaps."""
    rng = np.random.default_rng(0)
    count = len(KEYPOINT_SETS[keypoint_set])
    pixels = rng.uniform(50, 700, (1, frames, count, 2)).astype(np.float32)
    scores = rng.uniform(0.1, 1, (1, frames, count)).astype(np.float32)
    gone = rng.uniform(size=scores.shape) < 0.1
    pixels[gone] = np.nan
    return pixels, np.where(gone, 0, scores)


def in_joints(pixels, scores, keypoint_set: str) -> tuple[np.ndarray, np.ndarray]:
    filled = np.nan_to_num(pixels)
    joints, visibility = convert(filled, scores, KEYPOINT_SETS[keypoint_set], HUMAN36M_17)
    joints[visibility == 0] = np.nan
    return joints, visibility


@pytest.mark.parametrize("keypoint_set", SETS)
def test_every_set_gives_what_its_joints_give(lifter, keypoint_set):
    pixels, scores = someone(keypoint_set)
    joints, visibility = in_joints(pixels, scores, keypoint_set)
    frames = np.array([-1])
    found = ClipSignature(lifter, keypoint_set=keypoint_set)(pixels, SIZES, scores, frames)
    expected = ClipSignature(lifter)(joints, SIZES, visibility, frames)
    np.testing.assert_allclose(found["joints"], expected["joints"], atol=1e-4)
    assert np.isfinite(found["joints"]).all()


@pytest.mark.long
def test_streams_on_a_device_take_coco(lifter, tmp_path):
    path = tmp_path / "coco.tflite"
    write_tflite(lifter, path, keypoint_set="coco17")
    pixels, scores = someone("coco17")
    joints, visibility = in_joints(pixels, scores, "coco17")
    expected = ClipSignature(lifter)(joints, SIZES, visibility, np.array([-1]))["joints"]
    step = Interpreter(str(path)).get_signature_runner("stream_step")
    state = {
        name: np.zeros(details["shape"], details["dtype"])
        for name, details in step.get_input_details().items()
        if name.startswith(STATE)
    }
    for frame in range(pixels.shape[1]):
        now = slice(frame, frame + 1)
        outputs = step(
            keypoints=pixels[:, now], visibility=scores[:, now], image_size=SIZES, **state
        )
        state = {name: outputs[name] for name in state}
        np.testing.assert_allclose(outputs["joints"][0], expected[0, now], atol=1e-4)
    metadata = read_metadata(path)
    assert metadata["keypoint_set"] == "coco17"
    assert metadata["keypoint_names"] == list(KEYPOINT_SETS["coco17"])
    assert metadata["joint_names"] == list(HUMAN36M_17)
    assert "coco17 keypoints: nose, l_eye" in format_description(metadata)
    with pytest.raises(InputError, match="takes other keypoints than the joints"):
        TfliteLifter(path)


@pytest.mark.long
def test_onnx_takes_coco(tmp_path):
    lifter = random_lifter(sub_networks=1)
    write_onnx(lifter, tmp_path / "coco.onnx", keypoint_set="coco17")
    session = onnxruntime.InferenceSession(tmp_path / "coco.onnx")
    pixels, scores = someone("coco17")
    joints, visibility = in_joints(pixels, scores, "coco17")
    frames = np.array([-1], np.int32)
    inputs = {"keypoints": pixels, "image_size": SIZES, "visibility": scores, "frames": frames}
    (found,) = session.run(["joints"], inputs)
    expected = ClipSignature(lifter)(joints, SIZES, visibility, frames)["joints"]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_what_cannot_be_taken(lifter, tmp_path):
    with pytest.raises(InputError, match="keypoint_set coco: no such set"):
        StreamSignature(lifter, keypoint_set="coco")
    with pytest.raises(InputError, match="int8 is calibrated with clips of the model's own joints"):
        write_tflite(lifter, tmp_path / "x.tflite", "int8", keypoint_set="coco17")
    assert not list(tmp_path.iterdir())


def test_the_page_of_a_server_says_whose_keypoints_it_takes(lifter):
    page = serving_readme(lifter, "anatomy", "body25")
    assert "It takes 25 keypoints, body25, in this order" in page
    assert "`(clips, frames, 25, 2)`" in page and "[[[[960, 540]] * 25] * 3]" in page
    assert "It takes 17 keypoints, the model's own joints" in serving_readme(lifter, "anatomy")
