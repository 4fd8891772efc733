"""A motion file -> a person's joints in metres, at the rate of a training set."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np

from anatomy_tf.data.motion.frames import FPS, lead_in, resample
from anatomy_tf.data.motion.joint_mapping import JointMapping, fitting_mapping
from anatomy_tf.data.motion.motion_files import action_of, read_motion
from anatomy_tf.data.motion.units import check_unit, find_metres_per_unit
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17

_LONGEST_HOURS = 2
_WIDEST = 100
"""Metres that a capture volume may have."""


@dataclasses.dataclass(frozen=True)
class Reading:
    """How motion files are to be read.

    Args:
      up: their vertical axis.
      metres_per_unit: their unit, or None: told by the file, or by the size of the person.
      mapping: where the joints are, or None: the ready-made mapping that fits.
      amc_fps: frames per second of `.amc` files.
      keep_lead_in: a rest pose at the start stays.
    """

    up: str = "y"
    metres_per_unit: float | None = None
    mapping: JointMapping | None = None
    amc_fps: float = 120.0
    keep_lead_in: bool = False


@dataclasses.dataclass(frozen=True)
class Captured:
    """A person in motion.

    Args:
      name: of the file, without folder and ending.
      action: what the person does.
      joints: `(T, 17, 3)` float32 metres of `H36M_17`, z up, at `FPS`.
      notes: one line on how it was read.
    """

    name: str
    action: str
    joints: np.ndarray
    notes: str


def read_captured(path: pathlib.Path, folder: pathlib.Path | str, reading: Reading) -> Captured:
    """Reads `path`, which was found in `folder`.

    Raises:
      InputError: the file is unusable, no mapping fits, or nobody is of that size; names the file.
    """
    motion = read_motion(path, reading.up, reading.metres_per_unit, reading.amc_fps)
    mapping = reading.mapping or fitting_mapping(motion)
    joints = mapping.joints(motion)
    if reading.metres_per_unit:
        check_unit(motion, joints, reading.metres_per_unit)
        metres, unit_note = reading.metres_per_unit, "as given"
    else:
        metres, unit_note = find_metres_per_unit(motion, joints)
    joints = joints.astype(np.float64) * metres
    first = 0 if reading.keep_lead_in else lead_in(joints, motion.fps)
    joints = joints[first:]
    _check_plausible(path, joints, motion.fps)
    resampled = resample(joints, motion.fps).astype(np.float32)
    action = action_of(path, folder)
    notes = (
        f"{len(motion)} frames at {motion.fps:.4g} fps, mapping {mapping.name}, "
        f"unit {metres:.4g} m ({unit_note}), action {action}"
    )
    if first:
        notes += f", without {first} frames of a rest pose"
    return Captured(path.stem, action, resampled, f"{notes}: {len(resampled) / FPS:.1f} s")


def _check_plausible(path: pathlib.Path, joints: np.ndarray, fps: float) -> None:
    """Raises `InputError` if this is nothing that a person did before cameras."""
    if len(joints) < 2:
        raise InputError(f"{path}: one frame is no motion")
    hours = len(joints) / fps / 3600
    if hours > _LONGEST_HOURS:
        raise InputError(f"{path}: {hours:.1f} hours are too long; cut the file into takes")
    way = np.ptp(joints[:, H36M_17.root], axis=0).max()
    if way > _WIDEST:
        raise InputError(f"{path}: the person gets {way:.3g} m about, which no camera follows")
