"""Which frames of a clip an example reads: a window around one, and some
drawn over the whole clip.
"""

from __future__ import annotations

import tensorflow as tf


def window_offsets(receptive_field: int, causal: bool) -> tuple[int, int]:
    """Frames that a window reads before and after the current one."""
    if causal:
        return receptive_field - 1, 0
    return receptive_field // 2, receptive_field // 2


def window_frames(frame, count, before: int, after: int):
    """`(B,)` current frames of clips with `(B,)` frames -> `(B, before + 1 + after)` frames of the
    windows.

    Where a window reaches over an end of its clip, the end's frame is repeated.
    """
    frames = frame[:, tf.newaxis] + tf.range(-before, after + 1, dtype=frame.dtype)
    return tf.clip_by_value(frames, 0, count[:, tf.newaxis] - 1)


def first_of_frames(frame, count, frames: int):
    """`(B,)` first ones of `frames` in a row whose middle is `(B,)` given ones, but moved so far
    that all lie within clips of `(B,)` frames; shorter clips are taken from their start on.
    """
    return tf.clip_by_value(frame - (frames - 1) // 2, 0, tf.maximum(count - frames, 0))


def consecutive_frames(frame, count, num_samples: int, causal: bool):
    """`(B, num_samples)` frames around `(B,)` current ones, or causal up to them, within `(B,)`
    counts.

    At the ends of a clip they still are as many, but no longer centred; where there are too few,
    some repeat.
    """
    seen = frame + 1 if causal else count
    first = frame - num_samples + 1 if causal else frame - num_samples // 2
    first = tf.clip_by_value(first, 0, tf.maximum(seen - num_samples, 0))
    frames = first[:, tf.newaxis] + tf.range(num_samples, dtype=frame.dtype)
    return frames % seen[:, tf.newaxis]


def sample_frames(count, num_samples: int, seed):
    """`(B, num_samples)` frames drawn out of `(B,)` counts, evenly and without replacement.

    Floyd's algorithm, run for the whole batch at once. A clip with fewer frames than samples is
    drawn from with replacement. The order within a row is not random: draw from the rows by index.
    """
    uniform = tf.random.stateless_uniform([tf.shape(count)[0], num_samples], seed)
    return tf.transpose(_floyd(count, tf.transpose(uniform), num_samples))


@tf.function(jit_compile=True, autograph=False)
def _floyd(count, uniform, num_samples: int):
    """`(num_samples, B)` frames; clips stand side by side in memory, so that all are compared at
    once.
    """
    scarce = count < num_samples
    samples: list[tf.Tensor] = []
    for i in range(num_samples):
        last = tf.where(scarce, count - 1, count - num_samples + i)
        drawn = tf.cast(uniform[i] * tf.cast(last + 1, tf.float32), count.dtype)
        drawn = tf.minimum(drawn, last)
        if samples:
            taken = tf.reduce_any(tf.stack(samples) == drawn, axis=0)
            drawn = tf.where(taken & ~scarce, last, drawn)
        samples.append(drawn)
    return tf.stack(samples)
