"""What a 2D detector makes of people whose keypoints are known: errors, swaps, gaps, scores."""

from __future__ import annotations

import dataclasses

import numpy as np
import tensorflow as tf

from anatomy_tf.data.batches.draws import Draws
from anatomy_tf.data.motion.simulated_detector import ERROR_SDS
from anatomy_tf.skeleton import Skeleton

_OTHER_ERROR_SD = 0.013
"""Of a joint that `ERROR_SDS` does not name, relative to the person's height in the image."""
_FAST, _SLOW = 0.75, 0.96
"""Correlations from frame to frame of the two halves of the variance."""
_LEVEL, _LEVEL_SD = 0.8, 0.5
_JOINT_LEVEL_SD = 0.4
_HIDDEN_FACTOR = (1.5, 4.0)
_LIMB_SWAPS, _BODY_SWAPS = 0.08, 0.04
_SWAP_FRAMES = (3, 40)
_MISSED, _MISSED_FRAMES = 0.04, (1, 30)
_LOST_FRAMES = (1, 15)
_BLURRED, _BLURRED_FRAMES, _BLUR = 0.2, (5, 40), 2.5
_QUANTISED = 0.2
_BONE_RADIUS, _TRUNK_RADIUS, _FLESH = 0.05, 0.11, 0.06
_EVERY = 4
"""Whether joints are hidden is found out for every fourth frame of a window."""


@dataclasses.dataclass(frozen=True)
class Detector:
    """Facts that a batch shares.

    Attributes:
      correlate: `(F, F)`: what makes of independent numbers errors that last, in a window.
      sds: `(J,)`.
      swaps: `(G, J)` for the groups of joints that are taken for those of the other side together.
      flip: `(J,)`.
      bones: `(K, 2)`; `radii (K,)` metres; `(J, K)` which bone can hide which joint.
    """

    correlate: np.ndarray
    sds: np.ndarray
    swaps: np.ndarray
    flip: np.ndarray
    bones: np.ndarray
    radii: np.ndarray
    hides: np.ndarray


def make_detector(skeleton: Skeleton, window: int, samples: int) -> Detector:
    """For `window` frames in a row and `samples` drawn over the clip, independent of each other."""
    lag = np.abs(np.subtract.outer(np.arange(window), np.arange(window)))
    correlate = np.eye(window + samples)
    correlate[:window, :window] = np.linalg.cholesky(0.5 * _FAST**lag + 0.5 * _SLOW**lag)
    names = skeleton.plain_names
    sided = {*skeleton.left, *skeleton.right}
    everything = np.arange(skeleton.num_joints)
    swaps = [np.isin(everything, list(group)) for group in (*skeleton.limbs, range(len(names)))]
    trunk = [a not in sided and b not in sided for a, b in skeleton.bones]
    hides = np.array([[j not in bone for bone in skeleton.bones] for j in range(len(names))])
    middle = [j not in sided for j in range(len(names))]
    hides &= ~np.outer(middle, trunk)  # the middle joints lie within the trunk
    return Detector(
        correlate=correlate.astype(np.float32),
        sds=np.array([ERROR_SDS.get(name, _OTHER_ERROR_SD) for name in names], np.float32),
        swaps=np.stack(swaps),
        flip=skeleton.flip_joints,
        bones=skeleton.bones,
        radii=np.where(trunk, _TRUNK_RADIUS, _BONE_RADIUS).astype(np.float32),
        hides=hides,
    )


