"""How long the bones of a captured person are, in whatever unit."""

from __future__ import annotations

import numpy as np

from anatomy_tf.skeleton import H36M_17

_TRUNK = ("spine", "thorax", "neck", "head")
_LEG = ("knee", "ankle")


def bone_lengths(joints: np.ndarray) -> dict[str, float]:
    """`(T, 17, 3)` of `H36M_17` -> the median length of the bone to each joint, by its name."""
    near, far = H36M_17.bones.T
    with np.errstate(over="ignore"):
        lengths = np.median(np.linalg.norm(joints[:, far] - joints[:, near], axis=-1), axis=0)
    return {H36M_17.joint_names[joint]: float(x) for joint, x in zip(far, lengths, strict=True)}


def leg_length(lengths: dict[str, float]) -> float:
    """From the hip to the ankle, the mean of both legs."""
    return sum(lengths[f"{side}_{joint}"] for side in "lr" for joint in _LEG) / 2


def body_length(lengths: dict[str, float]) -> float:
    """From the ankles to the top of the head along the bones, so that the pose does not matter."""
    return leg_length(lengths) + sum(lengths[joint] for joint in _TRUNK)
