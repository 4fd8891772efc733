"""Errors that do not depend on bone lengths and on where a skeleton has its hips: directions of
limbs and trunk, and flexion of knees and elbows. All in degrees, of `(T, J, 3)` frames of one clip.
"""

from __future__ import annotations

import numpy as np

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bone_vectors import unit_vectors
from anatomy_tf.skeleton import Skeleton

FLEXIONS = {"knee": ("hip", "knee", "ankle"), "elbow": ("shoulder", "elbow", "wrist")}
"""Joints that bend, and their neighbours, on either side."""
_LIMBS = (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist"))
_TRUNK = ("pelvis", "thorax")


def limb_errors(predicted: np.ndarray, target: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """`(T,)` mean angle between predicted and true directions of the limbs and the trunk, after the
    one rotation of the whole clip that makes them fit best.

    Raises:
      InputError: the skeleton lacks one of the joints.
    """
    sides = [(f"{side}_{a}", f"{side}_{b}") for side in "lr" for a, b in _LIMBS]
    near, far = np.array([_indices(skeleton, pair) for pair in (*sides, _TRUNK)]).T
    directions = [unit_vectors(joints[:, far] - joints[:, near]) for joints in (predicted, target)]
    covariance = np.einsum("tki,tkj->ij", *directions)
    u, _, vt = np.linalg.svd(covariance)
    rotation = u @ np.diag([1, 1, np.sign(np.linalg.det(u @ vt))]) @ vt
    cosines = np.einsum("tki,tki->tk", directions[0] @ rotation, directions[1])
    return np.degrees(np.arccos(np.clip(cosines, -1, 1))).mean(axis=1)


def flexion_errors(
    predicted: np.ndarray, target: np.ndarray, joint: str, skeleton: Skeleton
) -> np.ndarray:
    """`(T,)` mean error of the angle at the left and the right `joint`, of `FLEXIONS`; raises as
    `limb_errors`.
    """
    angles = [
        np.stack(
            [
                _angle(
                    joints[:, _indices(skeleton, [f"{side}_{name}" for name in FLEXIONS[joint]])]
                )
                for side in "lr"
            ]
        )
        for joints in (predicted, target)
    ]
    return np.abs(angles[0] - angles[1]).mean(axis=0)


def _angle(joints: np.ndarray) -> np.ndarray:
    """`(T, 3, 3)`: angle in degrees at the second of three joints."""
    upper, lower = (unit_vectors(joints[:, end] - joints[:, 1]) for end in (0, 2))
    return np.degrees(np.arccos(np.clip((upper * lower).sum(axis=-1), -1, 1)))


def _indices(skeleton: Skeleton, names) -> list[int]:
    for name in names:
        if name not in skeleton.joint_names:
            raise InputError(f"angles of limbs: the skeleton has no joint {name}")
    return [skeleton.joint_names.index(name) for name in names]
