"""Steps as CSV, a line for every foot that comes down in walking, for spreadsheets and pandas."""

from __future__ import annotations

import csv
import math
import pathlib

from anatomy_tf.errors import InputError
from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.poses.walks import steps_by_person

COLUMNS = ("person", "frame", "time", "foot", "step_seconds", "step_length", "stride_length")
"""Seconds and metres; the stride of a foot's first step is left blank."""


def write(poses: PoseData, path: pathlib.Path) -> None:
    """Writes `COLUMNS`; raises an InputError where poses are in no level world."""
    if poses.world is None:
        raise InputError("steps: the poses are in no level world")
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(COLUMNS)
        for person, steps in steps_by_person(poses).items():
            for step in steps:
                stride = "" if math.isnan(step.stride) else f"{step.stride:.3f}"
                time, foot = step.frame / poses.fps, poses.skeleton.joint_names[step.foot]
                seconds, length = f"{step.seconds:.3f}", f"{step.length:.3f}"
                lines.writerow([person, step.frame, f"{time:.6f}", foot, seconds, length, stride])
