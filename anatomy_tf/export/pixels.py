"""Detected keypoints as they come, in pixels and with gaps -> what the model takes, inside the
exported graph.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from anatomy_tf.data.keypoint_sets import conversion, keypoint_names
from anatomy_tf.geometry.screen import GUESSED_FOCAL, LONGEST_FOCAL, SHORTEST_FOCAL
from anatomy_tf.inference.stream import FARTHEST
from anatomy_tf.models.running import last_seen
from anatomy_tf.skeleton import Skeleton


class KeypointInput:
    """What keypoints an export takes: the model's own joints, or those of a keypoint set.

    Args:
      skeleton: of the model, with `J` joints.
      keypoint_set: a name of `KEYPOINT_SETS`; None is the model's own joints.

    Attributes:
      names: of the `I` keypoints that come in.

    Raises:
      InputError: there is no such set, or no joint of the model can be made of it.
    """

    def __init__(self, skeleton: Skeleton, keypoint_set: str | None = None):
        joints = skeleton.joint_names
        self.names = keypoint_names(keypoint_set) if keypoint_set else joints
        self._weights = None
        if self.names != joints:
            self._weights = np.float32(conversion(self.names, joints))

    def joints(self, screen, visibility, seen):
        """`(B, T, I, 2)`, `(B, T, I)` and `(B, T, I)` as `screen_and_seen` gives them -> the same
        of the `J` joints, as `keypoint_sets.convert` makes them.
        """
        if self._weights is None:
            return screen, visibility, seen
        columns = [self._joint(row, screen, visibility, seen) for row in self._weights]
        return tuple(tf.stack(values, axis=2) for values in zip(*columns, strict=True))

    def _joint(self, weights, screen, visibility, seen):
        """A joint that lacks a part was not seen, and must not take the 0 in the part's place."""
        parts = np.flatnonzero(weights)
        if not len(parts):
            nothing = visibility[..., 0] * 0
            return screen[..., 0, :] * 0, nothing, nothing > 0
        there = tf.reduce_all(tf.gather(seen, parts, axis=-1), axis=-1)
        place = sum(float(weights[part]) * screen[..., part, :] for part in parts)
        score = tf.reduce_min(tf.gather(visibility, parts, axis=-1), axis=-1)
        return tf.where(tf.expand_dims(there, -1), place, 0.0), tf.where(there, score, 0.0), there


def screen_and_seen(keypoints, visibility, image_size):
    """Pixels -> screen coordinates, and which of the keypoints were seen.

    Args:
      keypoints: `(B, T, J, 2)` pixels. One that is not finite or far off the image was not seen.
      visibility: scores as `(B, T, J)`; an axis of size 1 stands for all. One that is not above 0
        says unseen.
      image_size: width and height in pixels, `(B, 2)` or `(1, 2)`. Where they are not positive,
        nothing was seen.

    Returns:
      Screen coordinates as `pixels_to_screen` gives them, 0 where unseen; scores in [0, 1], 0 where
      unseen; and
      whether each was seen, `(B, T, J)`.
    """
    image_size = image_size[:, tf.newaxis, tf.newaxis]
    width, height = image_size[..., :1], image_size[..., 1:]
    sized = (width > 0) & (height > 0) & _finite(width) & _finite(height)
    width = tf.where(sized, width, 1.0)
    # Taken apart, since TFLite checks no shapes: one coordinate would silently do for both.
    x, y = tf.unstack(keypoints, 2, axis=-1)
    scale, ratio = 2 / width[..., 0], height[..., 0] / width[..., 0]
    screen = tf.stack([x * scale - 1, y * scale - ratio], axis=-1)
    near = tf.reduce_all(tf.abs(screen) < FARTHEST, axis=-1)  # NaN is not
    seen = near & sized[..., 0] & (visibility > 0)
    screen = tf.where(tf.expand_dims(seen, -1), screen, 0.0)
    return screen, tf.where(seen, tf.clip_by_value(visibility, 0.0, 1.0), 0.0), seen


def focal_of_screen(focal, image_size):
    """Focal lengths in pixels, `(B,)` or `(1,)`, of images of `(B, 2)` or `(1, 2)` pixels -> in
    screen units, as `screen_focal` gives them; but guessed where no lens has one.
    """
    longer, width = tf.reduce_max(image_size, axis=1), image_size[:, 0]
    share = focal / longer
    known = (share >= SHORTEST_FOCAL) & (share <= LONGEST_FOCAL)  # NaN is not
    screen = tf.where(known, share, GUESSED_FOCAL) * 2 * longer / width
    return tf.where((width > 0) & (screen > 0) & _finite(screen), screen, 2 * GUESSED_FOCAL)


def hold_unseen(screen, seen, before):
    """Unseen keypoints stay where they were seen last.

    Args:
      screen, seen: as `screen_and_seen` gives them.
      before: `(B, J, 2)`, where they were before the first frame; 0 is the middle of the image.

    Returns:
      `(B, T, J, 2)`, and those of the last frame, `(B, J, 2)`.
    """
    held, ever_seen = last_seen(screen, seen)
    held = tf.where(tf.expand_dims(ever_seen, -1), held, before[:, tf.newaxis])
    return held, held[:, -1]


def bridge_unseen(screen, seen):
    """Unseen keypoints move in a straight line between the frames in which they were seen, and are
    held at the ends.
    """
    numbers = tf.cast(tf.range(tf.shape(screen)[1]), screen.dtype)[:, tf.newaxis, tf.newaxis]
    timed = tf.concat([screen, numbers + tf.zeros_like(screen[..., :1])], axis=-1)
    before, is_before = last_seen(timed, seen)
    after, is_after = (
        tf.reverse(x, [1]) for x in last_seen(tf.reverse(timed, [1]), tf.reverse(seen, [1]))
    )
    before, after = (
        tf.where(tf.expand_dims(is_before, -1), before, after),
        tf.where(tf.expand_dims(is_after, -1), after, before),
    )
    share = tf.math.divide_no_nan(numbers - before[..., 2:], after[..., 2:] - before[..., 2:])
    bridged = before[..., :2] + share * (after[..., :2] - before[..., :2])
    return tf.where(tf.expand_dims(is_before | is_after, -1), bridged, 0.0)


def _finite(x):
    """As `tf.math.is_finite`, which TFLite does not have."""
    return tf.abs(x) < float("inf")
