"""A whole clip in portions of frames, so that memory does not grow with its length.

The layers tell their output shapes, so that Keras need not trace all of a model only to find them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from anatomy_tf.models.direction_network import DirectionNetwork
from anatomy_tf.models.layers import Layer
from anatomy_tf.models.length_frames import (
    LengthFrames,
    frames_for_clip,
    initial_lengths_state,
    lengths_of_stream,
    weighted_mean,
)
from anatomy_tf.models.length_network import FrameNetwork, LengthAttention, LengthMean

CHUNK_FRAMES = 1024
"""Frames lifted at a time: few enough for memory, many enough that those read twice do not count.
"""


class ClipFeatures(Layer):
    """Vectors of every frame of a padded clip and, but for the baselines, logits and lengths of its
    frames.

    Args:
      before, after: frames that the clip is padded by.
      chunk_frames: frames at a time; None takes all at once.
    """

    def __init__(
        self,
        direction_network: DirectionNetwork,
        frame_network: FrameNetwork | None,
        length_pooling: LengthAttention | LengthMean | None,
        before: int,
        after: int,
        chunk_frames: int | None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.direction_network = direction_network
        self.frame_network = frame_network
        self.length_pooling = length_pooling
        self.before = before
        self.context = before + after
        self.chunk_frames = chunk_frames
        self.built = True

    def call(self, keypoints, visibility, current=None):
        """`(B, before + T + after, P, 2)` and `(B, ..., J)` -> a list of `(B, T, ...)`.

        `current (B, T, P', 2)`: what the network on single frames reads, if not the keypoints.
        """
        inputs = [keypoints, visibility] + ([] if current is None else [current])
        shapes = self._feature_shapes()
        return in_chunks(self._features, inputs, shapes, self.context, self.chunk_frames)

    def compute_output_shape(self, keypoints_shape, visibility_shape, current_shape=None):
        batch, frames = keypoints_shape[:2]
        frames = frames and frames - self.context
        return [(batch, frames, *shape) for shape in self._feature_shapes()]

    def _feature_shapes(self) -> list[tuple[int, ...]]:
        shapes = [self.direction_network.sub_networks[-1].vector_shape]
        if self.frame_network is not None:
            shapes += 2 * [(self.length_pooling.skeleton.num_bones,)]
        return shapes

    def _features(self, keypoints, visibility, current=None):
        vectors = self.direction_network(keypoints, visibility)[-1]
        if self.frame_network is None:
            return [vectors]
        frames = tf.shape(vectors)[1]
        single, first = (keypoints, self.before) if current is None else (current, 0)
        current = single[:, first : first + frames]
        return [vectors, *self.length_pooling(self.frame_network(current))]


class ClipLengths(Layer):
    """Bone lengths of a clip out of those of all its frames: `(B, K)`, or a choice a frame
    `(B, T, K)`.
    """

    def __init__(self, length_frames: LengthFrames, causal: bool, **kwargs):
        super().__init__(**kwargs)
        self.length_frames = length_frames
        self.causal = causal
        self.built = True

    def call(self, logits, lengths, total=None):
        """`total (B,)`: frames of each clip, where others are padding after them."""
        if self.causal:
            streams = tf.shape(logits)[0]
            state = initial_lengths_state(streams, logits.shape[-1], self.length_frames)
            first_frame = tf.zeros([streams], tf.int32)
            return lengths_of_stream(logits, lengths, first_frame, state, self.length_frames)[0]
        batch, time = tf.unstack(tf.shape(logits)[:2])
        if self.length_frames.mode == "consecutive":
            total = tf.fill([batch], time) if total is None else total
            chosen, counts = frames_for_clip(total, time, self.length_frames)
            logits, lengths = (
                tf.gather(x, chosen, axis=1, batch_dims=1) for x in (logits, lengths)
            )
            return weighted_mean(logits, lengths, counts)
        counts = None if total is None else tf.range(time) < tf.expand_dims(total, 1)
        return weighted_mean(logits, lengths, counts)

    def compute_output_shape(self, logits_shape, lengths_shape, total_shape=None):
        of_clip = not self.causal and self.length_frames.mode != "consecutive"
        return (lengths_shape[0], lengths_shape[2]) if of_clip else lengths_shape


class ChosenLengths(Layer):
    """Bone lengths `(B, K)` of a symmetric clip out of a few of its frames, the only ones that are
    lifted for them.
    """

    def __init__(
        self,
        frame_network: FrameNetwork,
        length_pooling: LengthAttention | LengthMean,
        length_frames: LengthFrames,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.frame_network = frame_network
        self.length_pooling = length_pooling
        self.length_frames = length_frames
        self.built = True

    def call(self, keypoints, total=None):
        """`(B, T, J, 2)`; `total (B,)` as in `ClipLengths`."""
        batch, time = tf.unstack(tf.shape(keypoints)[:2])
        total = tf.fill([batch], time) if total is None else total
        chosen, counts = frames_for_clip(total, time, self.length_frames)
        frames = tf.gather(keypoints, chosen, axis=1, batch_dims=1)
        return weighted_mean(*self.length_pooling(self.frame_network(frames)), counts)

    def compute_output_shape(self, keypoints_shape, total_shape=None):
        return keypoints_shape[0], self.length_pooling.skeleton.num_bones


class ClipJoints(Layer):
    """A joint head over all frames of a clip: `(B, T, J, 3)`."""

    def __init__(
        self, joint_head: keras.layers.Layer, num_joints: int, chunk_frames: int | None, **kwargs
    ):
        super().__init__(**kwargs)
        self.joint_head = joint_head
        self.num_joints = num_joints
        self.chunk_frames = chunk_frames
        self.built = True

    def call(self, vectors, lengths=None):
        inputs = [vectors]
        if lengths is not None and len(lengths.shape) == 3:
            inputs.append(lengths)

        def joints(vectors, lengths=lengths):
            return [self.joint_head(vectors, lengths)]

        outputs = [(self.num_joints, 3)]
        return in_chunks(joints, inputs, outputs, 0, self.chunk_frames)[0]

    def compute_output_shape(self, vectors_shape, lengths_shape=None):
        return *vectors_shape[:2], self.num_joints, 3


def in_chunks(
    function: Callable[..., list[tf.Tensor]],
    inputs: Sequence[tf.Tensor],
    outputs: Sequence[tuple[int, ...]],
    context: int,
    chunk_frames: int | None,
) -> list[tf.Tensor]:
    """`function` of `(B, T + context, ...)` inputs, called for `chunk_frames` of the `T` frames at
    a time.

    Args:
      function: takes `(B, n + context, ...)` and gives a list of `(B, n, ...)`, for any `n`.
      outputs: shapes of what it gives, without `(B, n)`.
      context: frames of the inputs beyond those of the outputs.
      chunk_frames: None calls it once.

    Returns:
      The chunks joined: a list of `(B, T, ...)`.
    """
    if chunk_frames is None:
        return function(*inputs)
    frames = tf.shape(inputs[0])[1] - context
    chunks = -(-frames // chunk_frames)

    def lift(number, arrays):
        start = number * chunk_frames
        stop = tf.minimum(start + chunk_frames, frames) + context
        results = function(*(x[:, start:stop] for x in inputs))
        arrays = [
            array.write(number, _swap_batch_and_time(result))
            for array, result in zip(arrays, results, strict=True)
        ]
        return number + 1, arrays

    arrays = [
        tf.TensorArray(
            inputs[0].dtype, chunks, infer_shape=False, element_shape=(None, None, *shape)
        )
        for shape in outputs
    ]
    _, arrays = tf.while_loop(
        lambda number, _: number < chunks, lift, (0, arrays), parallel_iterations=1
    )
    return [_swap_batch_and_time(array.concat()) for array in arrays]


def _swap_batch_and_time(x):
    return tf.transpose(x, [1, 0, *range(2, len(x.shape))])
