"""HumanEva's archives, as shared for lifting, as small as they can be."""

import numpy as np

from anatomy_tf.data.sets.bodies import HUMANEVA_15
from anatomy_tf.data.sets.humaneva import humaneva_cameras
from anatomy_tf.geometry.camera import project
from anatomy_tf.skeleton import H36M_17

FRAMES = 24
TAKES = {
    "Train/S1": ("Walking 1 chunk0", "Walking 1 chunk2", "Gestures 1 chunk0"),
    "Train/S3": ("Jog 1 chunk0",),
    "Validate/S2": ("Box 1 chunk0", "ThrowCatch 1 chunk1"),
}
CAMERAS = humaneva_cameras()
GT_METADATA = {
    "layout_name": "humaneva15",
    "num_joints": 15,
    "keypoints_symmetry": [[2, 3, 4, 8, 9, 10], [5, 6, 7, 11, 12, 13]],
}
POSES, KEYPOINTS = "data_3d_humaneva15.npz", "data_2d_humaneva15_gt.npz"


def centred(joints):
    """`(T, 17, 3)` of Human3.6M's joints -> `(T, 15, 3)` metres in the middle of the laboratory, z
    up.
    """
    joints = joints[:, [H36M_17.joint_names.index(name) for name in HUMANEVA_15.joint_names]]
    return joints - joints[:1, :1] * np.float32([1, 1, 0])


def pixels(joints, subject, camera):
    lens = CAMERAS[subject[-2:]][camera]
    points = lens.world_to_camera(joints.astype(np.float64))
    return np.stack(project(points, lens.intrinsics), axis=-1).astype(np.float32)


def archives(motion):
    """Every take is the same motion, a decimetre further on."""
    poses, keypoints, shift = {}, {}, 0.0
    for subject, takes in TAKES.items():
        poses[subject], keypoints[subject] = {}, {}
        for take in takes:
            shift += 0.1
            poses[subject][take] = motion + np.float32([shift, 0, 0])
            keypoints[subject][take] = [
                pixels(poses[subject][take], subject, camera) for camera in range(3)
            ]
    return poses, keypoints


def write(folder, poses, keypoints, metadata=GT_METADATA, name="gt"):
    np.savez_compressed(folder / POSES, positions_3d=poses)
    path = folder / f"data_2d_humaneva15_{name}.npz"
    np.savez_compressed(path, positions_2d=keypoints, metadata=metadata)
    return folder
