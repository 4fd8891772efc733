"""Clips with made-up bone lengths (section III-C): same motion, another body, seen by the same lens."""

from __future__ import annotations

import tensorflow as tf

from anatomy_tf.geometry.bones import bones_to_joints, joints_to_bones
from anatomy_tf.geometry.camera import project
from anatomy_tf.skeleton import Skeleton

SHORTEST_SHARE = 0.1
"""A made-up bone keeps at least this share of its length, whatever the degree of augmentation."""


def draw_bone_lengths(lengths, mean_lengths, degree: float, seed):
    """`(B, K)` lengths -> `(B, K)` new ones, changed by up to half of `degree` times `(K,)` the mean.

    Every bone of every clip changes on its own; no length falls below a tenth of the old one.
    """
    change = tf.random.stateless_uniform(tf.shape(lengths), seed, -0.5, 0.5) * degree * mean_lengths
    return tf.maximum(lengths + change, SHORTEST_SHARE * lengths)


def change_bone_lengths(joints, lengths, skeleton: Skeleton):
    """`(B, L, J, 3)` root-relative joints in the same pose with bone lengths `(B, K)`."""
    directions, _ = joints_to_bones(joints, skeleton)
    return bones_to_joints(directions, lengths[:, tf.newaxis], skeleton)


def draw_roots(shape, mean, std, nearest: float, seed):
    """`shape + (3,)` root positions in camera space, spread as in the data, none nearer than there."""
    roots = mean + std * tf.random.stateless_normal([*shape, 3], seed)
    return tf.concat([roots[..., :2], tf.maximum(roots[..., 2:], nearest)], axis=-1)


def reproject(joints, roots, intrinsics):
    """Screen keypoints `(B, L, J, 2)` of root-relative joints at `(B, L, 3)`, seen by `(B, 9)` lenses.

    Joints that reach behind the lens are seen as if 0.1 m in front of it.
    """
    points = joints + roots[..., tf.newaxis, :]
    points = tf.concat([points[..., :2], tf.maximum(points[..., 2:], 0.1)], axis=-1)
    return tf.stack(project(points, intrinsics[:, tf.newaxis, tf.newaxis]), axis=-1)
