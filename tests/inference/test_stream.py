"""A stream gives what the whole clip gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.choices import MODES
from anatomy_tf.errors import InputError
from anatomy_tf.inference.stream import Streamer
from anatomy_tf.models.length_frames import LengthFrames
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from tests.conftest import random_clip
from tests.lifters import random_lifter
from tests.long import long, long_but

FRAMES = 23


def pushed(streamer: Streamer, clip: dict, portions) -> np.ndarray:
    """The joints of all portions of a clip of one or more streams: `(B, T, J, 3)`."""
    keypoints, visibility = clip["keypoints"], clip["visibility"]
    if streamer.streams is None:
        keypoints, visibility = keypoints[0], visibility[0]
    axis = keypoints.ndim - 3
    cuts = np.cumsum(portions)[:-1]
    parts = zip(np.split(keypoints, cuts, axis), np.split(visibility, cuts, axis), strict=True)
    joints = np.concatenate([streamer.push(*part) for part in parts], axis)
    return joints if streamer.streams else joints[np.newaxis]


@pytest.mark.parametrize(
    "arguments",
    [
        {"sub_networks": 3, "filter_widths": (3, 5, 3)},
        {"filter_widths": (3, 3, 3), "length_network": "direct", "assembly": "kinematic"},
        {"assembly": "joints"},
        long({}),
        long({"sub_networks": 1, "visibility": "none"}),
        long({"sub_networks": 3, "long_skips": False, "visibility": "concatenation"}),
        long({"assembly": "bones", "sub_networks": 1}),
    ],
)
def test_frame_by_frame_equals_the_whole_clip(arguments):
    lifter = random_lifter(causal=True, **arguments)
    clip = random_clip(FRAMES)
    joints = pushed(Streamer(lifter), clip, [1] * FRAMES)
    np.testing.assert_allclose(joints, lifter(clip)["joints"], atol=1e-5)


@pytest.fixture(scope="module")
def lifter():
    return random_lifter(causal=True, filter_widths=(3, 3, 3))


@pytest.mark.parametrize("mode", long_but(("random", "consecutive"), MODES))
def test_every_choice_of_length_frames(lifter, mode):
    choice = LengthFrames(mode, count=4)
    clip = random_clip(FRAMES, batch=2)
    joints = pushed(Streamer(lifter, 2, choice), clip, [1, 5, 1, 1, 3, 12])
    expected = lifter.clip_model(choice)(clip)["joints"]
    np.testing.assert_allclose(joints, expected, atol=1e-5)
    alike = np.allclose(expected, lifter(clip)["joints"], atol=1e-5)
    assert alike == (mode == "all")


@pytest.fixture(scope="module")
def streamer(lifter):
    return Streamer(lifter)


@settings(max_examples=10, deadline=None)
@given(portions=st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_portions_do_not_matter(lifter, streamer, portions):
    streamer.reset()
    clip = random_clip(sum(portions))
    np.testing.assert_allclose(pushed(streamer, clip, portions), lifter(clip)["joints"], atol=1e-5)


def test_a_stream_that_is_reset_begins_anew_and_the_others_go_on(lifter):
    clip = random_clip(FRAMES, batch=3)
    streamer = Streamer(lifter, streams=3)
    first = {name: values[:, :9] for name, values in clip.items()}
    rest = {name: values[:, 9:] for name, values in clip.items()}
    pushed(streamer, first, [4, 5])
    streamer.reset(1)
    joints = pushed(streamer, rest, [1] * (FRAMES - 9))
    whole, anew = lifter(clip)["joints"][:, 9:], lifter(rest)["joints"]
    np.testing.assert_allclose(joints[[0, 2]], whole.numpy()[[0, 2]], atol=1e-5)
    np.testing.assert_allclose(joints[1], anew[1], atol=1e-5)
    streamer.reset()
    np.testing.assert_allclose(pushed(streamer, rest, [FRAMES - 9]), anew, atol=1e-5)


@pytest.mark.long
def test_the_state_does_not_grow(lifter):
    for mode in MODES:
        streamer = Streamer(lifter, length_frames=LengthFrames(mode, 5))
        clip = random_clip(30)
        sizes = []
        for frame in range(30):
            streamer.push(clip["keypoints"][0, frame])
            sizes.append(sum(value.shape.num_elements() for value in streamer._state.values()))
        assert len(set(sizes)) == 1


def test_unseen_joints_are_held_where_they_were_seen_last(lifter):
    clip = random_clip(6)
    seen = {name: values.copy() for name, values in clip.items()}
    seen["keypoints"][0, 3:5, 2] = seen["keypoints"][0, 2, 2]
    seen["visibility"][0, 3:5, 2] = 0
    seen["keypoints"][0, 0, 7] = 0
    seen["visibility"][0, 0, 7] = 0
    clip["keypoints"][0, 3, 2] = np.nan
    clip["keypoints"][0, 4, 2, 0] = np.inf
    clip["visibility"][0, 0, 7] = np.nan
    joints = pushed(Streamer(lifter, unseen="hold"), clip, [1, 3, 2])
    np.testing.assert_allclose(joints, lifter(seen)["joints"], atol=1e-5)


def test_a_frame_that_is_refused_leaves_the_stream_as_it_was(lifter):
    clip = random_clip(8)
    streamer = Streamer(lifter)
    before = pushed(streamer, {k: v[:, :5] for k, v in clip.items()}, [5])
    broken = clip["keypoints"][0, 5].copy()
    broken[3] = np.nan
    with pytest.raises(InputError, match="stream 0, frame 0: r_ankle is not finite"):
        streamer.push(broken, clip["visibility"][0, 5])
    after = pushed(streamer, {k: v[:, 5:] for k, v in clip.items()}, [3])
    joints = np.concatenate([before, after], axis=1)
    np.testing.assert_allclose(joints, lifter(clip)["joints"], atol=1e-5)


@pytest.mark.parametrize(
    ("streams", "keypoints", "visibility", "message"),
    [
        (None, (16, 2), None, r"keypoints have shape \(16, 2\), a frame of this stream \(17, 2\)"),
        (None, (2, 3, 17, 2), None, "keypoints have shape"),
        (None, (17, 3), None, "keypoints have shape"),
        (None, (17,), None, "keypoints have shape"),
        (None, (0, 17, 2), None, "keypoints: no frames"),
        (None, (17, 2), (16,), r"visibility has shape \(16,\), expected \(17,\)"),
        (2, (17, 2), None, r"a frame of this stream \(2, 17, 2\)"),
        (2, (3, 17, 2), None, "keypoints have shape"),
    ],
)
def test_other_shapes_are_refused(lifter, streams, keypoints, visibility, message):
    scores = None if visibility is None else np.ones(visibility)
    with pytest.raises(InputError, match=message):
        Streamer(lifter, streams).push(np.zeros(keypoints), scores)


def test_what_is_no_number_or_far_outside_the_image_is_refused(lifter):
    streamer = Streamer(lifter)
    for keypoints in ([[1, 2], [3]], "x", None):
        with pytest.raises(InputError, match="not an array of numbers|keypoints have shape"):
            streamer.push(keypoints)
    with pytest.raises(InputError, match="pelvis is not finite, or not on screen"):
        streamer.push(np.full((17, 2), 1e30))


def test_what_cannot_be_streamed_is_refused(lifter):
    with pytest.raises(InputError, match="needs a causal model"):
        Streamer(AnatomyLifter(H36M_17, (3, 3), channels=4))
    with pytest.raises(InputError, match="assembly joints has no bone lengths"):
        Streamer(
            random_lifter(causal=True, assembly="joints"), length_frames=LengthFrames("random", 3)
        )
    with pytest.raises(InputError, match="unseen: must be one of"):
        Streamer(lifter, unseen="guess")
    with pytest.raises(InputError, match="streams: must be positive"):
        Streamer(lifter, streams=0)
    with pytest.raises(InputError, match="no stream 2, there are 2"):
        Streamer(lifter, streams=2).reset(2)
