import dataclasses

import numpy as np
import pytest

from anatomy_tf.data.detections.source_video import SourceVideo
from anatomy_tf.geometry.bone_vectors import bones_of_joints
from anatomy_tf.poses.result import Poses
from tests.video.videos import write_video

FRAMES, FPS = 12, 25


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


@pytest.fixture(scope="module")
def some(poses):
    """Poses in some frames of a video."""
    kept = np.r_[5:20, 30:40]
    by_pose = ("person", "frame", "joints", "directions", "lengths", "keypoints", "scores")
    return dataclasses.replace(
        poses, num_frames=50, **{name: getattr(poses, name)[kept] for name in by_pose}
    )


@pytest.fixture(scope="module")
def two(poses):
    """Poses of the people 3 and 7, in every other frame each."""
    order = np.r_[0:20:2, 1:20:2]
    by_pose = ("frame", "joints", "directions", "lengths", "keypoints", "scores")
    changes = {name: getattr(poses, name)[order] for name in by_pose}
    return dataclasses.replace(
        poses,
        num_frames=20,
        person=np.where(changes["frame"] % 2, 7, 3).astype(np.int32),
        **changes,
    )


@pytest.fixture(scope="module")
def few(poses):
    by_pose = ("person", "frame", "joints", "directions", "lengths", "keypoints", "scores")
    rows = {name: getattr(poses, name)[:FRAMES] for name in by_pose}
    return dataclasses.replace(poses, fps=FPS, num_frames=FRAMES, **rows)


@pytest.fixture(scope="module")
def film(few, tmp_path_factory):
    """A video that gets brighter, with the poses' resolution."""
    width, height = few.resolution
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    pictures = (np.full((height, width, 3), 100 + 10 * i, np.uint8) for i in range(FRAMES))
    return SourceVideo(write_video(path, pictures, fps=FPS), np.arange(FRAMES) / FPS)
