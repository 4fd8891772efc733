"""A person as animation programs have it: a tree of joints that turn, and bones that keep their
lengths.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from anatomy_tf.geometry.rest_pose import Floats, joints_at, rest_and_turns
from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.poses.writers.y_up import above_floor, held, y_up_directions
from anatomy_tf.skeleton import Skeleton


class RigidBody(NamedTuple):
    """One person in `T` frames, y up.

    Args:
      root: `(T, 3)` metres: where it is in the level world; without one, it stays in place, so high
        that the lowest joint just reaches the floor.
      offsets: `(J, 3)` metres from a joint's parent to the joint, at rest; 0 for the root.
      turns: `(T, J, 3, 3)` rotations of the joints, relative to their parents.
    """

    root: Floats
    offsets: Floats
    turns: Floats


def rigid_body(poses: PoseData) -> RigidBody:
    """The person in every frame of the video. Lengths are the means over the poses; in frames
    without a pose, the one before is held.
    """
    skeleton = poses.skeleton
    lengths = poses.lengths.mean(axis=0, dtype=np.float64)
    rest, turns = rest_and_turns(y_up_directions(poses), skeleton)
    offsets = np.zeros((skeleton.num_joints, 3))
    offsets[skeleton.bones[:, 1]] = rest * lengths[:, np.newaxis]
    near, far = skeleton.bones.T
    local = turns.copy()
    local[:, far] = np.swapaxes(turns[:, near], 2, 3) @ turns[:, far]
    if poses.world is None:
        height = -joints_at(rest, turns, lengths, skeleton)[..., 1].min()
        root = np.tile([0.0, height, 0.0], (len(poses), 1))
    else:
        root = above_floor(poses)[:, skeleton.root]
    return RigidBody(root[held(poses)], offsets, local[held(poses)])


def children(skeleton: Skeleton, joint: int) -> list[int]:
    """The joints that hang on a joint."""
    return [far for near, far in skeleton.bones.tolist() if near == joint]
