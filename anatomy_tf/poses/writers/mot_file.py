"""Poses as coordinates of an OpenSim model (`.mot`): one person; angles in degrees, the pelvis'
place in metres, y up.

The model is that of Rajagopal et al. (2016), whose names and signs `opensim_angles` lists. It is as
long as the video; in frames without a pose, the one before is held, as OpenSim takes no blanks.
The pelvis goes through the level world; without one, it stays in place, so high that the lowest
joint just reaches the floor.
"""

from __future__ import annotations

import pathlib

import numpy as np

from anatomy_tf.errors import InputError
from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.poses.writers.opensim_angles import JOINTS, opensim_angles
from anatomy_tf.poses.writers.y_up import above_floor, held

_IN_METRES = ("pelvis_tx", "pelvis_ty", "pelvis_tz")


def write(poses: PoseData, path: pathlib.Path) -> None:
    """Writes the coordinates of a person; raises an InputError where the skeleton lacks joints that
    they are made of.
    """
    names = poses.skeleton.joint_names
    missing = [name for name in JOINTS if name not in names]
    if missing:
        raise InputError(f".mot takes a skeleton with other joints too: {', '.join(missing)}")
    points = above_floor(poses)
    joints = {name: points[:, names.index(name)] for name in JOINTS}
    found = opensim_angles(joints, poses.frame.astype(np.float64))
    shown = held(poses)
    columns = {"time": np.arange(poses.num_frames) / poses.fps}
    for name, values in found.items():
        columns[name] = (values if name in _IN_METRES else np.degrees(values))[shown]
    head = f"version=1\nnRows={poses.num_frames}\nnColumns={len(columns)}\ninDegrees=yes"
    with path.open("w", encoding="ascii") as file:
        file.write(f"Coordinates\n{head}\nendheader\n" + "\t".join(columns) + "\n")
        np.savetxt(file, np.stack(list(columns.values()), axis=1), fmt="%.6f", delimiter="\t")
