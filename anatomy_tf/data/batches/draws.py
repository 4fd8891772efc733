"""Random numbers of a batch of examples, all of which follow from one seed."""

from __future__ import annotations

import math

import tensorflow as tf


class Draws:
    """Draws `(B, *shape)` numbers at a time; the same calls in the same order draw the same.

    Args:
      seed: `(2,)` of the batch; or `(D, 2)`, one for each of up to D kinds of draws.
      examples: `B`.
    """

    def __init__(self, seed, examples: int):
        self.examples = examples
        self._seed = seed
        self._drawn = 0

    def uniform(self, low=0.0, high=1.0, shape=()):
        """Even in [low, high)."""
        return low + (high - low) * tf.random.stateless_uniform(
            [self.examples, *shape], self.next_seed()
        )

    def log_uniform(self, low: float, high: float, shape=()):
        """Even in the logarithm."""
        return tf.exp(self.uniform(math.log(low), math.log(high), shape))

    def normal(self, sd=1.0, shape=()):
        """Normal around 0."""
        return sd * tf.random.stateless_normal([self.examples, *shape], self.next_seed())

    def chance(self, probability, shape=()):
        """True with this probability."""
        return self.uniform(shape=shape) < probability

    def coarse_normal(self, shape):
        """Bell-shaped with sd 1, none beyond 2.5, and cheap in large numbers: each is the sum of
        two of the octets of a random word.
        """
        size = self.examples * math.prod(shape)
        words = tf.random.stateless_uniform(
            [-(-size // 2)], self.next_seed(), None, None, tf.uint32
        )
        return tf.reshape(_sums_of_octets(words)[:size], [self.examples, *shape])

    def run(self, frames: int, shortest: int, longest: int, probability, shape=()):
        """First frame of a run and the one past its last, `(B, *shape)` each; an empty run but for
        this probability.

        A run may start before the first of the `frames` and end after the last.
        """
        length = tf.floor(self.uniform(float(shortest), float(longest + 1), shape))
        start = tf.floor(self.uniform(shape=shape) * (frames + length) - length)
        length = tf.where(self.chance(probability, shape), length, 0.0)
        return tf.cast(start, tf.int32), tf.cast(start + length, tf.int32)

    def next_seed(self):
        """A `(2,)` seed for draws of another kind."""
        self._drawn += 1
        if self._seed.shape.rank == 2:
            return self._seed[self._drawn - 1]
        return tf.random.experimental.stateless_fold_in(self._seed, self._drawn)


@tf.function(jit_compile=True, autograph=False)
def _sums_of_octets(words):
    """`(N,)` words -> `(2 N,)` numbers."""
    octets = [
        tf.cast(tf.bitwise.bitwise_and(tf.bitwise.right_shift(words, 8 * i), 255), tf.float32)
        for i in range(4)
    ]
    sums = tf.concat([octets[0] + octets[1], octets[2] + octets[3]], axis=0)
    return (sums - 2 * 127.5) / math.sqrt(2 * (256**2 - 1) / 12)
