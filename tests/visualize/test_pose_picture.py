import dataclasses

import numpy as np
import pytest
from matplotlib.image import imread

from anatomy_tf.errors import InputError
from anatomy_tf.visualize.pose_picture import TRUTH, draw_clip


@pytest.fixture(scope="module")
def clip(cmu):
    return cmu.clips(["A10"])[0]


def colours(path) -> set[str]:
    pixels = (imread(path)[..., :3] * 255).round().astype(int).reshape(-1, 3)
    return {"#{:02x}{:02x}{:02x}".format(*colour) for colour in np.unique(pixels, axis=0)}


def test_a_picture_shows_prediction_and_truth(clip, tmp_path):
    joints = clip.camera_joints()
    joints = joints - joints[:, :1] + [0.2, 0, 0]
    draw_clip(clip, joints, [0, 50], tmp_path / "pose.png")
    assert TRUTH in colours(tmp_path / "pose.png")
    without = dataclasses.replace(clip, joints=None)
    draw_clip(without, joints, [0, 50], tmp_path / "without.png")
    assert TRUTH not in colours(tmp_path / "without.png")
    assert {path.name for path in tmp_path.iterdir()} == {"pose.png", "without.png"}


def test_a_frame_that_is_not_there(clip, tmp_path):
    with pytest.raises(InputError, match=f"no frame 999, there are {len(clip)}"):
        draw_clip(clip, clip.camera_joints(), [0, 999], tmp_path / "pose.png")


def test_an_unknown_format_is_refused(clip, tmp_path):
    with pytest.raises(InputError, match="pose.doc: pictures are .png or .svg"):
        draw_clip(clip, clip.camera_joints(), [0], tmp_path / "pose.doc")
