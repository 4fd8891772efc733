"""Poses of a person whose height is known: a camera alone cannot tell it."""

from __future__ import annotations

import dataclasses

import numpy as np

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.stature import check_height, height_scale
from anatomy_tf.poses.result import Poses


def with_height(poses: Poses, height: float) -> Poses:
    """The poses with all lengths scaled, so that the bones are those of a person `height` metres
    tall: see `stature_weights`.

    Raises:
      InputError: several people, a skeleton without head or ankles, or a height out of 0.5 to 2.5
        metres.
    """
    check_height(height)
    if len(poses.people) > 1:
        raise InputError(f"height {height:g}: of one person, but there are {len(poses.people)}")
    scale = height_scale(poses.lengths, poses.skeleton, height)
    note = f"height {height:g} m as given: all lengths times {scale:.3f}"
    return dataclasses.replace(
        poses,
        joints=np.float32(scale) * poses.joints.astype(np.float32),
        lengths=np.float32(scale) * poses.lengths.astype(np.float32),
        made_by={**poses.made_by, "height": float(height)},
        notes=(*poses.notes, note),
    )
