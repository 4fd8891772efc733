"""A motion file -> a person's joints in metres, at the rate of a training set."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np

from anatomy_tf.data.motion.frames import FPS, resample
from anatomy_tf.data.motion.joint_mapping import JointMapping, fitting_mapping
from anatomy_tf.data.motion.jumps import Jumps
from anatomy_tf.data.motion.motion_files import action_of, read_motion
from anatomy_tf.data.motion.units import find_metres_per_unit
from anatomy_tf.data.motion.vertical_axis import AUTO, choose_up, z_up
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17

_LONGEST_HOURS = 2
_WIDEST = 100
"""Metres that a capture volume may have."""


@dataclasses.dataclass(frozen=True)
class Reading:
    """How motion files are to be read.

    Args:
      up: their vertical axis, or `auto`: told by the body.
      metres_per_unit: their unit, or None: told by the file, or by the size of the person.
      mapping: where the joints are, or None: the ready-made mapping that fits.
      bvh_fps, amc_fps: frames per second of `.bvh` and `.amc` files, or None: as they say; 120 for
        `.amc` files, which do not.
      skeleton: the `.asf` file of `.amc` files, or None: found by name.
      keep_lead_in: a rest pose at the start stays.
    """

    up: str = AUTO
    metres_per_unit: float | None = None
    mapping: JointMapping | None = None
    bvh_fps: float | None = None
    amc_fps: float | None = None
    skeleton: pathlib.Path | str | None = None
    keep_lead_in: bool = False


@dataclasses.dataclass(frozen=True)
class Captured:
    """A person in motion.

    Args:
      name: of the file, without folder and ending.
      action: what the person does.
      segments: each `(T, 17, 3)` float32 metres of `H36M_17`, z up, at `FPS`; several where the
        motion was interrupted.
      notes: one line on how it was read.
    """

    name: str
    action: str
    segments: tuple[np.ndarray, ...]
    notes: str


def read_captured(path: pathlib.Path, folder: pathlib.Path | str, reading: Reading) -> Captured:
    """Reads `path`, which was found in `folder`.

    Raises:
      InputError: the file is unusable, no mapping fits, nobody is of that size, the body
        contradicts the vertical axis that was given, or joints jump all the time; names the file.
    """
    unit = reading.metres_per_unit
    motion = read_motion(path, unit, reading.bvh_fps, reading.amc_fps, reading.skeleton)
    _check_length(path, len(motion), motion.fps)
    mapping = (reading.mapping or fitting_mapping(motion)).fit(motion)
    joints = mapping.joints(motion)
    metres, unit_note = find_metres_per_unit(motion, joints, unit)
    up, up_note = choose_up(motion.name, joints, mapping.rest(motion), reading.up)
    joints = z_up(joints.astype(np.float64) * metres, up)
    jumps = Jumps(motion.name, joints, motion.fps)
    segments, jump_note = jumps.segments(reading.keep_lead_in)
    lead_in = 0 if reading.keep_lead_in else jumps.lead_in()
    for segment in segments:
        _check_way(path, joints[segment])
    resampled = tuple(resample(joints[s], motion.fps).astype(np.float32) for s in segments)
    action = action_of(path, folder)
    frames = sum(map(len, resampled))
    notes = [
        f"{len(motion)} frames at {motion.fps:.4g} fps",
        f"mapping {mapping.name}",
        f"{up} up ({up_note})",
        f"unit {metres:.4g} m ({unit_note})",
        f"action {action}",
        *motion.notes,
        _double_note(mapping.doubtful),
        f"without {lead_in} frames of a rest pose" if lead_in else "",
        jump_note,
        jumps.hurry(),
    ]
    return Captured(
        path.stem, action, resampled, f"{', '.join(filter(None, notes))}: {frames / FPS:.1f} s"
    )


def _double_note(names: tuple[str, ...]) -> str:
    joined = ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")
    return f"several joints are called {joined}: the first was taken" if names else ""


def _check_length(path: pathlib.Path, frames: int, fps: float) -> None:
    if frames < 2:
        raise InputError(f"{path}: one frame is no motion")
    hours = frames / fps / 3600
    if hours > _LONGEST_HOURS:
        raise InputError(f"{path}: {hours:.1f} hours are too long; cut the file into takes")


def _check_way(path: pathlib.Path, joints: np.ndarray) -> None:
    way = np.ptp(joints[:, H36M_17.root], axis=0).max()
    if way > _WIDEST:
        raise InputError(f"{path}: the person gets {way:.3g} m about, which no camera follows")
