"""Keypoints as a camera sees them that looks at the person: the keypoint frame `person`.

Screen coordinates depend on the lens, on where the person is in the image, and on how far away. So
the keypoints become rays, by the focal length; the rays are seen by a camera in the same place that
is turned, without roll, towards the person; and they are divided by the person's size. What is lost
by that is told beside them: where the person is, how that changes, and the size. Joints that are
predicted in the frame of that camera are turned back into that of the real one.

Nothing here is ever NaN: of a person without a visible bone the size is `NEUTRAL_SIZE`, and of one
without a visible joint the direction is that of all keypoints, wherever they are.
"""

from __future__ import annotations

import dataclasses
import math

import tensorflow as tf

from anatomy_tf.skeleton import Skeleton

SMOOTHED_FRAMES = 25
"""Frames over which the direction to the person is averaged."""
NEUTRAL_SIZE = 0.25
"""Size, as the tangent of an angle, of a person of whom nothing is known: some 4.5 m away."""
CLIP_POINTS = 3
"""Points beside the joints of a frame in a clip: the person's place, its change, and the size."""
FRAME_POINTS = 2
"""Points beside the joints of a single frame: the person's place, and the size."""

_HALF = SMOOTHED_FRAMES // 2
_OTHER_JOINTS = 0.01  # share of a joint in the person's place, beside the root's 1
_UNSEEN = 1e-3  # the least that a keypoint counts for the person's place
_BONES_A_SIZE = 4.0  # a size is so many bones of mean length, some 1.1 m
_SMALLEST_BONE = 1e-6
_NEUTRAL_WEIGHT = 1e-4  # of the neutral size, in frames with all bones visible
_NARROWEST = 0.1  # cosine of the widest angle at which a keypoint is seen
_FARTHEST = 8.0  # sizes from the middle; what is beyond is garbage


@dataclasses.dataclass(frozen=True)
class SingleFrames:
    """What is known of frames one by one.

    Attributes:
      rays: `(B, T, J, 2)`, x / z and y / z in the real camera.
      turned: the same for a camera that looks at the person of this frame.
      rotation: `(B, T, 3, 3)` from the real camera to that one.
      told: `(B, T, 5)`, what the smoothing reads: the person's place (2), its weight, the logarithm
        of the size, and its weight.
    """

    rays: tf.Tensor
    turned: tf.Tensor
    rotation: tf.Tensor
    told: tf.Tensor

    @property
    def log_size(self) -> tf.Tensor:
        """`(B, T, 1)`."""
        return self.told[..., 3:4]

    @property
    def size_weight(self) -> tf.Tensor:
        """`(B, T, 1)`: 1 where all bones are visible, 0 where the size cannot be told."""
        return self.told[..., 4:5]


def single_frames(keypoints, visibility, focal, skeleton: Skeleton) -> SingleFrames:
    """`(B, T, J, 2)` screen coordinates, `(B, T, J)`, and `(B,)` focal lengths in screen units.

    The size is a weighted root mean square of the bones, which hidden and missing joints hardly
    change.
    """
    visibility = tf.clip_by_value(visibility, 0.0, 1.0)
    rays = keypoints / tf.reshape(focal, [-1, 1, 1, 1])
    share = [1.0 if j == skeleton.root else _OTHER_JOINTS for j in range(skeleton.num_joints)]
    weights = (visibility + _UNSEEN) * share
    place_weight = tf.reduce_sum(weights, axis=-1, keepdims=True)
    place = tf.reduce_sum(tf.expand_dims(weights, -1) * rays, axis=-2) / place_weight
    rotation = looking_at(place)
    turned = turn(rays, rotation)

    near, far = skeleton.bones.T
    bones = tf.gather(turned, far, axis=-2) - tf.gather(turned, near, axis=-2)
    seen = tf.sqrt(tf.gather(visibility, far, axis=-1) * tf.gather(visibility, near, axis=-1))
    total = tf.reduce_sum(seen, axis=-1, keepdims=True)
    squares = tf.reduce_sum(seen * tf.reduce_sum(bones**2, axis=-1), axis=-1, keepdims=True)
    bone = tf.sqrt(tf.math.divide_no_nan(squares, total))
    known = bone > _SMALLEST_BONE
    size = tf.where(known, _BONES_A_SIZE * bone, NEUTRAL_SIZE)
    size_weight = tf.where(known, total / skeleton.num_bones, 0.0)
    told = tf.concat([place, place_weight, tf.math.log(size), size_weight], axis=-1)
    return SingleFrames(rays, turned, rotation, told)