def detect(
    draws: Draws,
    exact,
    points,
    height,
    image,
    averaging,
    detector: Detector,
    window: int,
    masked: float = 0.0,
):
    """Keypoints and scores of a detector with habits of its own in every example.

    Args:
      exact: `(B, F, 2, J)` screen coordinates.
      points: `(B, F, 3, J)` metres in camera space, of the joints.
      height: `(B, F)` of the person in the image, in screen units.
      image: `(B, 2)` half width and half height of the image in screen units.
      averaging: `(B, J, J)` of `joint_definitions`.
      window: how many of the frames follow each other.
      masked: how much more often joints are missed, and how often all are at once.

    Returns:
      `(B, F, J, 2)` screen coordinates; `(B, F, J)` scores, 0 where a joint was not found; and
      `(B, F, J)` where one was taken for that of the other side.
    """
    frames, joints = exact.shape[1], exact.shape[3]
    hidden = _hidden_in_all(points, detector, window)
    outside = tf.reduce_any(tf.abs(exact) > image[:, tf.newaxis, :, tf.newaxis], axis=2)
    blur = _in_run(draws.run(window, *_BLURRED_FRAMES, _BLURRED), frames)
    noise = _correlated(draws.coarse_normal((2 * joints, frames)), detector.correlate)
    noise = tf.reshape(noise, [-1, 2, joints, frames])
    level = _LEVEL * tf.exp(draws.normal(_LEVEL_SD))[:, tf.newaxis]
    level = level * tf.exp(draws.normal(_JOINT_LEVEL_SD, (joints,))) * detector.sds
    habits = {
        "hidden_factor": draws.uniform(*_HIDDEN_FACTOR),
        "visible": draws.uniform(0.55, 1.0),
        "hidden": draws.uniform(0.1, 1.0),
        "spread": draws.uniform(0.0, 0.15),
        "by_error": draws.uniform(0.0, 0.1),
        "outside": draws.uniform(0.0, 0.7),
        "all_ones": draws.chance(0.15),
        "grid": tf.where(draws.chance(_QUANTISED), draws.uniform(1 / 200, 1 / 50), 0.0),
        "blur": 1 + (_BLUR - 1) * draws.uniform(),
    }
    luck = draws.coarse_normal((frames, joints))
    keypoints, scores = _err(
        exact, noise, luck, level, hidden, outside, blur, height, image, averaging, habits
    )
    missed = draws.run(window, *_MISSED_FRAMES, _MISSED + masked, (joints,))
    if masked:
        lost = draws.run(window, *_LOST_FRAMES, masked, (1,))
        missed = [tf.where(lost[0] < lost[1], *pair) for pair in zip(lost, missed, strict=True)]
    keypoints = _bridged(keypoints, *missed, window)
    scores = tf.where(_in_run(missed, frames), 0.0, scores)
    return _swap(draws, keypoints, scores, detector, window)


@tf.function(jit_compile=True, autograph=False)
def _correlated(noise, correlate):
    shape = noise.shape
    return tf.reshape(tf.reshape(noise, [-1, shape[-1]]) @ tf.transpose(correlate), shape)


@tf.function(jit_compile=True, autograph=False)
def _err(exact, noise, luck, level, hidden, outside, blur, height, image, averaging, habits):
    def every(values):  # (B,) -> (B, 1, 1)
        return values[:, tf.newaxis, tf.newaxis]

    blurred = tf.where(blur, habits["blur"][:, tf.newaxis], 1.0)[..., tf.newaxis]  # (B, F, 1)
    doubt = tf.where(hidden | outside, every(habits["hidden_factor"]), 1.0) * blurred
    noise = tf.transpose(noise, [0, 3, 1, 2])
    strength = doubt * level[:, tf.newaxis] * height[..., tf.newaxis]
    keypoints = exact + noise * strength[:, :, tf.newaxis]
    grid = tf.maximum(habits["grid"][:, tf.newaxis] * height, 1e-6)[:, :, tf.newaxis, tf.newaxis]
    coarse = tf.where(habits["grid"][:, tf.newaxis, tf.newaxis, tf.newaxis] > 0, 1.0, 0.0)
    keypoints += coarse * (tf.round(keypoints / grid) * grid - keypoints)
    edge = image[:, tf.newaxis, :, tf.newaxis]
    keypoints = tf.clip_by_value(keypoints, -edge, edge)

    error = tf.sqrt(tf.reduce_sum(noise**2, axis=2)) * doubt
    middle = tf.where(hidden, every(habits["visible"] * habits["hidden"]), every(habits["visible"]))
    middle = tf.where(outside, every(habits["visible"] * habits["outside"]), middle)
    scores = middle + every(habits["spread"]) * luck - every(habits["by_error"]) * error
    scores = tf.clip_by_value(scores, 0.02, 1.0)
    scores = tf.where(every(habits["all_ones"]), 1.0, scores)
    batch, frames, _, joints = keypoints.shape
    flat = tf.reshape(keypoints, [batch, 2 * frames, joints])
    flat = tf.linalg.matmul(flat, averaging, transpose_b=True)
    return tf.reshape(flat, [batch, frames, 2, joints]), scores


def _in_run(run, frames: int):
    """Whether a frame is in a run of `Draws.run`, `(B, F)` or `(B, F, J)`; runs that reach over the
    end of the window go on in the samples.
    """
    start, stop = (tf.expand_dims(x, 1) for x in run)
    number = tf.reshape(tf.range(frames), [1, -1] + [1] * (start.shape.rank - 2))
    return (number >= start) & (number < stop)


