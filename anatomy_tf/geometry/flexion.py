"""How far joints are bent: angles that do not depend on where the camera is.

Knees and elbows: 0 is straight. Hips and shoulders: the angle between the limb and the trunk
downwards, 0 for a leg in line with the trunk and an arm that hangs beside it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bone_vectors import unit_vectors
from anatomy_tf.skeleton import Skeleton

Floats = npt.NDArray[np.floating]

_BENDS = {
    "knee": ("hip", "knee", "ankle"),
    "elbow": ("shoulder", "elbow", "wrist"),
}
_LIMBS = {"hip": ("hip", "knee"), "shoulder": ("shoulder", "elbow")}
_TRUNK = ("thorax", "pelvis")


def joint_indices(skeleton: Skeleton, names: tuple[str, ...]) -> list[int]:
    """Where the joints are in the skeleton; raises an InputError where it lacks one."""
    for name in names:
        if name not in skeleton.joint_names:
            raise InputError(f"angles of limbs: the skeleton has no joint {name}")
    return [skeleton.joint_names.index(name) for name in names]


def bend(joints: Floats, side: str, joint: str, skeleton: Skeleton) -> Floats:
    """`(T,)` degrees by which a knee or an elbow is bent, 0 where it is straight.

    Args:
      joints: `(T, J, 3)`.
      side: `l` or `r`.

    Raises:
      InputError: the skeleton lacks one of the joints.
    """
    near, middle, far = joint_indices(skeleton, tuple(f"{side}_{n}" for n in _BENDS[joint]))
    return _between(joints[:, middle] - joints[:, near], joints[:, far] - joints[:, middle])


def flexions(joints: Floats, skeleton: Skeleton) -> dict[str, Floats]:
    """`(T,)` degrees of knees, elbows, hips and shoulders by name, `l_knee` and so on, of `(T, J,
    3)` joints; those that the skeleton tells.
    """
    known = set(skeleton.joint_names)
    angles: dict[str, Floats] = {}
    for side in "lr":
        for joint, names in _BENDS.items():
            if {f"{side}_{name}" for name in names} <= known:
                angles[f"{side}_{joint}"] = bend(joints, side, joint, skeleton)
        for joint, pair in _LIMBS.items():
            ends = (*(f"{side}_{name}" for name in pair), *_TRUNK)
            if set(ends) <= known:
                near, far, above, below = joint_indices(skeleton, ends)
                limb = joints[:, far] - joints[:, near]
                angles[f"{side}_{joint}"] = _between(limb, joints[:, below] - joints[:, above])
    return angles


def _between(first: Floats, second: Floats) -> Floats:
    cosines = (unit_vectors(first) * unit_vectors(second)).sum(axis=-1)
    return np.degrees(np.arccos(np.clip(cosines, -1, 1)))
