"""Batch normalisation whose batch is spread over replicas."""

from __future__ import annotations

import tensorflow as tf

from anatomy_tf.models.replicas import replica_count, sum_over_replicas


def normalise_over_replicas(rows, scale, offset, guess, epsilon: float):
    """`(N, C)` rows of this replica, normalised with mean and variance of all replicas' rows.

    One sum over the replicas in the forward pass and one in the backward pass, of two numbers a
    channel.

    Args:
      rows: of any float type; all replicas have as many.
      scale, offset: `(C,)`, applied afterwards.
      guess: `(C,)` of the mean, the same on all replicas. The nearer it is, the less is lost where
        squares are subtracted.
      epsilon: added to the variance.

    Returns:
      `(N, C)` outputs, and `(C,)` mean and unbiased variance, float32.
    """
    mean, variance = (tf.stop_gradient(x) for x in _moments(rows, guess))
    inverse = tf.math.rsqrt(variance + epsilon)
    count = replica_count() * tf.cast(tf.shape(rows)[0], tf.float32)

    @tf.custom_gradient
    def normalise(rows, scale, offset):
        def gradient(upstream):
            upstream = tf.cast(upstream, tf.float32)
            centred = (tf.cast(rows, tf.float32) - mean) * inverse
            of_offset = tf.reduce_sum(upstream, axis=0)
            of_scale = tf.reduce_sum(upstream * centred, axis=0)
            sums = sum_over_replicas(tf.stack([of_offset, of_scale])) / count
            of_rows = _gradient(upstream, centred, sums, scale * inverse)
            return tf.cast(of_rows, rows.dtype), of_scale, of_offset

        return _scaled(rows, scale * inverse, offset - mean * scale * inverse), gradient

    unbiased = variance * count / tf.maximum(count - 1, 1)
    return normalise(rows, scale, offset), mean, unbiased


def _moments(rows, guess):
    """Mean and variance over the rows of all replicas; the sums over the own rows lose nothing."""
    rows = tf.cast(rows, tf.float32)
    mean = tf.reduce_mean(rows, axis=0)
    variance = tf.reduce_mean((rows - mean) ** 2, axis=0)
    off = mean - guess
    off, square = tf.unstack(
        sum_over_replicas(tf.stack([off, variance + off**2])) / replica_count()
    )
    return guess + off, tf.maximum(square - off**2, 0)


# Compiled, each is one pass over memory.
@tf.function(jit_compile=True, autograph=False)
def _scaled(rows, scale, offset):
    return tf.cast(tf.cast(rows, tf.float32) * scale + offset, rows.dtype)


@tf.function(jit_compile=True, autograph=False)
def _gradient(upstream, centred, sums, scale):
    return scale * (upstream - sums[0] - centred * sums[1])
