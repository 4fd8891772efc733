import dataclasses

import pytest
from matplotlib.image import imread

from anatomy_tf.errors import InputError
from anatomy_tf.poses.side_colours import LEFT, RIGHT
from anatomy_tf.visualize.data_picture import draw_clips
from tests.visualize.test_pose_picture import colours


def test_both_sides_are_drawn(cmu_test_clips, tmp_path):
    draw_clips(cmu_test_clips[:2], tmp_path / "clips.png")
    assert {LEFT, RIGHT} <= colours(tmp_path / "clips.png")
    assert [path.name for path in tmp_path.iterdir()] == ["clips.png"]


def test_a_row_of_joints_only_where_there_are_any(cmu_test_clips, tmp_path):
    clip = cmu_test_clips[0]
    heights = []
    for drawn in (clip, dataclasses.replace(clip, joints=None)):
        draw_clips([drawn], tmp_path / "clip.png")
        heights.append(imread(tmp_path / "clip.png").shape[0])
    assert heights[0] == pytest.approx(2 * heights[1], abs=1)


def test_missing_keypoints_are_marked(cmu_test_clips, tmp_path):
    clip = dataclasses.replace(cmu_test_clips[0], joints=None)
    visibility = clip.visibility.copy()
    visibility[:] = 0
    pictures = []
    for drawn in (clip, dataclasses.replace(clip, visibility=visibility)):
        draw_clips([drawn], tmp_path / "clip.png")
        pictures.append(imread(tmp_path / "clip.png"))
    assert (pictures[0] != pictures[1]).any()


def test_an_unknown_format_is_refused(cmu_test_clips, tmp_path):
    with pytest.raises(InputError, match="clips.doc: pictures are .png or .svg"):
        draw_clips(cmu_test_clips, tmp_path / "clips.doc")
