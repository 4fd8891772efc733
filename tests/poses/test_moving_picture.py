"""Poses as videos: as long as the video, in step with it, everybody in them."""

import dataclasses

import av
import numpy as np
import pytest
from PIL import Image

from anatomy_tf.data.detections.source_video import SourceVideo
from anatomy_tf.errors import InputError
from anatomy_tf.poses import formats
from anatomy_tf.poses.result import Poses
from tests.poses.conftest import FPS, FRAMES


def _pictures(path):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return float(stream.average_rate), [
            frame.to_ndarray(format="rgb24") for frame in container.decode(stream)
        ]


def test_an_mp4_has_a_picture_for_every_frame_in_step_with_the_video(few, film, tmp_path):
    shown = dataclasses.replace(few, video=film)
    assert shown.save(tmp_path / "walk.mp4") == [tmp_path / "walk.mp4"]
    rate, pictures = _pictures(tmp_path / "walk.mp4")
    assert (rate, len(pictures)) == (FPS, FRAMES)
    corner = [float(picture[4:12, 4:12].mean()) for picture in pictures]
    np.testing.assert_allclose(corner, [100 + 10 * i for i in range(FRAMES)], atol=4)
    # The person is drawn on the video, and the skeleton on the paper.
    columns = slice(0, round(720 * few.resolution[0] / few.resolution[1]))
    assert np.ptp(pictures[0][:, columns].reshape(-1, 3).astype(int), axis=1).max() > 60
    assert {tuple(c) for c in pictures[0][-8:-2, -8:-2].reshape(-1, 3) // 32} == {(7, 7, 7)}


def test_without_the_video_keypoints_are_on_a_plain_ground(few, tmp_path):
    few.save(tmp_path / "walk.mp4")
    _, pictures = _pictures(tmp_path / "walk.mp4")
    assert len(pictures) == FRAMES
    assert pictures[0][4:12, 4:12].mean() < 60


def test_a_gif_runs_in_the_videos_time(few, tmp_path):
    few.save(tmp_path / "walk.gif")
    with Image.open(tmp_path / "walk.gif") as moving:
        assert moving.n_frames == FRAMES / 2
        assert moving.info["duration"] == 80


def test_someone_who_is_not_there_is_not_drawn(few, tmp_path):
    second = dataclasses.replace(few, person=few.person + 1)
    parts = ("person", "frame", "joints", "directions", "lengths", "keypoints", "scores")
    both = {name: [getattr(few, name), getattr(second, name)[:1]] for name in parts}
    people = dataclasses.replace(few, **{n: np.concatenate(both[n]) for n in parts})
    assert isinstance(people, Poses)
    people.save(tmp_path / "two.mp4")
    _, pictures = _pictures(tmp_path / "two.mp4")
    width, height = few.resolution
    assert height >= width  # so that the skeletons are beside the video
    ink = [(p[:, round(720 * width / height) :].min(axis=-1) < 128).sum() for p in pictures]
    assert ink[0] > 1.5 * ink[1] > 0


def test_a_package_that_is_missing_is_told_before_the_work(few, tmp_path, monkeypatch):
    def missing(name):
        return None

    monkeypatch.setattr("importlib.util.find_spec", missing)
    for ending, package in ((".mp4", "PyAV"), (".gif", "PyAV"), (".c3d", "ezc3d")):
        with pytest.raises(InputError, match=rf"{package}: .*pip install"):
            formats.check_pose_file(tmp_path / f"walk{ending}")


def test_a_video_that_is_gone_leaves_nothing_behind(few, film, tmp_path):
    gone = SourceVideo(tmp_path / "gone.mp4", film.times)
    shown = dataclasses.replace(few, video=gone)
    for ending in (".mp4", ".html"):
        with pytest.raises(InputError, match=r"gone\.mp4: file not found"):
            shown.save(tmp_path / f"walk{ending}")
    assert not any(tmp_path.iterdir())
