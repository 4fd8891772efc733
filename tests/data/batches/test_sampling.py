import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.data.batches.sampling import (
    consecutive_frames,
    first_of_frames,
    sample_frames,
    window_frames,
)
from anatomy_tf.data.batches.variations import first_at_pace


def test_windows_repeat_the_ends_of_the_clip():
    frames = window_frames(tf.constant([0, 2, 4]), tf.constant([5, 5, 5]), 2, 2)
    np.testing.assert_array_equal(frames, [[0, 0, 0, 1, 2], [0, 1, 2, 3, 4], [2, 3, 4, 4, 4]])


def test_causal_windows_end_at_the_current_frame():
    frames = window_frames(tf.constant([0, 2, 4]), tf.constant([5, 5, 5]), 4, 0)
    np.testing.assert_array_equal(frames, [[0, 0, 0, 0, 0], [0, 0, 0, 1, 2], [0, 1, 2, 3, 4]])


def test_frames_in_a_row_lie_within_their_clip():
    frame, count = tf.range(8), tf.fill([8], 8)
    np.testing.assert_array_equal(first_of_frames(frame, count, 1), frame)
    np.testing.assert_array_equal(first_of_frames(frame, count, 3), [0, 0, 1, 2, 3, 4, 5, 5])
    np.testing.assert_array_equal(first_of_frames(frame, count, 4), [0, 0, 1, 2, 3, 4, 4, 4])
    np.testing.assert_array_equal(first_of_frames(frame, count, 9), np.zeros(8))


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 39)), min_size=1, max_size=8),
    st.integers(1, 9),
    st.floats(0.4, 2.5),
    st.booleans(),
)
def test_frames_in_a_row_lie_within_their_clip_at_any_pace(clips, frames, pace, backwards):
    count = np.array([count for count, _ in clips], np.int32)
    frame = np.array([min(frame, count - 1) for count, frame in clips], np.int32)
    pace = np.float32(-pace if backwards else pace)
    first = first_at_pace(frame, count, frames, tf.fill(frame.shape, pace)).numpy()
    last = first + pace * (frames - 1)
    assert ((first >= 0) & (first < count)).all()
    fits = abs(pace) * (frames - 1) + 1 <= count - 1
    assert ((last > -1e-3) & (last < count - 1 + 1e-3))[fits].all()
    if frames == 1:
        np.testing.assert_array_equal(first, frame)
    inside = (frame > frames * abs(pace)) & (frame < count - 1 - frames * abs(pace))
    assert (np.abs((first + last) / 2 - frame) <= 0.51)[inside].all()


@pytest.mark.parametrize("causal", [False, True])
def test_consecutive_frames_surround_or_precede_the_current_one(causal):
    frames = consecutive_frames(tf.constant([0, 1, 6, 9]), tf.fill([4], 10), 4, causal)
    symmetric = [[0, 1, 2, 3], [0, 1, 2, 3], [4, 5, 6, 7], [6, 7, 8, 9]]
    past = [[0, 0, 0, 0], [0, 1, 0, 1], [3, 4, 5, 6], [6, 7, 8, 9]]
    np.testing.assert_array_equal(frames, past if causal else symmetric)


def test_consecutive_frames_of_a_short_clip_repeat():
    frames = consecutive_frames(tf.constant([1]), tf.constant([3]), 5, causal=False)
    np.testing.assert_array_equal(frames, [[0, 1, 2, 0, 1]])


@settings(deadline=None)  # it is compiled for every number of samples
@given(
    st.lists(st.integers(1, 60), min_size=8, max_size=8),
    st.sampled_from([1, 7, 20]),
    st.integers(0, 99),
)
def test_samples_lie_in_the_clip_and_differ_if_they_can(counts, num_samples, seed):
    samples = sample_frames(tf.constant(counts), num_samples, [seed, 1]).numpy()
    for count, row in zip(counts, samples, strict=True):
        assert row.min() >= 0
        assert row.max() < count
        if count >= num_samples:
            assert len(set(row)) == num_samples


@pytest.mark.parametrize("count", [3, 7, 12])
def test_every_frame_is_drawn_equally_often(count):
    """Each of `draws` rows holds 5 of the frames: a binomial count for each, at
    most 5 sigma off.
    """
    draws, num_samples = 20000, 5
    samples = sample_frames(tf.fill([draws], count), num_samples, [3, 4]).numpy()
    found = np.bincount(samples.ravel(), minlength=count)
    sigma = np.sqrt(draws * num_samples * (1 / count) * (1 - 1 / count))
    assert np.abs(found - draws * num_samples / count).max() < 5 * sigma


def test_every_set_of_frames_is_drawn_equally_often():
    """Floyd's algorithm gives all 10 subsets of 2 out of 5 frames with the same probability."""
    samples = np.sort(sample_frames(tf.fill([20000], 5), 2, [5, 6]).numpy(), axis=1)
    _, found = np.unique(samples, axis=0, return_counts=True)
    assert len(found) == 10
    assert np.abs(found - 2000).max() < 5 * np.sqrt(20000 * 0.1 * 0.9)
