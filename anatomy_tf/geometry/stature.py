"""How tall a person stands, by the lengths of the bones."""

from __future__ import annotations

import functools

import numpy as np

from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import Skeleton

ANKLE_SHARE = 0.05
"""What the ankles' height adds, in shares of the bones from ankle to head."""
SHORTEST_HEIGHT, TALLEST_HEIGHT = 0.5, 2.5
"""Metres."""


@functools.lru_cache(maxsize=16)
def stature_weights(skeleton: Skeleton) -> np.ndarray:
    """`(K,)`: the stature of a person is these weights times the bone lengths.

    It is the bones from the root to the head, and those to knees and ankles, the mean of both
    sides; and 5 % more, since ankles are not on the ground. Bones from the pelvis to the hips lie
    across; those of a skeleton without pelvis are its trunk, and count.

    Raises:
      InputError: the skeleton has no head, or no ankles.
    """
    names = skeleton.joint_names
    heads = [joint for joint, name in enumerate(names) if name == "head"]
    parts = ("knee", "ankle") if "pelvis" in names else ("hip", "knee", "ankle")
    legs = [j for j, name in enumerate(names) if name.endswith(parts)]
    ankles = sum(names[joint].endswith("ankle") for joint in legs)
    if not heads or not ankles:
        raise InputError("the height of a person: the skeleton needs a head and ankles")
    weights = skeleton.path_matrix[heads[0]].astype(np.float64)
    for bone, (_, far) in enumerate(skeleton.bones):
        if far in legs:
            weights[bone] += 1 / ankles
    weights *= 1 + ANKLE_SHARE
    weights.flags.writeable = False
    return weights


def check_height(height: float) -> None:
    """Raises an InputError for a height that nobody has, as one in another unit."""
    if not SHORTEST_HEIGHT <= height <= TALLEST_HEIGHT:
        raise InputError(
            f"height {height:g}: must lie in [{SHORTEST_HEIGHT}, {TALLEST_HEIGHT}] metres"
        )


def height_scale(lengths: np.ndarray, skeleton: Skeleton, height: float) -> float:
    """What to multiply `(K,)` or `(T, K)` bone lengths and all joints by, so that the person is
    `height` metres tall.

    Of lengths by frame, their mean counts.

    Raises:
      InputError: a height that nobody has, or lengths that are no body's.
    """
    check_height(height)
    stature = float(np.mean(np.atleast_2d(lengths) @ stature_weights(skeleton)))
    if not (np.isfinite(stature) and stature > 0):
        raise InputError("the height of a person: the bone lengths are no body's")
    return height / stature
