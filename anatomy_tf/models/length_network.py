"""Bone lengths of a person from frames of the whole clip (section III-C, fig. 4)."""

from __future__ import annotations

import keras
import tensorflow as tf

from anatomy_tf.geometry.bones import joints_to_bones
from anatomy_tf.models.layers import Activation, Dense
from anatomy_tf.skeleton import Skeleton


class FrameNetwork(keras.layers.Layer):
    """Fully connected residual network: keypoints of single frames -> joints of these frames.

    Args:
      num_joints, channels, dropout: size of the layers.
      blocks: residual blocks of two dense layers each.
    """

    def __init__(
        self, num_joints: int, channels: int, blocks: int, dropout: float, seed: int, **kwargs
    ):
        super().__init__(**kwargs)
        self.num_joints = num_joints
        sizes = [2 * num_joints] + [channels] * (2 * blocks)
        self.hidden = [Dense(size, channels) for size in sizes]
        self.activations = [Activation(channels, dropout, seed + i) for i in range(len(sizes))]
        self.output_dense = Dense(channels, 3 * num_joints)
        self.built = True

    def call(self, keypoints, training: bool = False):
        """`(B, L, J, 2)` -> `(B, L, J, 3)` metres."""
        shape = tf.shape(keypoints)
        features = tf.reshape(keypoints, [-1, 2 * self.num_joints])
        layers = list(zip(self.hidden, self.activations, strict=True))
        features = self._apply(layers[0], features, training)
        for first, second in zip(layers[1::2], layers[2::2], strict=True):
            hidden = self._apply(first, features, training)
            features = features + self._apply(second, hidden, training)
        joints = self.output_dense(features)
        return tf.reshape(joints, [shape[0], shape[1], self.num_joints, 3])

    @staticmethod
    def _apply(layer, features, training: bool):
        hidden, activation = layer
        return activation(hidden(features), training=training)


class LengthAttention(keras.layers.Layer):
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

    def call(self, joints, running: bool = False):
        """`(B, L, J, 3)` joints of frames -> `(B, K)` lengths in metres.

        `running` gives `(B, L, K)`: at every frame, the lengths out of the frames seen until then.
        """
        joints = tf.stop_gradient(joints)
        _, lengths = joints_to_bones(joints, self.skeleton)
        shape = tf.shape(joints)
        flat = tf.reshape(joints, [shape[0], shape[1], 3 * self.skeleton.num_joints])
        logits = self.gamma * self.dense(tf.concat([flat, tf.abs(flat)], axis=-1))
        if running:
            return running_attention(logits, lengths)
        return tf.reduce_sum(tf.nn.softmax(logits, axis=1) * lengths, axis=1)


def running_attention(logits, values):
    """Softmax-weighted mean over frames up to each frame: `(B, T, K)` twice -> `(B, T, K)`.

    A scan in log2(T) steps: each doubles the number of past frames that a frame's sums reach over. The
    sums are kept relative to their largest logit, so any range of logits is exact.
    """
    frames = tf.shape(logits)[1]

    def shift(x, by, fill):
        return tf.pad(x, [[0, 0], [by, 0], [0, 0]], constant_values=fill)[:, :frames]

    def double(reach, peak, weight, total):
        past_peak = shift(peak, reach, logits.dtype.min)
        new_peak = tf.maximum(peak, past_peak)
        here, past = tf.exp(peak - new_peak), tf.exp(past_peak - new_peak)
        weight = weight * here + shift(weight, reach, 0) * past
        total = total * here + shift(total, reach, 0) * past
        return 2 * reach, new_peak, weight, total

    unknown = tf.TensorShape([logits.shape[0], None, logits.shape[2]])
    _, _, weight, total = tf.while_loop(
        lambda reach, *_: reach < frames,
        double,
        (tf.constant(1), logits, tf.ones_like(logits), values),
        shape_invariants=(tf.TensorShape([]), unknown, unknown, unknown),
    )
    return total / weight
