"""Angles as CSV, a line for every pose, for spreadsheets and pandas: how far joints are bent; and
in a level world how the person leans, how fast the root goes, and which feet stand.
"""

from __future__ import annotations

import csv
import pathlib

from anatomy_tf.errors import InputError
from anatomy_tf.poses.angles import angles_of_poses, root_speed
from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.world.body import body_of


def write(poses: PoseData, path: pathlib.Path) -> None:
    """Writes person, frame, seconds, and the degrees of `geometry.flexion` and `world.posture` to a
    tenth; raises an InputError where the skeleton has no joint that bends.
    """
    angles = angles_of_poses(poses)
    if not angles:
        raise InputError("angles: the skeleton has no knees, elbows, hips or shoulders")
    columns = {name: [f"{value:.1f}" for value in values] for name, values in angles.items()}
    if poses.world is not None:
        columns["root_speed"] = [f"{value:.3f}" for value in root_speed(poses)]
        names = [poses.skeleton.joint_names[foot] for foot in body_of(poses.skeleton).feet]
        for name, stands in zip(names, poses.world.stands.T, strict=True):
            columns[f"{name}_stands"] = [str(int(value)) for value in stands]
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["person", "frame", "time", *columns])
        for person, frame, *values in zip(
            poses.person.tolist(), poses.frame.tolist(), *columns.values(), strict=True
        ):
            lines.writerow([person, frame, f"{frame / poses.fps:.6f}", *values])
