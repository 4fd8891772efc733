"""Means, maxima and last values over the frames up to each frame, as scans in log2(T) steps."""

from __future__ import annotations

import tensorflow as tf


def running_maximum(values):
    """Largest value up to each frame, `(B, T, ...)`."""

    def double(reach, peak):
        return [tf.concat([peak[:, :reach], tf.maximum(peak[:, reach:], peak[:, :-reach])], axis=1)]

    return _doubling(double, [values])[0]


def running_mean(logits, values):
    """Softmax-weighted mean over frames up to each frame: `(B, T, K)` twice -> the same shapes.

    The first result is the logarithm of the sum of the weights so far, so that mean and sum
    together can stand for all these frames in a later call. Everything is kept relative to the
    largest logit, so any range of logits is exact.
    """
    frames = tf.shape(logits)[1]

    def shift(x, by, fill):
        return tf.pad(x, [[0, 0], [by, 0], [0, 0]], constant_values=fill)[:, :frames]

    def double(reach, peak, weight, total):
        past_peak = shift(peak, reach, logits.dtype.min)
        new_peak = tf.maximum(peak, past_peak)
        here, past = tf.exp(peak - new_peak), tf.exp(past_peak - new_peak)
        weight = weight * here + shift(weight, reach, 0) * past
        total = total * here + shift(total, reach, 0) * past
        return [new_peak, weight, total]

    peak, weight, total = _doubling(double, [logits, tf.ones_like(logits), values])
    return peak + tf.math.log(weight), total / weight


def last_seen(values, seen):
    """Where a value `(B, T, J, c)` is not `seen (B, T, J)`, the last one that was; also whether
    there was any.
    """

    def double(reach, values, seen):
        past_values = tf.concat([values[:, :reach], values[:, :-reach]], axis=1)
        past_seen = tf.concat([seen[:, :reach], seen[:, :-reach]], axis=1)
        return [tf.where(tf.expand_dims(seen, -1), values, past_values), seen | past_seen]

    return _doubling(double, [values, seen])


def _doubling(step, state: list[tf.Tensor]) -> list[tf.Tensor]:
    """`step(reach, *state)` for reach 1, 2, 4, ... below `T` of the `(B, T, ...)` state.

    Each doubles the number of past frames that a frame's result reaches over. Where `T` is known,
    as in streams and windows of training, no loop is in the graph, which XLA could not compile.
    """
    frames, reach = state[0].shape[1], 1
    if frames is not None:
        while reach < frames:
            state, reach = step(reach, *state), 2 * reach
        return state
    unknown = [tf.TensorShape([x.shape[0], None, *x.shape[2:]]) for x in state]
    _, *state = tf.while_loop(
        lambda reach, *_: reach < tf.shape(state[0])[1],
        lambda reach, *state: [2 * reach, *step(reach, *state)],
        [tf.constant(1), *state],
        shape_invariants=[tf.TensorShape([]), *unknown],
    )
    return state
