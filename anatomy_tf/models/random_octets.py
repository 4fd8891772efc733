"""Random numbers from 0 to 255 that are the same however a batch is split over replicas."""

from __future__ import annotations

import tensorflow as tf

from anatomy_tf.models.replicas import replica_count, replica_index

_OCTETS_OF_A_COUNT = 16
"""A counter of the generator stands for four words."""


def random_octets(size, seed):
    """`(size,)` octets: this replica's part of those that one replica would draw for the whole
    batch, which are not drawn, but counted past.

    Args:
      size: of the part; all replicas have parts of one size.
      seed: `(2,)` integers.
    """
    if replica_count() == 1:
        words = tf.random.stateless_uniform([-(-size // 4)], seed, None, None, tf.uint32)
        return _octets(words)[:size]
    before = tf.cast(replica_index(), tf.int64) * tf.cast(size, tf.int64)
    counts, over = before // _OCTETS_OF_A_COUNT, tf.cast(before % _OCTETS_OF_A_COUNT, tf.int32)
    key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=seed)
    words = tf.raw_ops.StatelessRandomUniformFullIntV2(
        shape=[-(-(over + size) // 4)],
        key=key,
        counter=counter + tf.cast(tf.stack([counts, tf.zeros_like(counts)]), tf.uint64),
        alg=tf.raw_ops.StatelessRandomGetAlg(),
        dtype=tf.uint32,
    )
    return _octets(words)[over : over + size]


def _octets(words):
    return tf.reshape(tf.bitcast(words, tf.uint8), [-1])
