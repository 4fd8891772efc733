"""How far joints are bent, as CSV: a line for every pose, for spreadsheets and pandas."""

from __future__ import annotations

import csv
import pathlib

import numpy as np

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.flexion import flexions
from anatomy_tf.poses.pose_data import PoseData


def write(poses: PoseData, path: pathlib.Path) -> None:
    """Writes person, frame, seconds, and the degrees of `geometry.flexion` to a tenth; raises an
    InputError where the skeleton has no joint that bends.
    """
    angles = flexions(poses.joints.astype(np.float64), poses.skeleton)
    if not angles:
        raise InputError("angles: the skeleton has no knees, elbows, hips or shoulders")
    columns = [values.tolist() for values in angles.values()]
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["person", "frame", "time", *angles])
        for person, frame, *degrees in zip(
            poses.person.tolist(), poses.frame.tolist(), *columns, strict=True
        ):
            time = f"{frame / poses.fps:.6f}"
            lines.writerow([person, frame, time, *(f"{value:.1f}" for value in degrees)])
