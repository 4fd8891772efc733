"""What the formats of animation and gait programs share: y up, the floor at 0, and as long as the
video, so that both run in step.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anatomy_tf.geometry.bone_vectors import bones_of_joints
from anatomy_tf.poses.pose_data import PoseData

Floats = npt.NDArray[np.float64]

TO_Y_UP = np.array([1.0, -1.0, -1.0])
"""From the camera's x right, y down, z forward."""
PEOPLE_APART = 1.4
"""Metres between people who are shown together where nothing tells where they are."""


def above_floor(poses: PoseData) -> Floats:
    """`(N, J, 3)` metres, y up, in the level world; without one, the root stays in place, so high
    that the lowest joint of all poses just reaches the floor.
    """
    if poses.world is not None:
        return poses.world.joints.astype(np.float64)
    joints = poses.joints * TO_Y_UP
    joints[..., 1] -= joints[..., 1].min()
    return joints


def y_up_directions(poses: PoseData) -> Floats:
    """`(N, K, 3)` unit vectors of the bones, of the same poses as `above_floor`."""
    if poses.world is None:
        return poses.directions * TO_Y_UP
    return bones_of_joints(poses.world.joints, poses.skeleton)[0].astype(np.float64)


def points_by_frame(poses: PoseData) -> Floats:
    """`(T, J, 3)` as `above_floor`, of every frame of the video: NaN where there is no pose."""
    joints = above_floor(poses)
    points = np.full((poses.num_frames, *joints.shape[1:]), np.nan)
    points[poses.frame] = joints
    return points


def held(poses: PoseData) -> npt.NDArray[np.intp]:
    """`(T,)` for every frame of the video, which pose of a person it shows: its own or the one
    before it, and up to the first, the first.
    """
    row = np.searchsorted(poses.frame, np.arange(poses.num_frames), side="right") - 1
    return np.maximum(row, 0)
