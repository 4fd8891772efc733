"""Poses as points (`.c3d`), for programs of gait analysis: one person, millimetres, y up."""

from __future__ import annotations

import errno
import os
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
    if not _is_whole(path, points.shape[1] * points.shape[2]):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _is_whole(path: pathlib.Path, points: int) -> bool:
    """Whether ezc3d wrote all; on a full disk it stops without a word.

    The ninth word of a C3D file is the block of 512 bytes, counted from 1, where the points begin,
    each of four numbers of 32 bits. ezc3d writes it last, in the place of 1, if all went well.
    """
    with path.open("rb") as file:
        words = np.frombuffer(file.read(18), "<u2")
    if len(words) < 9 or words[8] <= 1:
        return False
    return path.stat().st_size >= (int(words[8]) - 1) * 512 + 16 * points
