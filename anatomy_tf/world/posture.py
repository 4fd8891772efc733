"""How a person leans in a level world: angles against upright and level, in degrees.

`trunk_lean` is the angle between the way from pelvis to thorax and upright; `trunk_forward` and
`trunk_right` are its parts ahead and to the person's right. `pelvis_tilt` and `shoulder_tilt` say
by how much the right hip or shoulder is higher than the left one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anatomy_tf.geometry.bone_vectors import unit_vectors
from anatomy_tf.geometry.flexion import flexions
from anatomy_tf.skeleton import Skeleton

Floats = npt.NDArray[np.floating]
_UP = np.array([0.0, 1.0, 0.0])


def posture(joints: Floats, skeleton: Skeleton) -> dict[str, Floats]:
    """`(T,)` degrees by name, of `(T, J, 3)` joints, y up; those that the skeleton tells."""
    at = {name: joints[:, number] for number, name in enumerate(skeleton.joint_names)}
    found: dict[str, Floats] = {}
    hips = {"l_hip", "r_hip"} <= set(at)
    if hips and {"pelvis", "thorax"} <= set(at):
        trunk = unit_vectors(at["thorax"] - at["pelvis"])
        right = at["r_hip"] - at["l_hip"]
        right = unit_vectors(right - right[:, 1:2] * _UP)
        ahead = np.cross(_UP, right)
        upward = trunk[:, 1]
        found["trunk_lean"] = np.degrees(np.arccos(np.clip(upward, -1, 1)))
        for name, axis in (("trunk_forward", ahead), ("trunk_right", right)):
            found[name] = np.degrees(np.arctan2((trunk * axis).sum(axis=-1), upward))
    for name, joint in (("pelvis_tilt", "hip"), ("shoulder_tilt", "shoulder")):
        if {f"l_{joint}", f"r_{joint}"} <= set(at):
            line = unit_vectors(at[f"r_{joint}"] - at[f"l_{joint}"])
            found[name] = np.degrees(np.arcsin(np.clip(line[:, 1], -1, 1)))
    return found


def angles_of(joints: Floats, placed: Floats | None, skeleton: Skeleton) -> dict[str, Floats]:
    """`(T,)` degrees by name: how far joints are bent, which the lifted joints tell best, as
    planting feet moves knees; and the posture of those that are `placed` in a level world.
    """
    return flexions(joints, skeleton) | ({} if placed is None else posture(placed, skeleton))
