import numpy as np
import pytest

from anatomy_tf.data.clip import Clip
from anatomy_tf.world.track import Track

UP = np.array([0.0, 0.0, 1.0])  # of the CMU set's world


def track_of(clip: Clip, frames: int = 200) -> Track:
    """The true pose, and exactly where a camera without distortion sees it."""
    joints = clip.camera_joints()[:frames].astype(np.float64)
    root = joints[:, [clip.skeleton.root]]
    rays = joints[..., :2] / joints[..., 2:]
    return Track(clip.skeleton, clip.fps, joints - root, rays, np.ones(rays.shape[:2]))


def true_path(clip: Clip, frames: int = 200) -> np.ndarray:
    return clip.camera_joints()[:frames, clip.skeleton.root].astype(np.float64)


def true_up(clip: Clip) -> np.ndarray:
    camera = clip.known_camera()
    points = np.array([np.zeros(3), UP])
    ends = camera.world_to_camera(points)
    return ends[1] - ends[0]


@pytest.fixture(scope="session")
def walk(cmu_test_clips):
    """A clip of somebody who walks, and has room to."""
    walks = [clip for clip in cmu_test_clips if clip.action == "walking" and len(clip) > 200]
    return walks[0]


@pytest.fixture(scope="session")
def track(walk):
    return track_of(walk)
