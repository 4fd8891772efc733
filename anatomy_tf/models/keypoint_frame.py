"""How keypoints enter the networks: as they lie on the screen, or as seen by a camera that looks at
the person.

`geometry/person_frame.py` says what the latter sees. Here is where its frames come from: whole
clips, windows of training, streams. A symmetric model divides by the size in the whole clip, a
causal one by that in the frames so far.
"""

from __future__ import annotations

import tensorflow as tf

from anatomy_tf.data.batches.sampling import window_offsets
from anatomy_tf.geometry.person_frame import (
    CLIP_POINTS,
    FRAME_POINTS,
    SMOOTHED_FRAMES,
    clip_log_size,
    no_frames_yet,
    points_of_clip,
    points_of_frames,
    single_frames,
    turn_back,
)
from anatomy_tf.models.history import History
from anatomy_tf.models.layers import Layer, RepeatEnds
from anatomy_tf.models.running import running_mean
from anatomy_tf.skeleton import Skeleton


class PersonFrame(Layer):
    """The frame `person`, for whole clips.

    Args:
      skeleton: what the joints are.
      causal: directions and sizes are those of the frames so far.
      before, after: frames that a window reads beside the current one.
    """

    num_extra_points = CLIP_POINTS
    num_extra_frame_points = FRAME_POINTS

    def __init__(self, skeleton: Skeleton, causal: bool, before: int, after: int, **kwargs):
        super().__init__(**kwargs)
        self.skeleton = skeleton
        self.causal = causal
        self.before, self.after = before, after
        self.earlier, self.later = window_offsets(SMOOTHED_FRAMES, causal)
        self.built = True

    @property
    def context(self) -> int:
        """Frames of a training window beyond those that the networks read."""
        return self.earlier + self.later

    def call(self, keypoints, visibility, focal, total=None):
        """Whole clips, without padding.

        Args:
          keypoints, visibility: `(B, T, J, 2)` and `(B, T, J)`.
          focal: `(B,)` focal lengths in screen units.
          total: `(B,)` frames of each clip, where others are padding after them.

        Returns:
          `(B, before + T + after, P, 2)` points and `(B, before + T + after, J)` visibility, padded
          for the direction network; `(B, T, P', 2)` points of single frames; `(B, T, 3, 3)`
          rotations.
        """
        frames = single_frames(keypoints, visibility, focal, self.skeleton)
        weight = frames.size_weight
        if total is not None:
            counts = tf.range(tf.shape(weight)[1]) < tf.expand_dims(total, 1)
            weight = tf.where(tf.expand_dims(counts, -1), weight, 0.0)
        if self.causal:
            _, log_size = self._running(
                frames.log_size, weight, *no_frames_yet(tf.shape(weight)[0])
            )
        else:
            log_size = clip_log_size(frames.log_size, weight)
        repeat_ends = RepeatEnds(self.before, self.after)
        told = RepeatEnds(self.before + self.earlier, self.after + self.later)(frames.told)
        padded_size = repeat_ends(log_size) if self.causal else log_size
        points, rotation = points_of_clip(repeat_ends(frames.rays), told, padded_size)
        rotation = rotation[:, self.before : self.before + tf.shape(keypoints)[1]]
        return points, repeat_ends(visibility), points_of_frames(frames, log_size), rotation

    def compute_output_shape(
        self, keypoints_shape, visibility_shape, focal_shape, total_shape=None
    ):
        batch, time, joints, _ = keypoints_shape
        padded = time and self.before + time + self.after
        return (
            (batch, padded, joints + CLIP_POINTS, 2),
            (batch, padded, joints),
            (batch, time, joints + FRAME_POINTS, 2),
            (batch, time, 3, 3),
        )

    def of_samples(self, keypoints, visibility, focal):
        """Frames drawn over a clip, `(B, L, J, 2)`: what the network on single frames reads.

        Returns:
          `(B, L, P', 2)` points; `(B, L, 3, 3)` rotations; and `(B, 1, 1)`, the logarithm of the
          size.
        """
        frames = single_frames(keypoints, visibility, focal, self.skeleton)
        log_size = clip_log_size(frames.log_size, frames.size_weight)
        return points_of_frames(frames, log_size), frames.rotation, log_size

    def of_windows(self, keypoints, visibility, focal, log_size, frames_before):
        """Windows of training with `context` frames more, of clips whose size is told.

        Args:
          keypoints, visibility: `(B, T + context, J, 2)` and `(B, T + context, J)`, where T is the
            receptive field and N - 1 frames more.
          log_size: `(B, 1, 1)` of the clip, for a causal model that of the frames before.
          frames_before: `(B,)` frames of the clip before the window's, which only a causal model
            reads.

        Returns:
          `(B, T, P, 2)` points, `(B, T, J)` visibility, and `(B, N, 3, 3)`, the rotations of the N
          frames that are lifted.
        """
        frames = single_frames(keypoints, visibility, focal, self.skeleton)
        if self.causal:
            weight = tf.math.log(tf.cast(tf.maximum(frames_before, 0), tf.float32) + 1e-4)
            start = (tf.reshape(weight, [-1, 1, 1]), log_size)
            _, log_size = self._running(
                frames.log_size[:, self.earlier :], frames.size_weight[:, self.earlier :], *start
            )
        end = keypoints.shape[1] - self.later
        rays = frames.rays[:, self.earlier : end]
        points, rotation = points_of_clip(rays, frames.told, log_size)
        rotation = rotation[:, self.before : rotation.shape[1] - self.after]
        return points, visibility[:, self.earlier : end], rotation

    def stream(self, keypoints, visibility, focal, state, history: History):
        """The frames `(B, N, J, 2)` that follow those of `history`, whose sizes are in `state`.

        Returns:
          Points, points of single frames, rotations, and the state after them.
        """
        frames = single_frames(keypoints, visibility, focal, self.skeleton)
        kept, log_size = self._running(
            frames.log_size, frames.size_weight, state["size_weight"], state["size"]
        )
        told = history.extend(frames.told, self.earlier)
        points, rotation = points_of_clip(frames.rays, told, log_size)
        return points, points_of_frames(frames, log_size), rotation, kept

    @staticmethod
    def unseen_size(streams) -> dict[str, tf.Tensor]:
        """The sizes in the state of streams that have seen nothing yet."""
        weight, size = no_frames_yet(streams)
        return {"size_weight": weight, "size": size}

    @staticmethod
    def _running(log_size, weight, weight_before, size_before):
        """Mean up to each frame `(B, T, 1)`, after what is kept for the frames after them."""
        logits = tf.concat([weight_before, tf.math.log(tf.maximum(weight, 1e-30))], axis=1)
        logits, sizes = running_mean(logits, tf.concat([size_before, log_size], axis=1))
        return {"size_weight": logits[:, -1:], "size": sizes[:, -1:]}, sizes[:, 1:]


class TurnBack(Layer):
    """Vectors `(B, T, P, 3)` in the person's frame -> the same in the camera's."""

    def call(self, vectors, rotation):
        return turn_back(vectors, rotation)

    def compute_output_shape(self, vectors_shape, rotation_shape):
        return vectors_shape
