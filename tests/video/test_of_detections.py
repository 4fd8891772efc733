"""Detections and their video side by side."""

import numpy as np
import pytest

from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.plain import write_plain_npz
from anatomy_tf.data.keypoint_sets import COCO_17
from anatomy_tf.errors import InputError
from anatomy_tf.video.files import videos_in
from anatomy_tf.video.of_detections import read_detections_of_video
from tests.video.videos import HEIGHT, WIDTH, grey_pictures, write_video


def _written(path, frames, **video):
    detections = Detections(
        source="made up",
        joint_names=COCO_17,
        num_frames=frames,
        frame=np.arange(frames),
        track=np.zeros(frames, int),
        keypoints=np.random.default_rng(0).uniform(10, 50, (frames, 17, 2)).astype(np.float32),
        scores=np.ones((frames, 17), np.float32),
        **video,
    )
    write_plain_npz(path, detections)
    return path


def test_size_and_rate_are_the_videos(tmp_path):
    video = write_video(tmp_path / "walk.mp4", grey_pictures(12), fps=24)
    found = read_detections_of_video(_written(tmp_path / "found.npz", 10), video)
    assert found.resolution == (WIDTH, HEIGHT)
    assert found.fps == pytest.approx(24)
    assert found.num_frames == 12
    assert found.video.path == video
    np.testing.assert_allclose(found.video.times, np.arange(12) / 24, atol=1e-4)
    assert "the detections end 2 pictures earlier" in found.notes


def test_detections_of_another_video_are_refused(tmp_path):
    video = write_video(tmp_path / "walk.mp4", grey_pictures(12), fps=24)
    more = _written(tmp_path / "more.npz", 13)
    with pytest.raises(InputError, match=r"more\.npz: tells of 13 frames, and .*walk\.mp4 has 12"):
        read_detections_of_video(more, video)
    other = _written(tmp_path / "other.npz", 12, resolution=(1920, 1080))
    with pytest.raises(InputError, match="1920"):
        read_detections_of_video(other, video)


def test_videos_of_folders_and_by_name(tmp_path):
    for name in ("b.MP4", "a.mov", "notes.txt"):
        (tmp_path / name).touch()
    assert videos_in([tmp_path]) == [tmp_path / "a.mov", tmp_path / "b.MP4"]
    assert videos_in([tmp_path / "notes.txt"]) == [tmp_path / "notes.txt"]
    for paths, said in (
        ([tmp_path, tmp_path / "a.mov"], "given twice"),
        ([tmp_path / "none.mp4"], "file not found"),
    ):
        with pytest.raises(InputError, match=said):
            videos_in(paths)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="there is no video in it"):
        videos_in([tmp_path / "empty"])
