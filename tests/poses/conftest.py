import numpy as np
import pytest

from anatomy_tf.geometry.bone_vectors import bones_of_joints
from anatomy_tf.poses.result import Poses


@pytest.fixture(scope="module")
def poses(cmu_test_clips):
    clip = cmu_test_clips[0]
    joints = clip.camera_joints()
    joints -= joints[:, :1]
    directions, lengths = bones_of_joints(joints, clip.skeleton)
    count = len(joints)
    return Poses(
        skeleton=clip.skeleton,
        fps=clip.fps,
        num_frames=count,
        resolution=clip.resolution,
        person=np.zeros(count, np.int32),
        frame=np.arange(count, dtype=np.int32),
        joints=joints,
        directions=directions,
        lengths=np.broadcast_to(lengths.mean(axis=0), lengths.shape),
        keypoints=clip.keypoints,
        scores=clip.visibility,
    )
