"""What standing takes to know of a skeleton, by the names of its joints: feet, legs, masses."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.stature import ANKLE_SHARE, stature_weights
from anatomy_tf.skeleton import Skeleton

_ANKLE_HEIGHT = ANKLE_SHARE / (1 + ANKLE_SHARE)
"""Of a standing foot, in shares of the stature."""
_MASSES = {
    **{"knee": 0.1, "ankle": 0.061, "elbow": 0.028, "wrist": 0.022},
    **{"spine": 0.2, "thorax": 0.23, "neck": 0.03, "head": 0.051},
}
"""Shares of the body's mass in the bones to these joints (a thigh in that to the knee), rounded
from the tables that biomechanics uses.
"""


class Body(NamedTuple):
    """Joints and weights of a skeleton; empty, where it does not name such joints.

    Args:
      feet: the joints that stand on the floor: ankles.
      legs: hip, knee and ankle of each foot.
      masses: `(J,)` that add up to 1: times the joints, they give the centre of mass.
    """

    feet: tuple[int, ...]
    legs: tuple[tuple[int, int, int], ...]
    masses: np.ndarray


@functools.lru_cache(maxsize=16)
def body_of(skeleton: Skeleton) -> Body:
    """The body of a skeleton."""
    masses = np.zeros(skeleton.num_joints)
    for near, far in skeleton.bones.tolist():
        share = _MASSES.get(skeleton.plain_names[far], 0.0)
        masses[[near, far]] += share / 2
    if not masses.any():
        masses[:] = 1.0
    masses /= masses.sum()
    masses.flags.writeable = False
    legs = []
    for joint in range(skeleton.num_joints):
        knee = skeleton.parents[joint]
        hip = skeleton.parents[knee] if knee >= 0 else -1
        chain = (hip, knee, joint)
        if hip >= 0 and [skeleton.plain_names[j] for j in chain] == ["hip", "knee", "ankle"]:
            legs.append(chain)
    return Body(tuple(leg[-1] for leg in legs), tuple(legs), masses)


def ankle_height(joints: npt.NDArray[np.float64], skeleton: Skeleton) -> float:
    """Metres of a standing ankle above the floor, by the mean stature of `joints (T, J, 3)`; 0 of a
    skeleton whose bones do not tell it.
    """
    try:
        weights = stature_weights(skeleton)
    except InputError:
        return 0.0
    near, far = skeleton.bones.T
    lengths = np.linalg.norm(joints[:, far] - joints[:, near], axis=-1)
    return _ANKLE_HEIGHT * float(lengths.mean(axis=0) @ weights)
