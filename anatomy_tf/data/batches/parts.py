"""Batches split into equal parts, one for each replica that trains."""

from __future__ import annotations

import tensorflow as tf

from anatomy_tf.errors import InputError


def parts_of_batches(
    dataset: tf.data.Dataset, batch_size: int, replicas: int, first: int, here: int
) -> tf.data.Dataset:
    """The parts of replicas `first` to `first + here - 1`, one after the other, batch by batch.

    The draws are those of the whole batch, so an example is the same whoever trains on it.

    Args:
      dataset: of `training_dataset`, without shared samples.
      batch_size: examples in a whole batch, a multiple of `replicas`.
    """
    size = batch_size // replicas

    def split(inputs, targets):
        def own(values):
            part = values[first * size : (first + here) * size]
            return tf.reshape(part, [here, size, *values.shape[1:]])

        inputs, targets = tf.nest.map_structure(own, (inputs, targets))
        if "sample_of" in inputs:
            inputs["sample_of"] = tf.tile(tf.range(size)[tf.newaxis], [here, 1])
        return inputs, targets

    parts = dataset.map(split).unbatch().prefetch(2 * here)
    # Workers would otherwise ask each other in every step whether there is another batch.
    return parts.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))


def check_parts(batch_size: int, shared: bool, replicas: int) -> None:
    """Raises an InputError where batches cannot be split so."""
    if batch_size % replicas:
        raise InputError(
            f"batch_size: {batch_size} examples cannot be split evenly over {replicas} replicas"
        )
    if shared and replicas > 1:
        raise InputError(
            f"share_samples: examples on {replicas} replicas cannot share their sampled frames"
        )
