import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.detections.frame_rate import resample_clip, resample_frames, to_original_rate
from anatomy_tf.data.sets.projected import project_keypoints
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17


def straight_clip(frames: int, fps: float = 50) -> Clip:
    """Every joint moves on its own straight line."""
    rng = np.random.default_rng(0)
    start, speed = rng.uniform(100, 800, (2, 17, 2))
    time = np.arange(frames)[:, np.newaxis, np.newaxis] / fps
    return Clip(
        name="straight",
        subject="S1",
        action="moving",
        skeleton=H36M_17,
        resolution=(1000, 1000),
        fps=fps,
        keypoints=start + speed * time,
        visibility=rng.uniform(0.1, 1, (frames, 17)),
        joints=np.concatenate([start + speed * time, np.ones((frames, 17, 1))], axis=-1),
    )


def test_the_same_rate_is_the_same_clip():
    clip = straight_clip(10)
    assert resample_clip(clip, 50.0) is clip


@pytest.mark.parametrize("fps", [25, 30, 50 / math.pi, 49.9, 60, 50 * math.sqrt(2), 240, 3, 1e-6])
@pytest.mark.parametrize("frames", [1, 2, 3, 61])
def test_straight_motion_stays_straight_and_goes_from_end_to_end(fps, frames):
    clip = straight_clip(frames)
    places = resample_frames(frames, 50, fps)
    resampled = resample_clip(clip, fps)
    assert len(resampled) == len(places) == max(round((frames - 1) * fps / 50 + 1), 1)
    assert resampled.fps == fps
    time = places[:, np.newaxis, np.newaxis]
    step = clip.keypoints[-1] - clip.keypoints[0]
    expected = clip.keypoints[0] + time * step / max(frames - 1, 1)
    np.testing.assert_allclose(resampled.keypoints, expected, rtol=1e-6)
    np.testing.assert_allclose(resampled.joints[..., :2], expected, rtol=1e-6)


def test_frames_of_both_rates_are_met_exactly():
    for frames in range(2, 300):
        places = resample_frames(frames, 60, 25)
        common = places[np.abs(places - places.round()) < 1e-6]
        np.testing.assert_array_equal(common, common.round())


def test_visibility_is_the_lower_of_the_two_frames_around():
    clip = straight_clip(5)
    clip.visibility[2] = 0
    hidden = (resample_clip(clip, 100).visibility == 0).all(axis=1)
    assert hidden.tolist() == [False] * 3 + [True] * 3 + [False] * 3
    np.testing.assert_array_equal(resample_clip(clip, 25).visibility, clip.visibility[::2])


def test_a_frame_between_scored_ones_is_scored():
    clip = dataclasses.replace(straight_clip(4), scored=np.array([True, True, False, True]))
    scored = resample_clip(clip, 100).scored
    assert scored.tolist() == [True, True, True, False, False, False, True]


@pytest.mark.parametrize("fps", [25, 30, 12.5])
def test_averaging_lowers_the_error_of_real_detections(cmu_test_clips, fps):
    clips = cmu_test_clips[::10]
    errors, nearest = [], []
    for clip in clips:
        truth = project_keypoints(clip).keypoints
        frames = resample_frames(len(clip), clip.fps, fps).round().astype(int)
        middle = slice(2, -2)
        resampled = resample_clip(clip, fps).keypoints
        exact = resample_clip(dataclasses.replace(clip, keypoints=truth, joints=truth3(truth)), fps)
        exact = exact.joints[..., :2]
        errors.append(np.linalg.norm(resampled - exact, axis=-1)[middle].mean())
        nearest.append(np.linalg.norm(clip.keypoints[frames] - exact, axis=-1)[middle].mean())
    assert np.mean(errors) < 0.95 * np.mean(nearest)


def truth3(keypoints: np.ndarray) -> np.ndarray:
    """Keypoints in place of joints, which are never averaged."""
    return np.concatenate([keypoints, keypoints[..., :1]], axis=-1)


@settings(max_examples=100, deadline=None)
@given(
    frames=st.integers(1, 200), fps=st.floats(1, 300), target=st.floats(1, 300), seed=st.integers(0)
)
def test_any_rate_and_back(frames, fps, target, seed):
    places = resample_frames(frames, fps, target)
    assert places[0] == 0 and places[-1] == (frames - 1 if len(places) > 1 else 0)
    assert np.all(np.diff(places) > 0)
    back = to_original_rate(places, frames)
    assert back.shape == (frames,)
    if len(places) > 1:
        np.testing.assert_allclose(back, np.arange(frames), atol=1e-6)
    values = np.random.default_rng(seed % 2**32).normal(size=(len(places), 3, 2))
    returned = to_original_rate(values, frames)
    assert returned.min() >= values.min() - 1e-9 and returned.max() <= values.max() + 1e-9
    np.testing.assert_array_equal(to_original_rate(values, len(places)), values)


@pytest.mark.parametrize("fps", [0, -5, math.nan, math.inf])
def test_a_rate_that_is_none(fps):
    with pytest.raises(InputError, match="is not positive"):
        resample_clip(straight_clip(5), fps)


def test_a_rate_that_makes_too_many_frames():
    with pytest.raises(InputError, match=r"100 frames from 50 to 1e\+09 fps make 1.98e\+09"):
        resample_frames(100, 50, 1e9)