@tf.function(jit_compile=True, autograph=False)
def _bridged(keypoints, start, stop, window: int):
    """`(B, F, 2, J)` with a straight line over the run of each joint, `(B, J)`; held at the ends of
    the window.
    """
    number = tf.range(keypoints.shape[1])[tf.newaxis, :, tf.newaxis]
    start, stop = start[:, tf.newaxis], stop[:, tf.newaxis]
    before, after = start - 1, stop

    def at(frame):  # (B, 1, 2, J)
        here = tf.cast(number == tf.clip_by_value(frame, 0, window - 1), tf.float32)
        return tf.reduce_sum(here[:, :, tf.newaxis] * keypoints, axis=1, keepdims=True)

    share = tf.cast(number - before, tf.float32) / tf.cast(stop - before, tf.float32)
    share = tf.where(before < 0, 1.0, tf.where(after >= window, 0.0, share))[:, :, tf.newaxis]
    line = at(before) * (1 - share) + at(after) * share
    inside = (number >= start) & (number < stop) & (number < window)
    return tf.where(inside[:, :, tf.newaxis], line, keypoints)


def _swap(draws: Draws, keypoints, scores, detector: Detector, window: int):
    """Limbs, or the whole body, taken for those of the other side, for some frames or many."""
    groups = len(detector.swaps)
    chances = np.array([_LIMB_SWAPS] * (groups - 1) + [_BODY_SWAPS], np.float32)
    runs = draws.run(window, *_SWAP_FRAMES, chances, (groups,))
    swapped = _in_run(runs, keypoints.shape[1])
    return _swapped(keypoints, scores, swapped, detector.swaps, detector.flip)


@tf.function(jit_compile=True, autograph=False)
def _swapped(keypoints, scores, swapped, groups, flip):
    """`(B, F, 2, J)` and `(B, F, J)` -> `(B, F, J, 2)`, and `(B, F, J)` scores and what was
    swapped; `swapped (B, F, G)`.
    """
    joints = tf.reduce_any(swapped[..., tf.newaxis] & groups, axis=2)
    scores = tf.where(joints, tf.gather(scores, flip, axis=2), scores)
    mirrored = tf.gather(keypoints, flip, axis=3)
    keypoints = tf.where(joints[:, :, tf.newaxis], mirrored, keypoints)
    return tf.transpose(keypoints, [0, 1, 3, 2]), scores, joints


def _hidden_in_all(points, detector: Detector, window: int):
    """`(B, F, J)`, looked up for every fourth frame of the window.

    In the samples those joints are hidden that are in some frame of the window: the same camera
    sees the person from a like side.
    """
    near, far = detector.bones.T
    every = points[:, :window:_EVERY]
    hidden = hidden_joints(every, near, far, detector.radii, detector.hides)
    samples = np.arange(points.shape[1] - window) % every.shape[1]
    rows = np.concatenate([np.arange(window) // _EVERY, samples])
    return tf.gather(hidden, rows, axis=1)


@tf.function(jit_compile=True, autograph=False)
def hidden_joints(points, near: np.ndarray, far: np.ndarray, radii: np.ndarray, hides: np.ndarray):
    """`(B, F, 3, J)` metres in camera space -> `(B, F, J)`: whether a bone stands before a joint.

    Seen on the image plane, a joint is hidden by a bone to which it is nearer than the bone's
    radius, and which is nearer to the camera there.
    """
    shape = tf.shape(points)
    rows = tf.reshape(points, [-1, 3, points.shape[3]])
    x, y, depth = tf.unstack(tf.transpose(rows, [1, 2, 0]))  # frames side by side in memory
    depth = tf.maximum(depth, 0.1)
    x, y = x / depth, y / depth
    hidden = tf.zeros_like(x, tf.bool)
    for bone in range(radii.shape[0]):
        start, end = near[bone], far[bone]
        along_x, along_y = x[end] - x[start], y[end] - y[start]
        scale = 1 / tf.maximum(along_x**2 + along_y**2, 1e-6)
        way_x, way_y = x - x[start], y - y[start]
        share = tf.clip_by_value((way_x * along_x + way_y * along_y) * scale, 0.0, 1.0)
        bone_depth = depth[start] + share * (depth[end] - depth[start])
        apart = (way_x - share * along_x) ** 2 + (way_y - share * along_y) ** 2
        before = (apart * bone_depth**2 < radii[bone] ** 2) & (bone_depth < depth - _FLESH)
        hidden |= before & hides[:, bone, tf.newaxis]
    return tf.reshape(tf.transpose(hidden), [shape[0], shape[1], shape[3]])
