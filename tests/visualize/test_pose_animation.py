"""A GIF in the clip's own time, which repeats without a jump."""

import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.visualize.pose_animation import animate_poses


@pytest.fixture
def poses(cmu_test_clips):
    clip = cmu_test_clips[0]
    joints = clip.camera_joints()[:16]
    return clip.keypoints[:16], joints - joints[:, :1], clip.skeleton


def test_every_fourth_frame_of_a_fast_clip_is_drawn(poses, tmp_path):
    from PIL import Image

    path = tmp_path / "clip.gif"
    animate_poses(*poses, fps=50, path=path)
    with Image.open(path) as picture:
        assert (picture.n_frames, picture.info["duration"], picture.info["loop"]) == (4, 80, 0)
        frames = []
        for number in range(4):
            picture.seek(number)
            frames.append(np.asarray(picture.convert("RGB"), np.int16))
    left, right = (209, 73, 91), (0, 121, 140)
    for colour in (left, right):
        near = np.abs(frames[0] - colour).max(axis=-1) < 30
        assert near[:, :280].any() and near[:, 280:].any()  # in both panels
    assert np.abs(frames[0] - frames[1]).max() > 50


def test_what_cannot_be_drawn_is_refused(poses, tmp_path):
    keypoints, joints, skeleton = poses
    with pytest.raises(InputError, match=r"clip.png: moving pictures are .gif"):
        animate_poses(*poses, fps=50, path=tmp_path / "clip.png")
    path = tmp_path / "clip.gif"
    with pytest.raises(InputError, match=r"keypoints has shape \(16, 5, 2\), expected \(16, 17, 2"):
        animate_poses(keypoints[:, :5], joints, skeleton, 50, path)
    with pytest.raises(InputError, match="there are no frames"):
        animate_poses(keypoints[:0], joints[:0], skeleton, 50, path)
    keypoints = keypoints.copy()
    keypoints[3] = np.nan
    with pytest.raises(InputError, match="keypoints"):
        animate_poses(keypoints, joints, skeleton, 50, path)
    assert not path.exists()
