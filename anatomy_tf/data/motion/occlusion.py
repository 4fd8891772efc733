"""Which joints of a person are hidden behind other parts of the same body."""

from __future__ import annotations

import numpy as np

from anatomy_tf.skeleton import H36M_17

_LIMBS = (
    *(("shoulder", "elbow", 0.048), ("elbow", "wrist", 0.043)),
    *(("hip", "knee", 0.080), ("knee", "ankle", 0.055)),
)
_TORSO = (
    *(("pelvis", "spine", 0.105), ("spine", "thorax", 0.105)),
    *(("l_shoulder", "r_shoulder", 0.055), ("l_hip", "r_hip", 0.085)),
    *(("l_shoulder", "l_hip", 0.045), ("r_shoulder", "r_hip", 0.045)),
)
_PARTS = (
    *_TORSO,
    *(("thorax", "neck", 0.065), ("neck", "head", 0.075)),
    *((f"{side}_{a}", f"{side}_{b}", radius) for side in "lr" for a, b, radius in _LIMBS),
)
"""Capsules: from joint to joint, and the radius in metres. Chosen so that what they hide agrees
best with the scores of the shipped CMU detections; see `docs/own_mocap.md`.
"""
_INSIDE = ("pelvis", "spine", "thorax")
"""Joints within the torso, which does not hide them."""
_OUTSIDE = (
    ("neck", "spine", "thorax"),
    ("neck", "l_shoulder", "r_shoulder"),
    ("thorax", "neck", "head"),
)
"""(joint, from, to): parts that touch a joint and do not hide it."""
_FLESH = 0.05
"""Metres before a joint within which nothing hides it."""
_CHUNK = 1024

_JOINTS = {name: joint for joint, name in enumerate(H36M_17.joint_names)}
_STARTS = [_JOINTS[start] for start, _, _ in _PARTS]
_ENDS = [_JOINTS[end] for _, end, _ in _PARTS]
_RADII = np.array([radius for _, _, radius in _PARTS], np.float32)
_HIDES = np.array(
    [
        [
            joint not in part[:2]
            and not (joint in _INSIDE and part in _TORSO)
            and (joint, *part[:2]) not in _OUTSIDE
            for part in _PARTS
        ]
        for joint in _JOINTS
    ]
)
"""`(17, P)`: which part can hide which joint."""


def hidden_joints(points: np.ndarray) -> np.ndarray:
    """Joints whose line of sight crosses a capsule of another body part.

    Args:
      points: `(T, 17, 3)` metres in camera space, in front of the camera.

    Returns:
      `(T, 17)` bool.
    """
    points = points.astype(np.float32)
    chunks = (points[start : start + _CHUNK] for start in range(0, len(points), _CHUNK))
    return np.concatenate([_hidden(chunk) for chunk in chunks])


def _hidden(points: np.ndarray) -> np.ndarray:
    """Distance of two segments, for all pairs of a line of sight and an axis: only products of
    vectors.
    """
    start = points[:, _STARTS]
    axis = points[:, _ENDS] - start
    sight2 = np.sum(points**2, axis=-1)[:, :, np.newaxis]
    axis2, start2, axis_start = (
        np.sum(a * b, axis=-1)[:, np.newaxis]
        for a, b in ((axis, axis), (start, start), (axis, start))
    )
    axis2 = np.maximum(axis2, 1e-9)
    sight_axis = points @ axis.swapaxes(1, 2)
    sight_start = points @ start.swapaxes(1, 2)

    # Along the line of sight from 0, the camera, to 1, the joint; along the axis likewise.
    furthest = 1 - _FLESH / np.sqrt(sight2)
    parallel = np.maximum(sight2 * axis2 - sight_axis**2, 1e-9)
    on_sight = np.clip((sight_start * axis2 - sight_axis * axis_start) / parallel, 0, furthest)
    on_axis = np.clip((sight_axis * on_sight - axis_start) / axis2, 0, 1)
    on_sight = np.clip((sight_axis * on_axis + sight_start) / sight2, 0, furthest)
    distance2 = (
        *(on_sight**2 * sight2, on_axis**2 * axis2, start2),
        *(-2 * on_sight * sight_start, 2 * on_axis * axis_start),
        -2 * on_sight * on_axis * sight_axis,
    )
    return ((sum(distance2) < _RADII**2) & _HIDES).any(axis=-1)
