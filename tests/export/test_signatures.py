"""Pixels in, metres out: what exported models compute is what the model does, and never NaN."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from anatomy_tf.choices import MODES
from anatomy_tf.data.clip import Clip
from anatomy_tf.export.signatures import STATE, ClipSignature, StreamSignature
from anatomy_tf.geometry.screen import screen_to_pixels
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.length_frames import LengthFrames
from tests.conftest import random_clip
from tests.lifters import random_lifter
from tests.long import long

SIZE = (1920, 1080)
SIZES = np.array([SIZE], np.float32)


@pytest.fixture(scope="module", params=[False, True], ids=["symmetric", "causal"])
def lifter(request):
    return random_lifter(causal=request.param, sub_networks=1)


@pytest.fixture(scope="module")
def lift(lifter):
    return ClipSignature(lifter, chunk_frames=50).function()


@pytest.fixture(scope="module")
def causal():
    return random_lifter(causal=True, sub_networks=1)


@pytest.fixture(scope="module")
def stream(causal):
    return StreamSignature(causal).function()


def in_pixels(clip: dict) -> np.ndarray:
    return screen_to_pixels(clip["keypoints"].astype(np.float64), SIZE).astype(np.float32)


def state_of(outputs: dict) -> dict:
    return {name: value for name, value in outputs.items() if name.startswith(STATE)}


def assert_same(found: dict, expected: dict, clip=slice(None)):
    for name, values in expected.items():
        values = np.asarray(values)
        result = np.asarray(found[name])[clip]
        if values.ndim > 2:
            result = result[:, : values.shape[1]]
        np.testing.assert_allclose(result, values, atol=1e-4, err_msg=name)


@pytest.mark.parametrize("frames", [1, 2, 9, 10, 101])
def test_whole_clips(lifter, lift, frames):
    clip = random_clip(frames, batch=2)
    outputs = lift(in_pixels(clip), SIZES, clip["visibility"])
    assert set(outputs) == {"joints", "directions", "lengths"}
    assert_same(outputs, lifter(clip))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("causal", [True, long(False)])
def test_padding_changes_nothing(mode, causal):
    lifter = random_lifter(causal=causal, sub_networks=1, length_frames=LengthFrames(mode, 4))
    clip = random_clip(31, batch=4)
    frames = [31, 12, 3, 0]
    keypoints = in_pixels(clip)
    keypoints[1, 12:] = np.nan
    sizes = np.repeat(SIZES, 4, axis=0)
    outputs = ClipSignature(lifter)(keypoints, sizes, clip["visibility"], np.array(frames))
    for row, count in enumerate(frames[:3]):
        alone = {name: values[row : row + 1, :count] for name, values in clip.items()}
        assert_same(outputs, lifter(alone), slice(row, row + 1))
        assert not np.any(outputs["joints"][row, count:])
    assert not np.any(outputs["joints"][3])
    assert not np.any(outputs["lengths"][3])


def test_flip_is_that_of_the_package(lifter):
    clip = random_clip(20)
    visibility, frames = clip["visibility"], np.array([20])
    outputs = ClipSignature(lifter, flip=True)(in_pixels(clip), SIZES, visibility, frames)
    keypoints = screen_to_pixels(clip["keypoints"][0], SIZE)
    people = {"name": "a", "subject": "b", "action": "c", "fps": 50}
    expected = ClipLifter(lifter, flip=True)(
        Clip(
            **people,
            skeleton=lifter.skeleton,
            resolution=SIZE,
            keypoints=keypoints,
            visibility=visibility[0],
        )
    )
    expected.pop("flip_distance")
    assert_same(outputs, {name: value[np.newaxis] for name, value in expected.items()})


def test_baselines_give_joints():
    lifter = random_lifter(assembly="joints", causal=True)
    clip = random_clip(5)
    function = StreamSignature(lifter).function()
    outputs = function(in_pixels(clip), SIZES, clip["visibility"])
    assert {name for name in outputs if not name.startswith(STATE)} == {"joints"}
    np.testing.assert_allclose(outputs["joints"], lifter(clip)["joints"], atol=1e-4)


def test_what_is_left_out_counts_as_seen_and_whole(lifter, lift):
    clip = random_clip(7, batch=2)
    clip["visibility"] = np.ones_like(clip["visibility"])
    assert_same(lift(in_pixels(clip), SIZES), lifter(clip))


def test_unseen_keypoints(lifter, lift):
    """A causal model holds them where they were; a symmetric one bridges the gap."""
    clip = random_clip(12)
    keypoints, visibility = in_pixels(clip), clip["visibility"].copy()
    keypoints[0, 4:7, 2] = np.nan
    keypoints[0, :3, 5, 1] = np.inf
    visibility[0, 9:, 3] = 0
    keypoints[0, :, 8] = 1e9
    screen = clip["keypoints"][0]
    clip["visibility"][0, 4:7, 2] = clip["visibility"][0, :3, 5] = 0
    clip["visibility"][0, 9:, 3] = clip["visibility"][0, :, 8] = 0
    if lifter.causal:
        screen[4:7, 2], screen[:3, 5] = screen[3, 2], 0
    else:
        share = np.array([1, 2, 3])[:, np.newaxis] / 4
        screen[4:7, 2] = (1 - share) * screen[3, 2] + share * screen[7, 2]
        screen[:3, 5] = screen[3, 5]
    screen[9:, 3], screen[:, 8] = screen[8, 3], 0
    assert_same(lift(keypoints, SIZES, visibility), lifter(clip))


@pytest.mark.parametrize("size", [(0, 1080), (1920, 0), (-5, 5), (np.nan, 1080), (1, np.inf)])
def test_without_an_image_nothing_is_seen(lifter, lift, size):
    clip = random_clip(5)
    outputs = lift(in_pixels(clip), np.array([size], np.float32), clip["visibility"])
    nothing = {name: np.zeros_like(values) for name, values in clip.items()}
    assert_same(outputs, lifter(nothing))


def test_no_frames(lift, stream):
    nothing = np.zeros((1, 0, 17, 2), np.float32)
    for function in (lift, stream):
        with pytest.raises(tf.errors.InvalidArgumentError, match="no frames"):
            function(nothing, SIZES)


ANY_NUMBER = st.floats(width=32) | st.sampled_from([0.0, np.nan, np.inf, -np.inf, 1e30])


@settings(max_examples=25, deadline=None)
@given(
    keypoints=arrays.arrays(np.float32, (2, 3, 17, 2), elements=ANY_NUMBER),
    visibility=arrays.arrays(np.float32, (2, 3, 17), elements=ANY_NUMBER),
    sizes=arrays.arrays(np.float32, (2, 2), elements=ANY_NUMBER),
    frames=arrays.arrays(np.int32, 2),
    memory=ANY_NUMBER,
)
def test_whatever_comes_in_joints_are_numbers(
    lift, stream, causal, keypoints, visibility, sizes, frames, memory
):
    for values in lift(keypoints, sizes, visibility, frames).values():
        assert np.isfinite(values).all()
    signature = StreamSignature(causal)
    state = {
        name: tf.fill([2, *value.shape[1:]], tf.cast(np.float32(memory), value.dtype))
        for name, value in signature.initial_state.items()
    }
    state |= {"state_model": [signature.fingerprint] * 2, "state_frames": frames}
    for values in stream(keypoints, sizes, visibility, state).values():
        assert np.isfinite(values).all()


@pytest.mark.parametrize("portions", [[1] * 23, [4, 1, 18]])
def test_streams_give_what_the_whole_clip_gives(causal, stream, portions):
    clip = random_clip(23, batch=2)
    keypoints, visibility = in_pixels(clip), clip["visibility"]
    keypoints[1, 5:9, 4] = np.nan
    whole = ClipSignature(causal)(keypoints, SIZES, visibility, np.array([-1]))
    state, joints, start = {}, [], 0
    for portion in portions:
        part = slice(start, start + portion)
        state = {"state": state} if state else {}
        outputs = stream(keypoints[:, part], SIZES, visibility[:, part], **state)
        state, start = state_of(outputs), start + portion
        joints.append(outputs["joints"])
    np.testing.assert_allclose(np.concatenate(joints, axis=1), whole["joints"], atol=1e-4)


@pytest.mark.parametrize("how", ["zeros", "another model", "not finite"])
def test_a_state_that_cannot_be_used_begins_a_stream(causal, stream, how):
    """Of the two streams the first goes on, the second begins anew."""
    clip = random_clip(9, batch=2)
    keypoints, visibility = in_pixels(clip), clip["visibility"]
    outputs = stream(keypoints[:, :6], SIZES, visibility[:, :6])
    state = {name: value.numpy() for name, value in state_of(outputs).items()}
    if how == "zeros":
        for value in state.values():
            value[1] = 0
    elif how == "another model":
        state["state_model"][1] += 1
    else:
        state["state_past_1"][1, 0, 0] = np.nan
    outputs = stream(keypoints[:, 6:], SIZES, visibility[:, 6:], state)
    on = causal(clip)["joints"][:1, 6:]
    anew = causal({name: values[1:, 6:] for name, values in clip.items()})["joints"]
    np.testing.assert_allclose(outputs["joints"], np.concatenate([on, anew]), atol=1e-4)
    assert outputs["state_frames"].numpy().tolist() == [9, 3]


def test_fingerprints_tell_weights_apart(causal):
    other = random_lifter(causal=True)
    other.set_weights([value + 1 for value in other.get_weights()])
    numbers = {StreamSignature(model).fingerprint for model in (causal, other)}
    assert len(numbers) == 2
    assert StreamSignature(causal).fingerprint in numbers
