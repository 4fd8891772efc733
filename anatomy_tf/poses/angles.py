"""Angles and speeds of poses, in a level world where that is known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.world.moving_average import moving_average, odd_frames
from anatomy_tf.world.posture import angles_of

Floats = npt.NDArray[np.floating]
_SPEED_SECONDS = 0.2


def angles_of_poses(poses: PoseData) -> dict[str, Floats]:
    """`(N,)` degrees by name: of `geometry.flexion`, and of `world.posture` where up is known."""
    placed = None if poses.world is None else poses.world.joints.astype(np.float64)
    return angles_of(poses.joints.astype(np.float64), placed, poses.skeleton)


def root_speed(poses: PoseData) -> Floats:
    """`(N,)` m/s of the root along the floor, over 0.2 s; of poses in a world."""
    assert poses.world is not None
    speed = np.zeros(len(poses))
    frames = odd_frames(_SPEED_SECONDS, poses.fps)
    for rows in poses.unbroken():
        root = poses.world.joints[rows, poses.skeleton.root].astype(np.float64)[:, [0, 2]]
        if len(root) > 1:
            moved = np.gradient(moving_average(root, frames), axis=0)
            speed[rows] = np.linalg.norm(moved, axis=-1) * poses.fps
    return speed
