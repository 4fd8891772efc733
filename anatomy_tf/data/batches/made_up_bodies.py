"""Bodies that nobody has, for all networks: children to tall people, of other proportions."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from anatomy_tf.data.batches.draws import Draws
from anatomy_tf.geometry.stature import stature_weights
from anatomy_tf.skeleton import Skeleton

SHORTEST, TALLEST = 1.0, 2.1
"""Metres."""
_ADULTS, _ADULT, _ADULT_SD = 0.7, 1.70, 0.09
"""Share of the bodies that are adults', their mean stature and its spread; of the others every
stature is as likely.
"""
_SEGMENT_SD = 0.06
_SIDE_SD = 0.003


def draw_bodies(draws: Draws, mean_lengths: np.ndarray, skeleton: Skeleton):
    """`(B, K)` bone lengths in metres, around the proportions of `mean_lengths (K,)`.

    Every segment varies by 6 % (sd) more than the stature, alike on the left and on the right.
    """
    adult = _ADULT + draws.normal(_ADULT_SD)
    stature = tf.where(draws.chance(_ADULTS), adult, draws.uniform(SHORTEST, TALLEST))
    stature = tf.clip_by_value(stature, SHORTEST, TALLEST)
    bones = skeleton.num_bones
    symmetric = np.minimum(np.arange(bones), skeleton.flip_bones)
    segments = tf.gather(draws.normal(_SEGMENT_SD, (bones,)), symmetric, axis=1)
    shape = tf.exp(segments + draws.normal(_SIDE_SD, (bones,))) * mean_lengths
    drawn = tf.linalg.matvec(shape, stature_weights(skeleton).astype(np.float32))
    return shape * (stature / drawn)[:, tf.newaxis]
