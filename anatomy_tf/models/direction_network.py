"""Bone directions of the current frame from a window of frames (section III-B, fig. 3).

Every sub-network walks up the same ladder of levels: at level 0 a feature spans `widths[0]` frames,
at level i the product of the first i + 1 widths, at the top the whole window. It can be walked in
three ways with the same weights. A *window* yields its current frame only, by strided convolutions.
A *whole clip*, or a window of several current frames, yields them all at once: the lowest
sub-network by dilated convolutions; in the upper ones every frame has a window of its own, but what
they read of the lowest sub-network is computed once for all. A *stream* does the same for the
frames that are new, and remembers what the next ones will read of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import tensorflow as tf

from anatomy_tf.models.history import History, PaddedClip
from anatomy_tf.models.keypoint_stem import KeypointStem
from anatomy_tf.models.layers import Activation, Dense, Layer, TemporalConv


class ResidualBlock(Layer):
    """One step up the ladder: a width-w convolution and a dense layer, around which the input is
    added.

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
        hidden = self.conv(inputs, dilation=dilation, training=training)
        return self._finish(hidden, residual, training)

    def of_windows(self, inputs, skip=None, training: bool = False):
        """`(B, T, M, in)` -> `(B, T, M / w, C)`; `skip` are the lower features after
        `skip_conv`.
        """
        hidden = self.conv(inputs)
        residual = self._current(inputs)
        return self._finish(hidden if skip is None else hidden + skip, residual, training)

    def _current(self, inputs):
        """What is added: of every window one frame, `(B, T, M, in)` -> `(B, T, M / w, C)`."""
        # A slice with a stride is slow, and its gradient slower; so windows become rows, and the
        # frame a range of columns.
        shape, in_channels = tf.shape(inputs), inputs.shape[3]
        rows = tf.reshape(inputs, [-1, self.width * in_channels])
        frame = tf.slice(rows, [0, self.tap * in_channels], [-1, self.channels])
        return tf.reshape(frame, [shape[0], shape[1], inputs.shape[2] // self.width, self.channels])

    def of_constant(self, inputs, skip=None, training: bool = False):
        """As `of_windows` for windows that repeat one feature: `(B, T, 1, C)` ->
        `(B, T, M / w, C)`.
        """
        hidden = self.conv.of_constant(inputs)
        return self._finish(hidden if skip is None else hidden + skip, inputs, training)

    def _finish(self, hidden, residual, training: bool):
        hidden = self.conv_activation(hidden, training=training)
        hidden = self.dense_activation(self.dense(hidden), training=training)
        return residual + hidden


class SubNetwork(Layer):
    """The residual blocks of one sub-network, and the head that reads vectors off its top.

    Args:
      in_channels: channels of level 0.
      skip_channels: channels of the features of the sub-network below, 0 in the lowest one.
      num_vectors: vectors of a frame; 0 where the sub-network only feeds the one above.
      unit: the vectors are directions.
    """

    def __init__(
        self,
        in_channels: int,
        skip_channels: int,
        channels: int,
        num_vectors: int,
        unit: bool,
        widths: Sequence[int],
        causal: bool,
        dropout: float,
        seed: int,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.num_vectors = num_vectors
        self.unit = unit
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
        self.output_dense = Dense(channels, 3 * num_vectors) if num_vectors else None
        self.built = True

    @property
    def vector_shape(self) -> tuple[int, int]:
        return self.num_vectors, 3

    def vectors(self, features):
        """`(B, T, C)` features of the top -> `(B, T, num_vectors, 3)`."""
        vectors = self.output_dense(tf.cast(features, tf.float32))
        shape = tf.shape(vectors)
        vectors = tf.reshape(vectors, [shape[0], shape[1], self.num_vectors, 3])
        return tf.math.l2_normalize(vectors, axis=-1) if self.unit else vectors


class DirectionNetwork(Layer):
    """A stack of sub-networks, each fed by the features of the one below, gradients blocked
    between.

    From the third sub-network on, level 0 still reads the keypoint features of the lowest one: the
    sub-networks above that have no level 0 of their own, only the top feature that they are fed.

    Without long skips (the paper's "Baseline-D") the stack is one deep network: only the top has a
    head, and gradients flow through to the bottom.

    Args:
      num_points: points of a frame, the joints' and what the keypoint frame tells beside them.
      num_joints: joints with a visibility.
      num_vectors, unit: what every frame has: a unit vector a bone, or for the baselines free
        vectors.
      filter_widths: width of every convolution over time, odd; their product is the receptive
        field.
      channels, dropout, causal, visibility, sub_networks, long_skips, seed: as in `AnatomyLifter`.
    """

    def __init__(
        self,
        num_points: int,
        num_joints: int,
        num_vectors: int,
        unit: bool,
        filter_widths: Sequence[int],
        channels: int,
        dropout: float,
        causal: bool,
        visibility: str,
        sub_networks: int,
        long_skips: bool,
        seed: int,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filter_widths = tuple(filter_widths)
        self.spans = [math.prod(filter_widths[: i + 1]) for i in range(len(filter_widths))]
        self.receptive_field = self.spans[-1]
        self.channels = channels
        self.long_skips = long_skips
        self.stem = KeypointStem(
            *(num_points, num_joints, channels, filter_widths[0], dropout, seed, visibility)
        )
        self.sub_networks = [
            SubNetwork(
                in_channels=2 * channels if visibility == "attention" and not number else channels,
                skip_channels=channels if number and long_skips else 0,
                channels=channels,
                num_vectors=num_vectors if long_skips or number == sub_networks - 1 else 0,
                unit=unit,
                widths=filter_widths[1:],
                causal=causal,
                dropout=dropout,
                seed=seed + 100 * (number + 1),
            )
            for number in range(sub_networks)
        ]
        self.built = True

    def call(self, keypoints, visibility=None, training: bool = False):
        """Padded `(B, T, P, 2)` and `(B, T, J)` -> one `(B, T', num_vectors, 3)` a head, lowest
        first.

        The receptive field's frames less one are lost. What is as long as it is walked as a window,
        what is longer or not known to be, as a whole clip.
        """
        history = None if keypoints.shape[1] == self.receptive_field else PaddedClip()
        return self._walk(keypoints, visibility, history, training)

    def stream(self, keypoints, visibility, history: History):
        """As a causal whole clip, for the `(B, N, P, 2)` frames that follow those of `history`."""
        frames = self.filter_widths[0] - 1
        keypoints = history.extend(keypoints, frames)
        visibility = history.extend(visibility, frames)
        return self._walk(keypoints, visibility, history, training=False)

    def _walk(self, keypoints, visibility, history: History | PaddedClip | None, training: bool):
        levels, top = self._lowest_levels(keypoints, visibility, history, training)
        lowest, *uppers = self.sub_networks
        if not self.long_skips:
            for upper in uppers:
                top = self._upper_top_without_skips(upper, top, training)
            return [self.sub_networks[-1].vectors(top)]
        vectors = [lowest.vectors(top)]
        stem_features = levels[0]
        for upper in uppers:
            skips = [
                self._read_lower(block.skip_conv, stage, tf.stop_gradient(lower), history, training)
                for stage, (block, lower) in enumerate(zip(upper.blocks, levels, strict=True))
            ]
            fed = tf.stop_gradient(top)[:, :, tf.newaxis]
            features = upper.blocks[0].of_constant(fed, skips[0], training)
            levels = [stem_features]
            for block, skip in zip(upper.blocks[1:], skips[1:], strict=True):
                levels.append(features)
                features = block.of_windows(features, skip, training)
            top = features[:, :, 0]
            vectors.append(upper.vectors(top))
        return vectors

    def _lowest_levels(self, keypoints, visibility, history, training: bool):
        """Features of the lowest sub-network by level, each `(B, frames, C)`, and of its top."""
        dilation = None if history is None else 1
        inputs = self.stem(keypoints, visibility, dilation=dilation, training=training)
        levels = []
        for block, span in zip(self.sub_networks[0].blocks, self.spans[:-1], strict=True):
            if history is not None:
                inputs = history.extend(inputs, (block.width - 1) * span)
            levels.append(inputs[..., : self.channels])
            if history is None:
                inputs = block.of_windows(inputs[:, tf.newaxis], training=training)[:, 0]
            else:
                inputs = block.of_frames(inputs, span, training)
        return levels, inputs

    def _upper_top_without_skips(self, upper: SubNetwork, fed, training: bool):
        """The top of a sub-network that reads nothing but the `(B, T, C)` top of the one below."""
        features = fed[:, :, tf.newaxis]
        if not training:
            for block in upper.blocks:
                features = block.of_constant(features)
        else:  # dropout tells the repeated features apart
            features = tf.repeat(features, self.receptive_field // self.spans[0], axis=2)
            for block in upper.blocks:
                features = block.of_windows(features, training=True)
        return features[:, :, 0]

    def _read_lower(self, conv: TemporalConv, stage: int, lower, history, training: bool):
        """The part of a block's convolution that reads the sub-network below: `(B, T, M, C)`."""
        if len(lower.shape) == 4:
            return conv(lower)
        if history is None:
            return conv(lower)[:, tf.newaxis]
        span = self.spans[stage + 1]
        windows = self.receptive_field // span
        read = conv(lower, dilation=self.spans[stage], training=training)
        if windows > 1:
            read = history.extend(read, (windows - 1) * span)
        frames = tf.range(tf.shape(read)[1] - (windows - 1) * span)
        return tf.gather(read, frames[:, tf.newaxis] + span * tf.range(windows), axis=1)
