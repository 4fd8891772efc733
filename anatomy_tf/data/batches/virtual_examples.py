"""Training examples of which each is seen by a camera of its own, and found by a detector of its
own.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from anatomy_tf.data.batches import augment
from anatomy_tf.data.batches.detector_errors import detect, make_detector
from anatomy_tf.data.batches.draws import Draws
from anatomy_tf.data.batches.joint_definitions import (
    averaging,
    body_sides,
    draw_offsets,
    move_joints,
)
from anatomy_tf.data.batches.made_up_bodies import draw_bodies
from anatomy_tf.data.batches.motion_table import MotionTable
from anatomy_tf.data.batches.variations import (
    NO_VARIATIONS,
    MotionRows,
    Variations,
    mix_limbs,
    motion_at,
    turn_parts,
)
from anatomy_tf.data.batches.virtual_cameras import camera_joints, draw_views, keypoints_of
from anatomy_tf.geometry.stature import stature_weights


def virtual_examples(
    table: MotionTable,
    draws: Draws,
    motion: MotionRows,
    now: int,
    window: int,
    still: bool = False,
    others: MotionRows | None = None,
    variations: Variations = NO_VARIATIONS,
) -> dict:
    """What made-up cameras see of made-up bodies, in `(B, F)` rows of the table.

    Args:
      now: place of the current frame.
      window: the first so many frames follow each other; the others are drawn over the clip.
      still: cameras on a tripod, and bodies of the actors' proportions, so that a foot that stood
        stands still.
      others: rows of other takes, for the limbs that move as there.
      variations: how many do, and how much is masked.

    Returns:
      `keypoints (B, F, J, 2)` screen coordinates, `visibility (B, F, J)`; `focal (B,)` as far as
      it is known, in screen units; `joints (B, F, 3, J)` metres in camera space, root-relative;
      `lengths (B, K)`. And of how it came about: `exact (B, F, 2, J)`, without a detector's errors;
      `swapped (B, F, J)`, taken for the other side's; `root (B, F, 3)`, `axes (B, F, 3, 3)`,
      `true_focal (B,)`, `half_height (B,)` as in `Views`.
    """
    skeleton = table.skeleton
    frames = motion.rows
    count = frames.shape[1]
    mean_lengths = np.array(table.lengths).mean(axis=0)
    lengths = draw_bodies(draws, mean_lengths, skeleton)
    weights = stature_weights(skeleton).astype("float32")
    stature = tf.linalg.matvec(lengths, weights)
    own = tf.linalg.matvec(
        tf.gather(table.lengths, tf.gather(table.clip_of, frames[:, 0])), weights
    )
    if still:
        lengths = tf.gather(table.lengths, tf.gather(table.clip_of, frames[:, 0]))
        lengths *= (stature / own)[:, tf.newaxis]
    directions, roots = motion_at(table, motion)
    if others is not None:
        foreign, _ = motion_at(table, others)
        directions = mix_limbs(
            draws, directions, foreign, mean_lengths, skeleton, variations.mixed_limbs
        )
    if variations.turned:
        directions = turn_parts(draws, directions, window, skeleton, variations.turned)
    joints = augment.pose_with_lengths(directions, lengths, skeleton)
    joints = tf.ensure_shape(joints, [draws.examples, count, 3, skeleton.num_joints])
    roots *= (stature / own)[:, tf.newaxis, tf.newaxis]

    views = draw_views(draws, roots, now, window, stature, still=still)
    offsets = draw_offsets(draws, stature, skeleton)
    seen = camera_joints(joints, views)
    exact = keypoints_of(move_joints(joints, offsets, body_sides(skeleton)), views)
    height = (views.focal * stature)[:, tf.newaxis] / tf.maximum(views.root[..., 2], 0.2)
    keypoints, visibility, swapped = detect(
        draws,
        exact,
        seen + views.root[..., tf.newaxis],
        height,
        tf.stack([tf.ones_like(views.half_height), views.half_height], axis=-1),
        averaging(draws, skeleton),
        make_detector(skeleton, window, count - window),
        window,
        variations.masked,
    )
    return {
        "keypoints": keypoints,
        "visibility": visibility,
        "swapped": swapped,
        "focal": views.told_focal,
        "joints": seen,
        "lengths": lengths,
        "exact": exact,
        "root": views.root,
        "axes": views.axes,
        "true_focal": views.focal,
        "half_height": views.half_height,
    }
