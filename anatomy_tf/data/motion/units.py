"""How long a file's unit is, told by the person in it."""

from __future__ import annotations

import numpy as np

from anatomy_tf.data.motion.joint_motion import Motion
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17

UNITS = {"metre": 1.0, "CMU's 1/0.45 inch": 0.0254 / 0.45, "inch": 0.0254, "cm": 0.01, "mm": 0.001}
"""Units of motion files, in metres. Their statures are so far apart that a person fits at most one.
"""
_STATURES = (1.0, 2.3)
"""Metres from the ankles to the top of the head, of anybody who may be captured."""


def find_metres_per_unit(motion: Motion, joints: np.ndarray) -> tuple[float, str]:
    """The unit of a motion, and a note on where it comes from.

    What the file says counts, unless nobody is of that size.

    Args:
      joints: `(T, 17, 3)` of `H36M_17`, in the unit of `motion`.

    Raises:
      InputError: a bone has no length, or in no unit is this a person.
    """
    stature = _stature(motion, joints)
    if motion.metres_per_unit and _is_person(stature * motion.metres_per_unit):
        return motion.metres_per_unit, "as the file says"
    for name, metres in UNITS.items():
        if _is_person(stature * metres):
            return metres, f"guessed from the body: {name}"
    raise InputError(
        f"{motion.name}: a person of {stature:g} units is none in metres, inches, cm or mm; "
        "give --unit"
    )


def check_unit(motion: Motion, joints: np.ndarray, metres_per_unit: float) -> None:
    """Raises `InputError` if nobody in this unit, which was given, is of that size."""
    stature = _stature(motion, joints) * metres_per_unit
    if not _is_person(stature):
        raise InputError(
            f"{motion.name}: with --unit={metres_per_unit:g} the person is {stature:.3g} m tall"
        )


def _is_person(metres: float) -> bool:
    return _STATURES[0] <= metres <= _STATURES[1]


def _stature(motion: Motion, joints: np.ndarray) -> float:
    """From the ankles to the top of the head along the bones, so that the pose does not matter."""
    near, far = H36M_17.bones.T
    with np.errstate(over="ignore"):
        lengths = np.median(np.linalg.norm(joints[:, far] - joints[:, near], axis=-1), axis=0)
    by_joint = {
        H36M_17.joint_names[joint]: length for joint, length in zip(far, lengths, strict=True)
    }
    for joint, length in by_joint.items():
        if not length > 1e-4 * max(lengths):
            raise InputError(f"{motion.name}: the bone to {joint} has no length; check the mapping")
    legs = [by_joint[f"{side}_{joint}"] for side in "lr" for joint in ("knee", "ankle")]
    return float(sum(legs) / 2 + sum(by_joint[j] for j in ("spine", "thorax", "neck", "head")))
