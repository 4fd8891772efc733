"""Bone directions of the current frame from a window of frames (section III-B, fig. 3).

Every sub-network walks up the same ladder of levels: at level 0 a feature spans `widths[0]` frames, at
level i the product of the first i + 1 widths, at the top the whole window. It can be walked in two ways
with the same weights. A *window* yields its current frame only, by strided convolutions. A *whole clip*
yields all its frames at once: the lowest sub-network by dilated convolutions; in the upper ones every
frame has a window of its own, but what they read of the lowest sub-network is computed once for all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
import tensorflow as tf

from anatomy_tf.models.layers import Activation, Dense, TemporalConv
from anatomy_tf.models.visibility_attention import VisibilityAttention


class ResidualBlock(keras.layers.Layer):
    """One step up the ladder: a width-w convolution and a dense layer, around which the input is added.

    Args:
      in_channels: channels of the input; the first `channels` of them are what is added.
      skip_channels: channels of the lower sub-network's features, 0 in the lowest one.
      tap: the one of w neighbours that is added to the output, that of the current frame.
    """

    def __init__(
        self,
        in_channels: int,
        skip_channels: int,
        channels: int,
        width: int,
        tap: int,
        dropout: float,
        seed: int,
        **kwargs,
    ):
        super().__init__(**kwargs)
        fan_in = width * (in_channels + skip_channels)
        self.channels = channels
        self.width = width
        self.tap = tap
        self.conv = TemporalConv(in_channels, channels, width, fan_in)
        self.skip_conv = (
            TemporalConv(skip_channels, channels, width, fan_in) if skip_channels else None
        )
        self.conv_activation = Activation(channels, dropout, seed)
        self.dense = Dense(channels, channels, use_bias=False)
        self.dense_activation = Activation(channels, dropout, seed + 1)
        self.built = True

    def of_frames(self, inputs, dilation: int, training: bool = False):
        """`(B, T, in)` -> `(B, T - (w - 1) * dilation, C)`: every frame on its own."""
        frames = tf.shape(inputs)[1] - (self.width - 1) * dilation
        start = self.tap * dilation
        residual = inputs[:, start : start + frames, : self.channels]
        return self._finish(self.conv(inputs, dilation=dilation), residual, training)

    def of_windows(self, inputs, skip=None, training: bool = False):
        """`(B, T, M, in)` -> `(B, T, M / w, C)`; `skip` are the lower features after `skip_conv`."""
        hidden = self.conv(inputs)
        residual = inputs[:, :, self.tap :: self.width, : self.channels]
        return self._finish(hidden if skip is None else hidden + skip, residual, training)

    def of_constant(self, inputs, skip, training: bool = False):
        """As `of_windows` for windows that repeat one feature: `(B, T, C)` -> `(B, T, M / w, C)`."""
        inputs = inputs[:, :, tf.newaxis]
        return self._finish(self.conv.of_constant(inputs) + skip, inputs, training)

    def _finish(self, hidden, residual, training: bool):
        hidden = self.conv_activation(hidden, training=training)
        hidden = self.dense_activation(self.dense(hidden), training=training)
        return residual + hidden


class SubNetwork(keras.layers.Layer):
    """The residual blocks of one sub-network and the head that reads bone directions off its top.

    Args:
      in_channels: channels of level 0.
      skip_channels: channels of the features of the sub-network below, 0 in the lowest one.
    """

    def __init__(
        self,
        in_channels: int,
        skip_channels: int,
        channels: int,
        num_bones: int,
        widths: Sequence[int],
        causal: bool,
        dropout: float,
        seed: int,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.num_bones = num_bones
        self.blocks = [
            ResidualBlock(
                in_channels=channels if stage else in_channels,
                skip_channels=skip_channels,
                channels=channels,
                width=width,
                tap=width - 1 if causal else width // 2,
                dropout=dropout,
                seed=seed + 2 * stage,
            )
            for stage, width in enumerate(widths)
        ]
        self.direction_dense = Dense(channels, 3 * num_bones)
        self.built = True

    def directions(self, features):
        """`(B, T, C)` features of the top -> `(B, T, K, 3)` unit vectors."""
        vectors = self.direction_dense(features)
        shape = tf.shape(vectors)
        vectors = tf.reshape(vectors, [shape[0], shape[1], self.num_bones, 3])
        return tf.math.l2_normalize(vectors, axis=-1)


class DirectionNetwork(keras.layers.Layer):
    """A stack of sub-networks, each fed by the features of the one below, gradients blocked between.

    From the third sub-network on, level 0 still reads the keypoint features of the lowest one: the
    sub-networks above that have no level 0 of their own, only the top feature that they are fed.

    Args:
      num_joints, num_bones: size of the body.
      filter_widths: width of every convolution over time, odd; their product is the receptive field.
      channels, dropout, causal, visibility, sub_networks, seed: as in `AnatomyLifter`.
    """

    def __init__(
        self,
        num_joints: int,
        num_bones: int,
        filter_widths: Sequence[int],
        channels: int,
        dropout: float,
        causal: bool,
        visibility: bool,
        sub_networks: int,
        seed: int,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.spans = [math.prod(filter_widths[: i + 1]) for i in range(len(filter_widths))]
        self.stem = VisibilityAttention(
            num_joints, channels, filter_widths[0], dropout, seed, visibility
        )
        self.sub_networks = [
            SubNetwork(
                in_channels=2 * channels if visibility and number == 0 else channels,
                skip_channels=channels if number else 0,
                channels=channels,
                num_bones=num_bones,
                widths=filter_widths[1:],
                causal=causal,
                dropout=dropout,
                seed=seed + 100 * (number + 1),
            )
            for number in range(sub_networks)
        ]
        self.built = True

    def call(self, keypoints, visibility=None, whole_clip: bool = False, training: bool = False):
        """Padded `(B, T, J, 2)` and `(B, T, J)` -> one `(B, T', K, 3)` a sub-network, lowest first.

        `T'` is 1 for a window; a whole clip loses the receptive field's frames less one.
        """
        lowest, *uppers = self.sub_networks
        levels = self._lowest_levels(keypoints, visibility, whole_clip, training)
        stem_features, top = levels[0], levels[-1]
        directions = [lowest.directions(top)]
        for upper in uppers:
            skips = [
                self._read_lower(block.skip_conv, stage, tf.stop_gradient(lower), whole_clip)
                for stage, (block, lower) in enumerate(zip(upper.blocks, levels[:-1], strict=True))
            ]
            features = upper.blocks[0].of_constant(tf.stop_gradient(top), skips[0], training)
            levels = [stem_features, features]
            for block, skip in zip(upper.blocks[1:], skips[1:], strict=True):
                levels.append(block.of_windows(levels[-1], skip, training))
            top = levels[-1][:, :, 0]
            directions.append(upper.directions(top))
        return directions

    def _lowest_levels(self, keypoints, visibility, whole_clip: bool, training: bool):
        """Features of the lowest sub-network by level, each `(B, frames, C)`."""
        dilation = 1 if whole_clip else None
        features, inputs = self.stem(keypoints, visibility, dilation=dilation, training=training)
        levels = [features]
        for block, span in zip(self.sub_networks[0].blocks, self.spans[:-1], strict=True):
            if whole_clip:
                inputs = block.of_frames(inputs, span, training)
            else:
                inputs = block.of_windows(inputs[:, tf.newaxis], training=training)[:, 0]
            levels.append(inputs)
        return levels

    def _read_lower(self, conv: TemporalConv, stage: int, lower, whole_clip: bool):
        """The part of a block's convolution that reads the sub-network below: `(B, T, M, C)`."""
        if lower.shape.rank == 4:
            return conv(lower)
        if not whole_clip:
            return conv(lower)[:, tf.newaxis]
        read = conv(lower, dilation=self.spans[stage])
        span = self.spans[stage + 1]
        windows = self.spans[-1] // span
        frames = tf.range(tf.shape(read)[1] - (windows - 1) * span)
        return tf.gather(read, frames[:, tf.newaxis] + span * tf.range(windows), axis=1)