def looking_at(place):
    """`(..., 2)` rays -> `(..., 3, 3)` rotations into the camera that looks along them, without
    roll.
    """
    x, y = tf.unstack(place, axis=-1)
    one, zero = tf.ones_like(x), tf.zeros_like(x)
    level = tf.sqrt(1 + x * x)
    length = tf.sqrt(1 + x * x + y * y)
    right = tf.stack([one, zero, -x], axis=-1) / tf.expand_dims(level, -1)
    ahead = tf.stack([x, y, one], axis=-1) / tf.expand_dims(length, -1)
    down = tf.stack([-x * y, 1 + x * x, -y], axis=-1) / tf.expand_dims(level * length, -1)
    return tf.stack([right, down, ahead], axis=-2)


def turn(rays, rotation):
    """`(..., J, 2)` rays as a camera sees them that is turned by `(..., 3, 3)`.

    Rays beyond its sight are seen at its edge.
    """
    x, y = tf.unstack(rays, axis=-1)
    row = tf.unstack(tf.expand_dims(rotation, -3), axis=-2)
    right, down, ahead = (r[..., 0] * x + r[..., 1] * y + r[..., 2] for r in row)
    ahead = tf.maximum(ahead, _NARROWEST * tf.sqrt(1 + x * x + y * y))
    return tf.stack([right / ahead, down / ahead], axis=-1)


def turn_back(vectors, rotation):
    """`(B, T, P, 3)` vectors in the turned cameras -> the same in the real one."""
    rows = tf.unstack(tf.expand_dims(rotation, -3), axis=-2)
    return tf.add_n([vectors[..., i : i + 1] * row for i, row in enumerate(rows)])


def clip_log_size(log_size, weight):
    """`(B, T, 1)` of single frames -> `(B, 1, 1)`, the weighted mean over the clip."""
    total = tf.reduce_sum(weight, axis=1, keepdims=True) + _NEUTRAL_WEIGHT
    known = tf.reduce_sum(weight * log_size, axis=1, keepdims=True)
    return (known + _NEUTRAL_WEIGHT * math.log(NEUTRAL_SIZE)) / total


def no_frames_yet(streams):
    """What a running mean of log sizes starts from: `(B, 1, 1)` logarithm of its weight, and
    mean.
    """
    shape = [streams, 1, 1]
    return tf.fill(shape, math.log(_NEUTRAL_WEIGHT)), tf.fill(shape, math.log(NEUTRAL_SIZE))


def points_of_frames(frames: SingleFrames, log_size):
    """`(B, T, J + FRAME_POINTS, 2)` of frames one by one; `log_size (B, T or 1, 1)` of the clip."""
    place = frames.told[..., :2]
    return _points(frames.turned, log_size, [place, _sizes(log_size, frames.log_size)])


def points_of_clip(rays, told, log_size):
    """What the direction network reads, and how its camera is turned.

    Args:
      rays: `(B, T, J, 2)`.
      told: `(B, T + SMOOTHED_FRAMES - 1, 5)` as in `SingleFrames`: the frames that are averaged for
        frame t start at t.
      log_size: `(B, T or 1, 1)` of the clip.

    Returns:
      `(B, T, J + CLIP_POINTS, 2)` and `(B, T, 3, 3)`.
    """
    places, place_weight = told[..., :2], told[..., 2:3]
    place = _moving_mean(places, place_weight, SMOOTHED_FRAMES)
    halves = _moving_mean(places, place_weight, _HALF)
    change = (halves[:, _HALF + 1 :] - halves[:, : -_HALF - 1]) / tf.exp(log_size)
    # A size of no weight at all still has a mean.
    size = _moving_mean(told[..., 3:4], told[..., 4:5] + _NEUTRAL_WEIGHT, SMOOTHED_FRAMES)
    rotation = looking_at(place)
    beside = [place, change, _sizes(log_size, size)]
    return _points(turn(rays, rotation), log_size, beside), rotation


def _points(turned, log_size, beside):
    joints = turned / tf.expand_dims(tf.exp(log_size), -1)
    points = tf.concat([joints, *(tf.expand_dims(point, -2) for point in beside)], axis=-2)
    return tf.clip_by_value(points, -_FARTHEST, _FARTHEST)


def _sizes(of_clip, of_frame):
    """The clip's size, and how the frame's differs: `(B, T, 2)`."""
    difference = of_frame - of_clip
    return tf.concat([of_frame - difference, difference], axis=-1)


def _moving_mean(values, weights, frames: int):
    """Weighted mean of `(B, T + frames - 1, c)` over `frames` at a time: `(B, T, c)`."""
    sums = tf.nn.avg_pool1d(tf.concat([values * weights, weights], axis=-1), frames, 1, "VALID")
    return sums[..., :-1] / sums[..., -1:]
