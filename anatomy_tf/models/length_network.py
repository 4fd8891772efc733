"""Bone lengths of a person from frames of the whole clip (section III-C, fig. 4)."""

from __future__ import annotations

import math

import tensorflow as tf

from anatomy_tf.geometry.bones import joints_to_bones
from anatomy_tf.models.layers import Activation, Dense, Layer
from anatomy_tf.skeleton import Skeleton


class FrameNetwork(Layer):
    """Fully connected residual network on the keypoints of single frames.

    Args:
      num_points, channels, dropout: size of the layers; points are the joints', and what the
        keypoint frame tells beside them.
      outputs: shape of what it gives for a frame: `(J, 3)` joints, or `(K,)` bone lengths.
      blocks: residual blocks of two dense layers each.
    """

    def __init__(
        self,
        num_points: int,
        channels: int,
        outputs: tuple[int, ...],
        blocks: int,
        dropout: float,
        seed: int,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.num_points = num_points
        self.outputs = outputs
        self.features_dtype = tf.float32
        sizes = [2 * num_points] + [channels] * (2 * blocks)
        self.hidden = [Dense(size, channels) for size in sizes]
        self.activations = [Activation(channels, dropout, seed + i) for i in range(len(sizes))]
        self.output_dense = Dense(channels, math.prod(outputs))
        self.built = True

    def call(self, keypoints, training: bool = False, fold: bool = True):
        """`(B, L, P, 2)` -> `(B, L) + outputs`, in metres.

        Inference folds batch norms into the layers before them, which pays but for a few frames.
        """
        shape = tf.shape(keypoints)
        features = tf.reshape(keypoints, [-1, 2 * self.num_points])
        layers = list(zip(self.hidden, self.activations, strict=True))

        def apply(layer, features):
            hidden, activation = layer
            if fold and not training:
                return hidden.folded(features, activation.norm)
            return activation(hidden(features), training=training)

        features = tf.cast(apply(layers[0], features), self.features_dtype)
        for first, second in zip(layers[1::2], layers[2::2], strict=True):
            features = features + apply(second, apply(first, features))
        outputs = self.output_dense(tf.cast(features, tf.float32))
        return tf.reshape(outputs, [shape[0], shape[1], *self.outputs])


class LengthAttention(Layer):
    """Weighs the bone lengths of single frames by how far their poses can be trusted (eq. 6).

    Nothing flows back into the joints: the attention alone learns from the bone lengths.

    Args:
      skeleton: the body.
      gamma: degree of attention.
    """

    def __init__(self, skeleton: Skeleton, gamma: float, **kwargs):
        super().__init__(**kwargs)
        self.skeleton = skeleton
        self.gamma = gamma
        self.dense = Dense(6 * skeleton.num_joints, skeleton.num_bones)
        self.built = True

    def call(self, joints):
        """`(B, L, J, 3)` joints -> `(B, L, K)` logits of the frames, and their lengths
        in metres.
        """
        joints = tf.stop_gradient(joints)
        _, lengths = joints_to_bones(joints, self.skeleton)
        shape = tf.shape(joints)
        flat = tf.reshape(joints, [shape[0], shape[1], 3 * self.skeleton.num_joints])
        return self.gamma * self.dense(tf.concat([flat, tf.abs(flat)], axis=-1)), lengths


class LengthMean(Layer):
    """All frames weigh the same; otherwise as `LengthAttention`.

    Args:
      skeleton: the body.
      direct: the frames' lengths are given, and learn from the bone lengths; else they are derived
        from joints.
    """

    def __init__(self, skeleton: Skeleton, direct: bool, **kwargs):
        super().__init__(**kwargs)
        self.skeleton = skeleton
        self.direct = direct
        self.built = True

    def call(self, outputs):
        lengths = outputs
        if not self.direct:
            _, lengths = joints_to_bones(tf.stop_gradient(outputs), self.skeleton)
        return tf.zeros_like(lengths), lengths
