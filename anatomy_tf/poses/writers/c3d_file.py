"""Poses as points (`.c3d`), for programs of gait analysis: one person, millimetres, y up."""

from __future__ import annotations

import pathlib

import numpy as np

from anatomy_tf.installation import check_installed
from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.poses.writers.y_up import points_by_frame

_MILLIMETRES = 1000.0


def check_ezc3d() -> None:
    """Raises an InputError where ezc3d, which comes with an extra, is not installed."""
    check_installed("ezc3d", "c3d", ".c3d files take ezc3d")


def write(poses: PoseData, path: pathlib.Path) -> None:
    """Writes the joints of a person, as missing where a frame of the video has no pose."""
    import ezc3d

    points = _MILLIMETRES * points_by_frame(poses).transpose(2, 1, 0)
    file = ezc3d.c3d()
    about = file["parameters"]["POINT"]
    about["RATE"]["value"] = [poses.fps]
    about["UNITS"]["value"] = ["mm"]
    about["LABELS"]["value"] = list(poses.skeleton.joint_names)
    file["data"]["points"] = np.concatenate([points, np.ones_like(points[:1])])
    residuals = np.where(np.isnan(points[:1]), -1.0, 0.0)
    file["data"]["meta_points"]["residuals"] = residuals
    file.write(str(path))
