"""Directions and lengths, or the vectors of a baseline -> joints, or joint shifts."""

from __future__ import annotations

import keras
import tensorflow as tf

from anatomy_tf.geometry.bones import bones_to_joints, joint_shifts
from anatomy_tf.models.layers import Dense, Layer
from anatomy_tf.skeleton import Skeleton


class ProductHead(Layer):
    """Regresses points from lengths and directions, as the released model does (section IV-B).

    The paper concatenates the two; the released code multiplies a dense layer of each, and the
    parameter counts of the paper's Table III are those of the code.

    Args:
      num_bones, channels: size of the dense layers.
      num_points: points of the output, joints or joint shifts.
    """

    def __init__(self, num_bones: int, channels: int, num_points: int, **kwargs):
        super().__init__(**kwargs)
        self.num_points = num_points
        self.length_dense = Dense(num_bones, channels)
        self.direction_dense = Dense(3 * num_bones, channels)
        self.output_dense = Dense(channels, 3 * num_points)
        self.built = True

    def call(self, directions, lengths):
        """`(B, T, K, 3)` and `(B, K)` or `(B, T, K)` -> `(B, T, num_points, 3)` metres."""
        shape = tf.shape(directions)
        directions = tf.reshape(directions, [shape[0], shape[1], 3 * directions.shape[2]])
        features = self.direction_dense(directions) * self.length_dense(every_frame(lengths))
        points = self.output_dense(features)
        return tf.reshape(points, [shape[0], shape[1], self.num_points, 3])


class KinematicHead(Layer):
    """Adds bones up along the skeleton (eq. 1): no parameters, and exactly the
    given bone lengths.
    """

    def __init__(self, skeleton: Skeleton, **kwargs):
        super().__init__(**kwargs)
        self.skeleton = skeleton
        self.built = True

    def call(self, directions, lengths):
        """`(B, T, K, 3)` and `(B, K)` or `(B, T, K)` -> `(B, T, J, 3)` metres."""
        return bones_to_joints(directions, every_frame(lengths), self.skeleton)


class BoneVectorHead(Layer):
    """Adds whole bone vectors up along the skeleton, for the compositional baseline."""

    def __init__(self, skeleton: Skeleton, **kwargs):
        super().__init__(**kwargs)
        self.skeleton = skeleton
        self.built = True

    def call(self, bones, lengths=None):
        """`(B, T, K, 3)` metres -> `(B, T, J, 3)` metres."""
        return bones_to_joints(bones, tf.ones(tf.shape(bones)[:-1]), self.skeleton)


class JointVectorHead(Layer):
    """The vectors are the joints already, in the baseline that regresses them."""

    def call(self, joints, lengths=None):
        return joints


class ShiftsOfJoints(Layer):
    """The joint shifts of the joints that another head gives: `(B, T, P, 3)` metres."""

    def __init__(self, joint_head: keras.layers.Layer, pairs, **kwargs):
        super().__init__(**kwargs)
        self.joint_head = joint_head
        self.pairs = pairs
        self.built = True

    def call(self, vectors, lengths=None):
        return joint_shifts(self.joint_head(vectors, lengths), self.pairs)


class BlockGradient(Layer):
    """Passes values on, and no gradient back."""

    def call(self, inputs):
        return tf.stop_gradient(inputs)


def every_frame(lengths):
    """`(B, K)` -> `(B, 1, K)`, to be used for every frame; `(B, T, K)` stays."""
    return lengths[:, tf.newaxis] if len(lengths.shape) == 2 else lengths
