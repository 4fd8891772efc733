"""What training changes in the motion itself: pace, and limbs that move as in another take."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import tensorflow as tf

from anatomy_tf.data.batches.draws import Draws
from anatomy_tf.data.batches.joint_definitions import body_axes, body_sides
from anatomy_tf.data.batches.motion_table import MotionTable
from anatomy_tf.data.batches.sampling import first_of_frames, window_frames
from anatomy_tf.skeleton import Skeleton


@dataclasses.dataclass(frozen=True)
class Variations:
    """How far examples of virtual cameras go from the motion that was captured.

    Args:
      mixed_limbs: chance of every arm and leg to move as in another take, relative to the trunk.
      turned: standard deviation in radians of how far every arm, every leg, and the body above the
        hips are turned as one piece, slowly changing.
      reversed: chance of a motion to go backwards in time.
      frame_rates: paces are even in their logarithm, from minus to plus this.
      masked: added to the chance of every joint not to be found for a while, and the chance that
        none is found for a while.
    """

    mixed_limbs: float = 0.0
    turned: float = 0.0
    reversed: float = 0.0
    frame_rates: float = 0.0
    masked: float = 0.0

    @property
    def paced(self) -> bool:
        """Whether time does not go as in the capture."""
        return bool(self.frame_rates) or bool(self.reversed)


NO_VARIATIONS = Variations()
_OFF_LENGTH = 1e-3


@dataclasses.dataclass(frozen=True)
class MotionRows:
    """Rows `(B, F)` of a table; where the pace is another one, the first `W` frames lie `between
    (B, W)` of the way to the next row.
    """

    rows: tf.Tensor
    between: tf.Tensor | None = None


def draw_pace(draws: Draws, variations: Variations):
    """`(B,)` paces, 1 being that of the capture."""
    pace = tf.exp(variations.frame_rates * draws.uniform(-1.0, 1.0))
    return tf.where(draws.chance(variations.reversed), -pace, pace)


def first_at_pace(frame, count, frames: int, pace=None):
    """As `first_of_frames`, at a pace `(B,)`."""
    if pace is None:
        return first_of_frames(frame, count, frames)
    way = pace * (frames - 1)
    last = tf.cast(count - 1, tf.float32)
    lowest = tf.minimum(tf.math.ceil(tf.maximum(-way, 0.0)), last)
    highest = tf.maximum(tf.floor(last - tf.maximum(way, 0.0)), lowest)
    first = tf.round(tf.cast(frame, tf.float32) - way / 2)
    return tf.cast(tf.clip_by_value(first, lowest, highest), frame.dtype)


def as_played(frames, count, pace=None):
    """Numbers `(B, ...)` of frames, counted in the order in which they are played at a pace `(B,)`;
    of those, the numbers in the clip.
    """
    if pace is None:
        return frames
    last, backwards = (
        tf.reshape(of_clip, [-1] + [1] * (frames.shape.rank - 1))
        for of_clip in (count - 1, pace < 0)
    )
    return tf.where(backwards, last - frames, frames)


def window_at_pace(frame, count, before: int, after: int, pace=None):
    """As `window_frames`, at a pace `(B,)`; also how far `(B, W)` the frames lie towards the next
    ones.
    """
    if pace is None:
        return window_frames(frame, count, before, after), None
    offsets = tf.range(-before, after + 1, dtype=tf.float32)
    places = tf.cast(frame, tf.float32)[:, tf.newaxis] + pace[:, tf.newaxis] * offsets
    places = tf.clip_by_value(places, 0.0, tf.cast(count - 1, tf.float32)[:, tf.newaxis])
    return tf.cast(tf.floor(places), tf.int32), places - tf.floor(places)


def motion_at(table: MotionTable, motion: MotionRows):
    """Directions `(B, F, 3, K)` and roots `(B, F, 3)`."""
    rows = motion.rows
    directions, roots = tf.gather(table.directions, rows), tf.gather(table.roots, rows)
    if motion.between is None:
        return directions, roots
    samples = rows.shape[1] - motion.between.shape[1]
    share = tf.pad(motion.between, [[0, 0], [0, samples]])[..., tf.newaxis]
    after = tf.where(share[..., 0] > 0, rows + 1, rows)
    roots += share * (tf.gather(table.roots, after) - roots)
    directions += share[..., tf.newaxis] * (tf.gather(table.directions, after) - directions)
    return tf.math.l2_normalize(directions, axis=2, epsilon=1e-6), roots


def mix_limbs(draws: Draws, directions, others, lengths: np.ndarray, skeleton: Skeleton, chance):
    """Arms and legs of `(B, F, 3, K)` that move, seen from the trunk, as those of `others`.

    `lengths (K,)` are those of the body by which the trunk's axes are found.
    """
    limbs = bones_of_limbs(skeleton)
    chosen = tf.cast(draws.chance(chance, (len(limbs),)), tf.float32)
    chosen = tf.matmul(chosen, limbs)[:, tf.newaxis, tf.newaxis] > 0
    sides = (body_sides(skeleton) @ skeleton.path_matrix * lengths).astype(np.float32)
    return _mixed(directions, others, chosen, sides)


def turn_parts(draws: Draws, directions, window: int, skeleton: Skeleton, sd):
    """Arms, legs and all above the hips of `(B, F, 3, K)` turned, each as one piece, by `sd`
    radians along every axis; half of the variance comes and goes within some `window` frames.
    """
    limbs = bones_of_limbs(skeleton)
    parts = np.concatenate([limbs, [_above_the_hips(skeleton)]])
    shape = (1, len(parts), 3)
    phase = draws.uniform(0.0, 2 * math.pi, shape)
    pace = draws.uniform(0.2, 1.5, shape) * (2 * math.pi / window)
    frames = tf.minimum(tf.range(directions.shape[1]), window)[
        tf.newaxis, :, tf.newaxis, tf.newaxis
    ]
    turns = draws.normal(sd * math.sqrt(0.5), shape)
    turns += draws.normal(sd, shape) * tf.sin(phase + pace * tf.cast(frames, tf.float32))
    return _turned(directions, tf.einsum("bfpc,pk->bfck", turns, parts))


def _above_the_hips(skeleton: Skeleton) -> np.ndarray:
    """`(K,)`: 1 for the bones that the first middle bone leads to."""
    sided = {*skeleton.left, *skeleton.right}
    trunk = [k for k, (near, far) in enumerate(skeleton.bones) if far not in sided]
    if not trunk:
        return np.zeros(skeleton.num_bones, np.float32)
    moved = skeleton.descendants[trunk[0]]
    return np.isin(skeleton.bones[:, 1], moved).astype(np.float32)


@tf.function(jit_compile=True, autograph=False)
def _turned(directions, turns):
    """Vectors `(B, F, 3, K)` turned by rotation vectors, together for bones that several turn."""
    angle = tf.maximum(tf.norm(turns, axis=2, keepdims=True), 1e-6)
    axis = turns / angle
    ahead = tf.reduce_sum(axis * directions, axis=2, keepdims=True)
    across = tf.stack(
        [
            axis[:, :, (i + 1) % 3] * directions[:, :, (i + 2) % 3]
            - axis[:, :, (i + 2) % 3] * directions[:, :, (i + 1) % 3]
            for i in range(3)
        ],
        axis=2,
    )
    cosine = tf.cos(angle)
    return cosine * directions + tf.sin(angle) * across + (1 - cosine) * ahead * axis


def bones_of_limbs(skeleton: Skeleton) -> np.ndarray:
    """`(G, K)`: 1 for the bones within an arm or leg of one side."""
    near, far = skeleton.bones.T
    groups = [
        np.isin(near, joints) & np.isin(far, joints)
        for limb in skeleton.limbs
        for side in (skeleton.left, skeleton.right)
        if (joints := sorted({*limb} & {*side}))
    ]
    return np.stack(groups).astype(np.float32)


@tf.function(jit_compile=True, autograph=False)
def _mixed(directions, others, chosen, sides):
    own, foreign = (body_axes(motion, sides) for motion in (directions, others))
    seen = [
        tf.reduce_sum(axis[..., tf.newaxis] * others, axis=2, keepdims=True) for axis in foreign
    ]
    turned = tf.add_n([axis[..., tf.newaxis] * part for axis, part in zip(own, seen, strict=True)])
    # A trunk along the line of its hips has no axes to turn by.
    whole = tf.abs(tf.norm(turned, axis=2, keepdims=True) - 1) < _OFF_LENGTH
    return tf.where(chosen & whole, turned, directions)
