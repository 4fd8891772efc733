"""Clips with made-up bone lengths (section III-C): same motion, another body, seen by the same
lens.
"""

from __future__ import annotations

import tensorflow as tf

from anatomy_tf.geometry.camera import project
from anatomy_tf.skeleton import Skeleton

SHORTEST_SHARE = 0.1
"""A made-up bone keeps at least this share of its length, whatever the degree of augmentation."""


def draw_bone_lengths(lengths, mean_lengths, degree: float, seed):
    """`(B, K)` lengths -> `(B, K)` new ones, changed by up to half of `degree` times `(K,)` the
    mean.

    Every bone of every clip changes on its own; no length falls below a tenth of the old one.
    """
    change = tf.random.stateless_uniform(tf.shape(lengths), seed, -0.5, 0.5) * degree * mean_lengths
    return tf.maximum(lengths + change, SHORTEST_SHARE * lengths)


def pose_with_lengths(directions, lengths, skeleton: Skeleton):
    """Root-relative joints `(B, L, 3, J)` of `(B, L, 3, K)` directions and bone lengths `(B, K)`
    (eq. 1).

    Coordinates come before joints and bones: so it is one matrix product a clip, and the fastest to
    project.
    """
    path = tf.cast(skeleton.path_matrix.T, lengths.dtype)
    frames, bones = tf.shape(directions)[1], skeleton.num_bones
    flat = tf.reshape(directions, [-1, 3 * frames, bones])
    joints = tf.linalg.matmul(flat, lengths[..., tf.newaxis] * path)
    return tf.reshape(joints, [-1, frames, 3, skeleton.num_joints])


def draw_roots(shape, mean, std, nearest: float, seed):
    """`shape + (3,)` root positions in camera space, spread as in the data, none
    nearer than there.
    """
    roots = mean + std * tf.random.stateless_normal([*shape, 3], seed)
    return tf.concat([roots[..., :2], tf.maximum(roots[..., 2:], nearest)], axis=-1)


@tf.function(jit_compile=True, autograph=False)
def reproject(joints, roots, intrinsics):
    """Screen keypoints `(B, L, J, 2)` of root-relative joints `(B, L, 3, J)` at `(B, L, 3)`, seen
    by `(B, 9)` lenses.

    Joints that reach behind the lens are seen as if 0.1 m in front of it. Compiled: uncompiled, its
    thirty small operations would each read and write all points, which takes fifteen times as long.
    """
    x, y, z = tf.unstack(joints + roots[..., tf.newaxis], axis=2)
    points = tf.stack([x, y, tf.maximum(z, 0.1)], axis=-1)
    return tf.stack(project(points, intrinsics[:, tf.newaxis, tf.newaxis]), axis=-1)
