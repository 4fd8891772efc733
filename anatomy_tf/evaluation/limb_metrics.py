"""Errors that do not depend on bone lengths and on where a skeleton has its hips: directions of
limbs and trunk, and flexion of knees and elbows. All in degrees, of `(T, J, 3)` frames of one clip.
"""

from __future__ import annotations

import numpy as np

from anatomy_tf.geometry.bone_vectors import unit_vectors
from anatomy_tf.geometry.flexion import bend, joint_indices
from anatomy_tf.skeleton import Skeleton

_LIMBS = (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist"))
_TRUNK = ("pelvis", "thorax")


def limb_errors(predicted: np.ndarray, target: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """`(T,)` mean angle between predicted and true directions of the limbs and the trunk, after the
    one rotation of the whole clip that makes them fit best.

    Raises:
      InputError: the skeleton lacks one of the joints.
    """
    sides = [(f"{side}_{a}", f"{side}_{b}") for side in "lr" for a, b in _LIMBS]
    near, far = np.array([joint_indices(skeleton, pair) for pair in (*sides, _TRUNK)]).T
    directions = [unit_vectors(joints[:, far] - joints[:, near]) for joints in (predicted, target)]
    covariance = np.einsum("tki,tkj->ij", *directions)
    u, _, vt = np.linalg.svd(covariance)
    rotation = u @ np.diag([1, 1, np.sign(np.linalg.det(u @ vt))]) @ vt
    cosines = np.einsum("tki,tki->tk", directions[0] @ rotation, directions[1])
    return np.degrees(np.arccos(np.clip(cosines, -1, 1))).mean(axis=1)


def flexion_errors(
    predicted: np.ndarray, target: np.ndarray, joint: str, skeleton: Skeleton
) -> np.ndarray:
    """`(T,)` mean error of the angle at both sides' `joint`, `knee` or `elbow`; raises as
    `limb_errors`.
    """
    off = [
        np.abs(bend(predicted, side, joint, skeleton) - bend(target, side, joint, skeleton))
        for side in "lr"
    ]
    return np.mean(off, axis=0)
