"""Mixed precision: hidden features in fewer bits while a model trains."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import tensorflow as tf

from anatomy_tf.models.lifter import AnatomyLifter


@contextlib.contextmanager
def feature_precision(lifter: AnatomyLifter, precision: str) -> Iterator[None]:
    """What is traced within, computes the hidden features of both networks in `precision`, of
    `PRECISIONS`.
    """
    holders = [lifter.direction_network.stem]
    holders += [lifter.frame_network] if lifter.frame_network else []
    for holder in holders:
        holder.features_dtype = tf.as_dtype(precision)
    try:
        yield
    finally:
        for holder in holders:
            holder.features_dtype = tf.float32
