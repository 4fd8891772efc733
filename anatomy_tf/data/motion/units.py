"""How long a file's unit is, told by the person in it."""

from __future__ import annotations

import numpy as np

from anatomy_tf.data.motion.bone_sizes import body_length, bone_lengths, leg_length
from anatomy_tf.data.motion.joint_motion import Motion
from anatomy_tf.errors import InputError

UNITS = {"metre": 1.0, "CMU's 1/0.45 inch": 0.0254 / 0.45, "inch": 0.0254, "cm": 0.01, "mm": 0.001}
"""Units of motion files, in metres. Their statures are so far apart that a person fits at most one.
"""
_STATURES = (1.0, 2.3)
"""Metres from the ankles to the top of the head, of anybody who may be captured."""
_ADULTS = (1.25, 1.9)
"""The same of nearly all adults."""
_SHORTEST = 0.01
"""Share of the longest bone; shorter ones are none."""
_PROPORTIONS = {
    "the thighs are {:.2g} times as long as the shins": (0.6, 1.6),
    "the legs are {:.2g} of the way from the ankles to the top of the head": (0.35, 0.7),
    "the upper arms are {:.2g} times as long as the forearms": (0.4, 2.8),
    "the arms are {:.2g} times as long as the legs": (0.3, 1.1),
    "a limb is {:.2g} times as long as that of the other side": (1, 1.5),
}
"""What people have, with much room for where a rig has its joints."""
_LIMBS = ("knee", "ankle", "elbow", "wrist")


def find_metres_per_unit(
    motion: Motion, joints: np.ndarray, given: float | None = None
) -> tuple[float, str]:
    """The unit of a motion, and a note on where it comes from.

    What is given counts, then what the file says, unless nobody is of that size.

    Args:
      joints: `(T, 17, 3)` of `H36M_17`, in the unit of `motion`.
      given: metres per unit, by the user.

    Raises:
      InputError: a bone has no length, proportions are those of no person, or in no unit, or not in
        the given one, is this a person.
    """
    lengths = bone_lengths(joints)
    _check_proportions(motion, lengths)
    size = body_length(lengths)
    if given and not _is_person(size * given):
        raise InputError(
            f"{motion.name}: with --unit={given:g} the person is {size * given:.3g} m tall"
        )
    if given:
        return given, "as given" + _odd_size(lengths, given)
    if motion.metres_per_unit and _is_person(size * motion.metres_per_unit):
        metres = motion.metres_per_unit
        return metres, "as the file says" + _odd_size(lengths, metres)
    for name, metres in UNITS.items():
        if _is_person(size * metres):
            return metres, f"guessed from the body: {name}" + _odd_size(lengths, metres)
    raise InputError(
        f"{motion.name}: a person of {size:g} units is none in metres, inches, cm or mm; "
        "give --unit"
    )


def _is_person(metres: float) -> bool:
    return _STATURES[0] <= metres <= _STATURES[1]


def _odd_size(lengths: dict[str, float], metres: float) -> str:
    size = body_length(lengths) * metres
    if _ADULTS[0] <= size <= _ADULTS[1]:
        return ""
    thigh, shin = (50 * metres * _both(lengths, joint) for joint in ("knee", "ankle"))
    who = "a child" if size < _ADULTS[0] else "a giant"
    return (
        f", which makes {who} of {size:.2f} m from the ankles to the top of the head, with thighs "
        f"of {thigh:.0f} and shins of {shin:.0f} cm: if that is wrong, give --unit"
    )


def _both(lengths: dict[str, float], joint: str) -> float:
    return lengths[f"l_{joint}"] + lengths[f"r_{joint}"]


def _check_proportions(motion: Motion, lengths: dict[str, float]) -> None:
    for joint, length in lengths.items():
        if not length > _SHORTEST * max(lengths.values()):
            raise InputError(f"{motion.name}: the bone to {joint} has no length; check the mapping")
    leg = leg_length(lengths)
    limbs = ((lengths[f"l_{joint}"], lengths[f"r_{joint}"]) for joint in _LIMBS)
    with np.errstate(all="ignore"):
        found = (
            _both(lengths, "knee") / _both(lengths, "ankle"),
            leg / body_length(lengths),
            _both(lengths, "elbow") / _both(lengths, "wrist"),
            (_both(lengths, "elbow") + _both(lengths, "wrist")) / (2 * leg),
            max(max(pair) / min(pair) for pair in limbs),
        )
    for (words, (least, most)), value in zip(_PROPORTIONS.items(), found, strict=True):
        if not least <= value <= most:
            raise InputError(
                f"{motion.name}: no person is built so: {words.format(value)}; check the mapping"
            )
