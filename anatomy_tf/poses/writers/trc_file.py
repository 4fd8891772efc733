"""Poses as a table of points (`.trc`), for OpenSim: one person, metres, y up.

A row for every frame of the video; where there is no pose, its points are left blank.
"""

from __future__ import annotations

import csv
import pathlib

import numpy as np

from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.poses.writers.y_up import points_by_frame


def write(poses: PoseData, path: pathlib.Path) -> None:
    """Writes the joints of a person."""
    names = poses.skeleton.joint_names
    rate = f"{poses.fps:.6g}"
    head = {
        **{"DataRate": rate, "CameraRate": rate, "NumFrames": poses.num_frames},
        **{"NumMarkers": len(names), "Units": "m"},
        **{"OrigDataRate": rate, "OrigDataStartFrame": 1, "OrigNumFrames": poses.num_frames},
    }
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(["PathFileType", 4, "(X/Y/Z)", "poses.trc"])
        table.writerow(head)
        table.writerow(head.values())
        table.writerow(["Frame#", "Time", *(cell for name in names for cell in (name, "", ""))])
        axes = [f"{axis}{number}" for number in range(1, len(names) + 1) for axis in "XYZ"]
        table.writerow(["", "", *axes])
        table.writerow([])
        for frame, points in enumerate(points_by_frame(poses)):
            cells = ["" if np.isnan(value) else f"{value:.6f}" for value in points.ravel()]
            table.writerow([frame + 1, f"{frame / poses.fps:.6f}", *cells])
