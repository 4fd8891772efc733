"""The page to look at: what is in it. That it moves was seen in a browser."""

import base64
import dataclasses
import io
import json
import re

import av
import numpy as np
import pytest

from anatomy_tf.geometry.flexion import flexions
from tests.poses.conftest import FPS, FRAMES

NOTES = ("person 0: frames 0 to 9", 'a <b>note</b> with "quotes" & </script><script>alert(1)')


def content_of(page: str) -> dict:
    (data,) = re.findall(
        r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL
    )
    return json.loads(data)


def test_everybodys_poses_are_in_it(poses, tmp_path):
    two = dataclasses.replace(
        poses,
        person=(2 * (poses.frame >= 40)).astype(np.int32),
        num_frames=1000,
        scores=np.where(poses.frame[:, np.newaxis] == 3, 0, 0.001 + 0.9 * poses.scores),
        notes=NOTES,
        made_by={"model": "größe", "flip": True},
    )
    two.save(tmp_path / "walk.html")
    content = content_of((tmp_path / "walk.html").read_text(encoding="utf-8"))
    assert content["joint_names"] == list(poses.skeleton.joint_names)
    assert (content["fps"], content["num_frames"]) == (poses.fps, 1000)
    assert content["notes"] == list(NOTES)
    assert content["made"] == ["model: größe", "flip: True"]
    assert [person["name"] for person in content["people"]] == ["person 0", "person 2"]
    for person, number in zip(content["people"], (0, 2), strict=True):
        rows = two.person == number
        frames, joints, scores = (
            np.frombuffer(base64.b64decode(person[name]), kind)
            for name, kind in (("frames", "<i4"), ("joints", "<i2"), ("scores", "u1"))
        )
        np.testing.assert_array_equal(frames, two.frame[rows])
        found = joints.reshape(-1, poses.skeleton.num_joints, 3) / 1000
        np.testing.assert_allclose(found, two.joints[rows], atol=0.00051)
        found = scores.reshape(len(frames), -1)
        np.testing.assert_allclose(found / 255, two.scores[rows], atol=0.004)
        np.testing.assert_array_equal(found == 0, two.filled[rows])


def test_it_loads_nothing_and_notes_are_text(poses, tmp_path):
    dataclasses.replace(poses, notes=NOTES).save(tmp_path / "walk.html")
    page = (tmp_path / "walk.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert not re.search(r"https?:|src=|href=|@import|url\(|fetch\(|XMLHttp|innerHTML", page)
    assert page.count("<script") == page.count("</script>") == 2
    assert len(page) < 25_000 + len(json.dumps(content_of(page)))


def test_the_video_is_beside_them_in_step(few, film, tmp_path):
    dataclasses.replace(few, video=film).save(tmp_path / "walk.html")
    content = content_of((tmp_path / "walk.html").read_text(encoding="utf-8"))
    with av.open(io.BytesIO(base64.b64decode(content["video"]))) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
    assert [frame.time for frame in frames] == pytest.approx(np.arange(FRAMES) / FPS)
    grey = [float(frame.to_ndarray(format="rgb24")[:8, :8].mean()) for frame in frames]
    assert grey == pytest.approx([100 + 10 * i for i in range(FRAMES)], abs=4)
    keypoints = np.frombuffer(base64.b64decode(content["people"][0]["keypoints"]), "<i2")
    pixels = keypoints.reshape(few.keypoints.shape) / content["parts"] * few.resolution[0]
    np.testing.assert_allclose(pixels, few.keypoints, atol=0.06)


def test_a_long_video_is_left_out_and_it_says_so(few, film, tmp_path):
    long = dataclasses.replace(few, video=film, fps=FPS / 10_000)
    long.save(tmp_path / "walk.html")
    content = content_of((tmp_path / "walk.html").read_text(encoding="utf-8"))
    assert content["video"] is None
    assert content["notes"][-1] == "the page is without the video, which is longer than 600 s"


def test_angles_are_curves(poses, tmp_path):
    poses.save(tmp_path / "walk.html")
    (person,) = content_of((tmp_path / "walk.html").read_text(encoding="utf-8"))["people"]
    knee = np.frombuffer(base64.b64decode(person["angles"]["r_knee"]), "<i2") / 10
    expected = flexions(poses.joints, poses.skeleton)["r_knee"]
    np.testing.assert_allclose(knee, expected, atol=0.051)
