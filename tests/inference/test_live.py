"""Live keypoints of any detector, in pixels."""

import numpy as np
import pytest

from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.data.keypoint_sets import COCO_17, HUMAN36M_17, convert
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.screen import pixels_to_screen
from anatomy_tf.inference.live import LiveStream
from anatomy_tf.inference.stream import Streamer
from tests.data.detections.samples import FILES
from tests.lifters import random_lifter
from tests.long import long

RESOLUTION = (1080, 1920)
FRAMES = 30


@pytest.fixture(scope="module")
def model():
    return random_lifter(causal=True)


@pytest.fixture(scope="module")
def coco():
    """`(T, 17, 2)` pixels of COCO's joints of a real video, and their scores."""
    detections = read_detections(FILES / "balance_alphapose-results.json")
    return detections.keypoints[:FRAMES], detections.scores[:FRAMES]


def test_pixels_of_another_set_give_what_converted_ones_give(model, coco):
    keypoints, scores = coco
    live = LiveStream(model, RESOLUTION, "coco17")
    joints = np.stack([live.push(*frame) for frame in zip(keypoints, scores, strict=True)])
    converted, visibility = convert(keypoints, scores, COCO_17, HUMAN36M_17)
    expected = Streamer(model).push(pixels_to_screen(converted, RESOLUTION), visibility)
    np.testing.assert_allclose(joints, expected, atol=1e-5)


@pytest.mark.parametrize("gone", [np.nan, long(0.0)])
def test_what_was_not_seen_is_held(model, coco, gone):
    keypoints, scores = (x.copy() for x in coco)
    keypoints[10:14] = gone
    live = LiveStream(model, RESOLUTION, "coco17")
    joints = live.push(keypoints, scores)
    held, seen = coco[0].copy(), scores.copy()
    held[10:14], seen[10:14] = held[9], 0
    converted, _ = convert(held, np.ones_like(seen), COCO_17, HUMAN36M_17)
    _, visibility = convert(held, seen, COCO_17, HUMAN36M_17)
    expected = Streamer(model).push(pixels_to_screen(converted, RESOLUTION), visibility)
    np.testing.assert_allclose(joints, expected, atol=1e-5)


def test_several_people_each_begin_anew_when_reset(model, coco):
    keypoints = np.stack([coco[0], coco[0]])
    live = LiveStream(model, RESOLUTION, "coco17", people=2)
    both = live.push(keypoints)
    assert both.shape == (2, FRAMES, 17, 3)
    live.reset(1)
    first = live.push(keypoints[:, 0])[1]
    np.testing.assert_allclose(first, both[1, 0], atol=1e-5)
    with pytest.raises(InputError, match="no stream 2, there are 2"):
        live.reset(2)


def test_joints_of_another_set_are_refused_before_a_second_has_gone(model, coco):
    live = LiveStream(model, RESOLUTION, "human36m17")
    with pytest.raises(InputError, match="look like those of coco17, not human36m17"):
        for frame in coco[0]:
            live.push(frame)
    streamer = Streamer(model)
    with pytest.raises(InputError, match="look like those of coco17, not human36m17"):
        streamer.push(pixels_to_screen(coco[0], RESOLUTION))


def test_mistakes_of_units_and_shape(model, coco):
    live = LiveStream(model, RESOLUTION, "coco17")
    with pytest.raises(InputError, match="Pixels are expected"):
        live.push(pixels_to_screen(coco[0][0], RESOLUTION))
    with pytest.raises(InputError, match="pixels, where screen coordinates are expected"):
        Streamer(model, unseen="hold").push(coco[0][0])
    with pytest.raises(InputError, match=r"keypoints have shape \(2, 17, 2, 2\)"):
        live.push(np.ones((2, 17, 2, 2)))
    with pytest.raises(InputError, match="resolution"):
        LiveStream(model, (1080, 0), "coco17")
    with pytest.raises(InputError, match="no such set"):
        LiveStream(model, RESOLUTION, "coco")
