"""What Human3.6M consists of: subjects, their takes of 15 actions, and 17 of its 32 joints."""

from __future__ import annotations

import dataclasses
import re

import numpy as np

from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17

FPS = 50
TRAIN_SUBJECTS = ("S1", "S5", "S6", "S7", "S8")
TEST_SUBJECTS = ("S9", "S11")
SUBJECTS = TRAIN_SUBJECTS + TEST_SUBJECTS
"""Those whose motion is published."""
ACTIONS = (
    *("Directions", "Discussion", "Eating", "Greeting", "Phoning", "Photo", "Posing", "Purchases"),
    *("Sitting", "SittingDown", "Smoking", "Waiting", "WalkDog", "Walking", "WalkTogether"),
)
JOINTS_OF_32 = (0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27)
"""Where the joints of `H36M_17` are among the 32, which repeat some of them and add fingers and
toes.
"""
MAX_METRES = 50
"""Farther from the room's middle than anybody could be: such numbers are not metres."""

_OTHER_NAMES = {"TakingPhoto": "Photo", "WalkingDog": "WalkDog"}
_CORRUPT = {("S11", "Directions")}
"""One of its videos is broken, and published results leave out the take."""


@dataclasses.dataclass(frozen=True)
class Take:
    """One performance of an action: `name` is the action and, in the other of two, a number.

    Args:
      joints: `(T, 17, 3)` float32 metres in world space, z up.
    """

    subject: str
    name: str
    joints: np.ndarray

    @property
    def action(self) -> str:
        return self.name.split(" ")[0]


def take_name(subject: str, name: str, where: object) -> str | None:
    """A take's name as papers have it, or None for one that they leave out.

    Args:
      name: as a file calls it, such as `TakingPhoto 1`.
      where: how messages call that file.

    Raises:
      InputError: no such action.
    """
    action, _, number = name.partition(" ")
    action = _OTHER_NAMES.get(action, action)
    if action == "_ALL" or (subject, name) in _CORRUPT:
        return None
    if action not in ACTIONS or not re.fullmatch(r"\d?", number):
        raise InputError(f"{where}: {subject}: {name!r:.50} is no take of Human3.6M")
    return f"{action} {number}".rstrip()


def standard_joints(joints: object, where: str) -> np.ndarray:
    """`(T, 17, 3)` float32 of joints in metres, `(T, 17, 3)` or `(T, 32, 3)`.

    Raises:
      InputError: another shape, no frames, or values that are not finite or not metres.
    """
    joints = numbers(joints, where, (None, None, 3))
    if joints.shape[1] == 32:
        joints = joints[:, JOINTS_OF_32]
    if joints.shape[1] != H36M_17.num_joints:
        raise InputError(f"{where}: {joints.shape[1]} joints, neither 17 nor 32")
    if np.abs(joints).max() > MAX_METRES:
        raise InputError(f"{where}: a joint is {np.abs(joints).max():.4g} m away; not in metres")
    return joints


def numbers(values: object, where: str, shape: tuple[int | None, ...]) -> np.ndarray:
    """`values` as float32, finite and of this shape; an axis of None has any length but 0.

    Raises:
      InputError: they are not.
    """
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "iuf":
        raise InputError(f"{where}: not an array of numbers")
    if len(values.shape) != len(shape) or any(
        length == 0 or expected not in (None, length)
        for expected, length in zip(shape, values.shape, strict=True)
    ):
        expected = str(shape).replace("None", "any")
        raise InputError(f"{where}: shape {values.shape}, expected {expected}")
    with np.errstate(over="ignore"):
        values = values.astype(np.float32)
    if not np.isfinite(values).all():
        frame = np.argwhere(~np.isfinite(values))[0][0]
        raise InputError(f"{where}: not finite in frame {frame}")
    return values
