"""Feet that stay where they stand, and legs that reach them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anatomy_tf.geometry.bone_vectors import unit_vectors
from anatomy_tf.skeleton import Skeleton
from anatomy_tf.world.body import body_of
from anatomy_tf.world.contact import runs

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_EASE = 0.15
"""Seconds in which a foot goes over from where it was to where it stands."""
_ALONG_FLOOR = np.array([1.0, 0.0, 1.0])
_FRONT = 0.05
"""Metres by which a straight leg's knee is taken to be in front of it."""
_REACH = 0.999
"""Of a stretched leg's length: at more, its knee would jump."""


def plant(joints: Floats, stands: Bools, floor: float, fps: float, skeleton: Skeleton) -> Floats:
    """`(T, J, 3)` joints in a level world, y up, with the feet planted.

    A foot that stands is in one place on the floor, the median of where it was; before and after,
    it goes there and away smoothly. It keeps its height, since some centimetres more or less bend a
    straight leg's knee by many degrees, but is never below `floor`. Bones keep their lengths; a
    foot that a leg cannot reach is as near as it gets.

    Args:
      stands: `(T, C)` of the feet of `body_of`.
      floor: height of a standing ankle in metres.
    """
    ease = max(1, round(_EASE * fps))
    feet = body_of(skeleton).feet
    aims = [_aims(joints[:, f], runs(stands[:, n]), floor, ease) for n, f in enumerate(feet)]
    return _legs_to(joints, np.stack(aims, axis=1), skeleton) if feet else joints


def plant_frame(joints: Floats, aims: Floats, skeleton: Skeleton) -> Floats:
    """`(J, 3)` joints of one frame, with the feet of `body_of` at `aims (C, 3)`, or as near as the
    legs get.
    """
    return _legs_to(joints[np.newaxis], aims[np.newaxis], skeleton)[0]


def _legs_to(joints: Floats, aims: Floats, skeleton: Skeleton) -> Floats:
    planted, front = joints.copy(), _front(joints, skeleton)
    for foot, (hip, knee, ankle) in enumerate(body_of(skeleton).legs):
        aim = aims[:, foot]
        bent, end = _reach(joints[:, hip], joints[:, knee], joints[:, ankle], aim, front)
        planted[:, knee], planted[:, ankle] = bent, end
        # What hangs on the ankle goes with it.
        below = skeleton.path_matrix[:, np.flatnonzero(skeleton.bones[:, 1] == ankle)[0]] > 0
        below[ankle] = False
        planted[:, below] += (end - joints[:, ankle])[:, np.newaxis]
    return planted


def _aims(ankle: Floats, stands: npt.NDArray[np.intp], floor: float, ease: int) -> Floats:
    """`(T, 3)` where a foot is to be."""
    shift = np.zeros_like(ankle)
    weight = np.zeros((len(ankle), 1))
    for start, stop in stands.tolist():
        place = np.median(ankle[start:stop], axis=0)
        first, last = max(0, start - ease), min(len(ankle), stop + ease)
        frames = np.arange(first, last)
        outside = np.maximum(np.maximum(start - frames, frames - (stop - 1)), 0)
        share = (1 + np.cos(np.pi * outside / (ease + 1)))[:, np.newaxis] / 2
        # Outside, the foot keeps its own motion, and only gives up its distance from the place.
        nearest = np.clip(frames, start, stop - 1)
        shift[first:last] += share * (place - ankle[nearest]) * _ALONG_FLOOR
        weight[first:last] += share
    aims = ankle + shift / np.maximum(weight, 1.0)
    aims[:, 1] = np.maximum(aims[:, 1], floor)
    return aims


def _front(joints: Floats, skeleton: Skeleton) -> Floats:
    """`(T, 3)` of length `_FRONT`, to where the hips face; where a skeleton does not tell, towards
    the camera.
    """
    hips = {leg[-1] in skeleton.left: joints[:, leg[0]] for leg in body_of(skeleton).legs}
    across = hips[False] - hips[True] if len(hips) == 2 else np.zeros_like(joints[:, 0])
    ahead = unit_vectors(np.cross([0.0, 1.0, 0.0], across))
    return _FRONT * np.where(ahead.any(axis=1, keepdims=True), ahead, [0.0, 0.0, 1.0])


def _reach(
    hip: Floats, knee: Floats, ankle: Floats, aim: Floats, front: Floats
) -> tuple[Floats, Floats]:
    """Knees and ankles `(T, 3)` of legs that end at `aim`, or as near as they can."""
    upper = np.linalg.norm(knee - hip, axis=-1, keepdims=True)
    lower = np.linalg.norm(ankle - knee, axis=-1, keepdims=True)
    way = aim - hip
    length = np.linalg.norm(way, axis=-1, keepdims=True)
    nearest, farthest = np.abs(upper - lower), _REACH * (upper + lower)
    own = np.linalg.norm(ankle - hip, axis=-1, keepdims=True)
    length = np.clip(length, nearest, np.maximum(farthest, own))
    ahead = unit_vectors(way)
    end = hip + ahead * length
    along = (length**2 + upper**2 - lower**2) / np.maximum(2 * length, 1e-9)
    along = np.clip(along, -upper, upper)
    # The knee stays on the side on which it is; that of a straight leg goes to the front.
    side = knee - hip + front
    side = side - (side * ahead).sum(axis=-1, keepdims=True) * ahead
    bent = hip + ahead * along + unit_vectors(side) * np.sqrt(np.maximum(upper**2 - along**2, 0))
    return bent, end
