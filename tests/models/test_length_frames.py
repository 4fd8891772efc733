"""The choice of frames for bone lengths against its plain definition."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from anatomy_tf.errors import InputError
from anatomy_tf.models.length_frames import (
    MODES,
    LengthFrames,
    frames_for_clip,
    initial_lengths_state,
    lengths_of_stream,
    weighted_mean,
)
from anatomy_tf.models.running import last_seen, running_maximum, running_mean


def random_frames(frames, batch=2, bones=4, scale=3.0):
    rng = np.random.default_rng(frames)
    logits = (scale * rng.normal(size=(batch, frames, bones))).astype(np.float32)
    return logits, rng.uniform(size=(batch, frames, bones)).astype(np.float32)


def chosen_until(frame: int, mode: str, slots: np.ndarray) -> list[int]:
    """Plainly: the frames that a stream keeps after frame `frame`, by the slots of its frames."""
    kept = {}
    for t, slot in enumerate(slots[: frame + 1]):
        if mode == "all":
            kept[t] = t
        elif slot >= 0:
            kept[slot] = t
    return sorted(kept.values())


def attended(logits, lengths, chosen):
    return (softmax(logits[:, chosen], axis=1) * lengths[:, chosen]).sum(axis=1)


def stream(logits, lengths, choice, portions):
    """All portions one after the other: `(B, T, K)`."""
    streams = len(logits)
    state = initial_lengths_state(streams, logits.shape[-1], choice)
    results, start = [], 0
    for portion in portions:
        part = slice(start, start + portion)
        first = tf.fill([streams], start)
        new = [tf.constant(x[:, part]) for x in (logits, lengths)]
        result, state = lengths_of_stream(*new, first, state, choice)
        results.append(result)
        start += portion
    return np.concatenate(results, axis=1)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("frames", [1, 3, 5, 40])
def test_a_stream_attends_over_the_frames_it_is_meant_to(mode, frames):
    choice = LengthFrames(mode, count=5)
    logits, lengths = random_frames(frames)
    result = stream(logits, lengths, choice, [frames])
    slots = choice.slots(tf.range(frames)).numpy()
    for t in range(frames):
        chosen = chosen_until(t, mode, slots)
        expected = {
            "all": list(range(t + 1)),
            "firstframes": list(range(min(t + 1, 5))),
            "consecutive": list(range(max(t - 4, 0), t + 1)),
        }
        assert chosen == expected.get(mode, chosen)
        np.testing.assert_allclose(result[:, t], attended(logits, lengths, chosen), atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(
    mode=st.sampled_from(MODES),
    count=st.integers(1, 8),
    portions=st.lists(st.integers(1, 7), min_size=1, max_size=6),
)
def test_portions_do_not_matter(mode, count, portions):
    choice = LengthFrames(mode, count)
    logits, lengths = random_frames(sum(portions))
    whole = stream(logits, lengths, choice, [sum(portions)])
    np.testing.assert_allclose(stream(logits, lengths, choice, portions), whole, atol=1e-5)


def test_streams_of_a_batch_may_be_at_different_frames():
    choice = LengthFrames("random", 3)
    logits, lengths = random_frames(12)
    whole = stream(logits, lengths, choice, [12])
    states = [
        lengths_of_stream(
            tf.constant(logits[i : i + 1, :n]),
            tf.constant(lengths[i : i + 1, :n]),
            tf.zeros([1], tf.int32),
            initial_lengths_state(1, 4, choice),
            choice,
        )[1]
        for i, n in enumerate((7, 4))
    ]
    state = {name: tf.concat([s[name] for s in states], axis=0) for name in states[0]}
    step = [tf.stack([x[0, 7:8], x[1, 4:5]]) for x in (logits, lengths)]
    result, _ = lengths_of_stream(*step, tf.constant([7, 4]), state, choice)
    np.testing.assert_allclose(result[:, 0], [whole[0, 7], whole[1, 4]], atol=1e-5)


def test_random_frames_are_an_even_draw_of_the_past():
    @tf.function  # traced once for all seeds
    def slots_of(seed):
        return LengthFrames("random", 5, seed).slots(tf.range(20))

    seen = np.zeros(20)
    for seed in range(400):
        chosen = chosen_until(19, "random", slots_of(tf.constant(seed)).numpy())
        assert len(set(chosen)) == 5
        seen[chosen] += 1
    # 400 draws with chance 1/4: mean 100, standard deviation 8.7
    assert seen.min() > 65
    assert seen.max() < 135


@pytest.mark.parametrize("frames", [1, 4, 5, 30])
def test_symmetric_clips(frames):
    everything = list(range(frames))
    few = everything[:5]

    def chosen(*arguments):
        numbers, counts = frames_for_clip(tf.constant([frames]), frames, LengthFrames(*arguments))
        assert counts.numpy().all()
        return numbers[0].numpy().tolist()

    assert chosen() == everything
    assert chosen("firstframes", 5) == few
    starts = [min(max(t - 2, 0), max(frames - 5, 0)) for t in range(frames)]
    assert chosen("consecutive", 5) == [list(range(t, min(t + 5, frames))) for t in starts]
    drawn, other = chosen("random", 5), chosen("random", 5, 1)
    assert len(set(drawn)) == len(drawn) == len(few)
    assert set(drawn) <= set(everything)
    assert (set(drawn) == set(other)) == (frames <= 5)
    logits, lengths = random_frames(frames)
    np.testing.assert_allclose(
        weighted_mean(logits, lengths), attended(logits, lengths, everything), atol=1e-5
    )


@pytest.mark.parametrize("frames", [1, 2, 3, 64, 101])
@pytest.mark.parametrize("scale", [1, 200])
def test_the_running_mean_is_a_softmax_over_the_past(frames, scale):
    logits, values = random_frames(frames, scale=scale)
    expected = [attended(logits, values, list(range(t + 1))) for t in range(frames)]
    sums, means = running_mean(tf.constant(logits), tf.constant(values))
    np.testing.assert_allclose(means, np.stack(expected, axis=1), atol=1e-5)
    np.testing.assert_allclose(
        sums, np.logaddexp.accumulate(logits.astype(np.float64), axis=1), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("frames", [1, 2, 7, 33])
def test_the_running_maximum(frames):
    values = np.random.default_rng(0).integers(-9, 99, size=(2, frames, 3))
    expected = np.maximum.accumulate(values, axis=1)
    np.testing.assert_array_equal(running_maximum(tf.constant(values)), expected)


@pytest.mark.parametrize("frames", [1, 2, 7, 33])
def test_what_was_seen_last(frames):
    rng = np.random.default_rng(frames)
    values, seen = rng.normal(size=(2, frames, 3, 1)), rng.random((2, frames, 3)) < 0.3
    found, ever = last_seen(tf.constant(values), tf.constant(seen))
    for place in np.ndindex(seen.shape):
        clip, frame, joint = place
        before = np.flatnonzero(seen[clip, : frame + 1, joint])
        assert ever[place] == bool(len(before))
        if len(before):
            assert found[place] == values[clip, before[-1], joint]


@pytest.mark.parametrize("arguments", [("some", 5), ("random", 0), ("random", 10_001)])
def test_choices_out_of_range_are_refused(arguments):
    with pytest.raises(InputError, match="length frames: "):
        LengthFrames(*arguments)
