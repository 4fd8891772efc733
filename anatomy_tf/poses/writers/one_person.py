"""What the formats of animation and gait programs share: one person, y up, as long as the video."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anatomy_tf.errors import InputError
from anatomy_tf.poses.pose_data import PoseData

Floats = npt.NDArray[np.float64]

TO_Y_UP = np.array([1.0, -1.0, -1.0])
"""From the camera's x right, y down, z forward."""


def check_one_person(poses: PoseData, ending: str) -> None:
    """Raises an InputError where the poses are of several people."""
    people = len(set(poses.person.tolist()))
    if people > 1:
        raise InputError(
            f"a {ending} file is of one person, and these poses are of {people}: choose one"
        )


def points_by_frame(poses: PoseData) -> Floats:
    """`(T, J, 3)` metres, y up, of every frame of the video: NaN where there is no pose. The root
    stays in place, so high that the lowest joint just reaches the floor.
    """
    joints = poses.joints * TO_Y_UP
    joints[..., 1] -= joints[..., 1].min()
    points = np.full((poses.num_frames, *joints.shape[1:]), np.nan)
    points[poses.frame] = joints
    return points
