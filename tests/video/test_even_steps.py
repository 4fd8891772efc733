"""Times of pictures, even and not, to frames."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.video.even_steps import even_steps


@pytest.mark.parametrize("fps", [24, 30000 / 1001, 59.94, 240])
def test_even_times_give_a_frame_for_every_picture(fps):
    times = np.round(np.arange(200) / fps, 3)  # as .mkv has them
    steps = even_steps(times)
    assert steps.fps == pytest.approx(fps, rel=1e-4)
    np.testing.assert_array_equal(steps.frames, np.arange(200))
    np.testing.assert_array_equal(steps.before, steps.after)
    assert steps.note is None
    np.testing.assert_allclose(steps.times, times, atol=0.3 / fps)


def test_dropped_pictures_are_missing_frames():
    times = np.delete(np.arange(50) / 30, [10, 11, 30])
    steps = even_steps(times)
    assert steps.fps == pytest.approx(30)
    np.testing.assert_array_equal(steps.frames, np.delete(np.arange(50), [10, 11, 30]))
    assert len(steps.times) == 50
    assert steps.note == "pictures missing in the video: 3"


def test_a_varying_rate_gives_frames_between_the_pictures():
    pauses = np.tile([0.030, 0.036, 0.034, 0.024, 0.041], 20)
    times = np.concatenate([[0.0], np.cumsum(pauses)])
    steps = even_steps(times)
    assert steps.note.startswith("varying frame rate (24 to 41 ms between pictures)")
    # What moves evenly is at the right place in every frame.
    at = times[steps.before] + steps.weight * (times[steps.after] - times[steps.before])
    np.testing.assert_allclose(at, steps.frames / steps.fps, atol=1e-9)


def test_a_rate_that_is_given_takes_every_picture():
    times = np.arange(20) / 30
    steps = even_steps(times, fps=240)
    assert steps.fps == 240
    np.testing.assert_array_equal(steps.frames, np.arange(20))
    np.testing.assert_array_equal(steps.times, times)


@given(st.lists(st.floats(0.001, 0.3), min_size=1, max_size=60))
def test_frames_are_in_order_and_lie_between_their_pictures(pauses):
    times = np.concatenate([[0.0], np.cumsum(pauses)])
    steps = even_steps(times)
    assert steps.fps > 0 and len(steps.times) > 0
    assert (np.diff(steps.frames) > 0).all() and steps.frames.max() < len(steps.times)
    assert ((steps.weight >= 0) & (steps.weight <= 1 + 1e-9)).all()
    assert ((steps.after - steps.before >= 0) & (steps.after - steps.before <= 1)).all()
    assert steps.after.max() < len(times)


def test_a_single_picture():
    steps = even_steps(np.zeros(1))
    np.testing.assert_array_equal(steps.frames, [0])
