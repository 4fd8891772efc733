"""Joints <-> bone directions and bone lengths (section III-A)."""

from __future__ import annotations

import tensorflow as tf

from anatomy_tf.skeleton import Skeleton


def joints_to_bones(joints: tf.Tensor, skeleton: Skeleton) -> tuple[tf.Tensor, tf.Tensor]:
    """`(..., J, 3)` joints -> `(..., K, 3)` unit directions and `(..., K)` lengths.

    A bone of length 0 gets the direction 0.
    """
    near, far = skeleton.bones.T
    vectors = tf.gather(joints, far, axis=-2) - tf.gather(joints, near, axis=-2)
    lengths = tf.norm(vectors, axis=-1)
    return tf.math.divide_no_nan(vectors, lengths[..., tf.newaxis]), lengths


def bones_to_joints(directions: tf.Tensor, lengths: tf.Tensor, skeleton: Skeleton) -> tf.Tensor:
    """`(..., K, 3)` directions and `(..., K)` lengths -> `(..., J, 3)` root-relative joints (eq.
    1).
    """
    vectors = directions * tf.expand_dims(lengths, -1)
    return tf.einsum("jk,...kc->...jc", tf.cast(skeleton.path_matrix, vectors.dtype), vectors)


def joint_shifts(joints: tf.Tensor, pairs) -> tf.Tensor:
    """`(..., J, 3)` joints and `(P, 2)` pairs -> `(..., P, 3)` shifts from first
    to second joint.
    """
    return tf.gather(joints, pairs[:, 1], axis=-2) - tf.gather(joints, pairs[:, 0], axis=-2)
