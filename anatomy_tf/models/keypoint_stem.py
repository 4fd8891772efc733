"""Keypoints and their visibility enter the direction network (section III-E, eq. 8)."""

from __future__ import annotations

import tensorflow as tf

from anatomy_tf.models.layers import Activation, Layer, TemporalConv


class KeypointStem(Layer):
    """First convolution of the keypoints, whose features weigh those of the visibility scores.

    Args:
      num_points: points of a frame, the joints' and what the keypoint frame tells beside them.
      num_joints: joints with a visibility.
      channels, width, dropout, seed: shape of the convolution and what follows it.
      visibility: `attention` (eq. 8); `concatenation` (the paper's "Fusion"): the scores are one
        more number a joint, convolved together; or `none`.
    """

    def __init__(
        self,
        num_points: int,
        num_joints: int,
        channels: int,
        width: int,
        dropout: float,
        seed: int,
        visibility: str,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.visibility = visibility
        self.features_dtype = tf.float32
        numbers = 2 * num_points + (num_joints if visibility == "concatenation" else 0)
        self.keypoint_conv = TemporalConv(numbers, channels, width)
        self.keypoint_activation = Activation(channels, dropout, seed)
        self.visibility_conv = None
        if visibility == "attention":
            self.visibility_conv = TemporalConv(num_joints, channels, width)
            self.visibility_activation = Activation(channels, dropout, seed + 1)
        self.built = True

    def call(self, keypoints, visibility=None, dilation=None, training: bool = False):
        """`(B, T, P, 2)` and `(B, T, J)` -> `(B, T', C)`, or with attention `(B, T', 2C)`,
        keypoints first.
        """
        shape = tf.shape(keypoints)
        keypoints = tf.reshape(keypoints, [shape[0], shape[1], 2 * keypoints.shape[2]])
        if self.visibility == "concatenation":
            keypoints = tf.concat([keypoints, visibility], axis=-1)
        features = self.keypoint_conv(keypoints, dilation=dilation, training=training)
        features = self.keypoint_activation(features, training=training)
        features = tf.cast(features, self.features_dtype)
        if self.visibility_conv is None:
            return features
        scores = self.visibility_conv(visibility, dilation=dilation, training=training)
        scores = self.visibility_activation(scores, training=training)
        scores = tf.cast(scores, self.features_dtype)
        return tf.concat([features, scores * features], axis=-1)
