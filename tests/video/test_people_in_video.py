"""The detector that ships, on the video that ships."""

import numpy as np
import pytest

from anatomy_tf.data.keypoint_sets import COCO_17
from anatomy_tf.errors import InputError
from anatomy_tf.video import feet
from anatomy_tf.video.feet import FootReader
from anatomy_tf.video.people_in_video import DetectionInterrupted, detect_people


@pytest.fixture(scope="module")
def detections(short_video):
    return detect_people(short_video, most_people=2)


def test_two_people_are_found_in_every_picture(detections, short_video):
    assert detections.resolution == (544, 960)
    assert detections.num_frames == 20 and detections.fps == 12
    np.testing.assert_array_equal(detections.track, [0, 1] * 20)
    np.testing.assert_array_equal(detections.frame, np.repeat(np.arange(20), 2))
    assert detections.video.path == short_video
    np.testing.assert_allclose(detections.video.times, np.arange(20) / 12, atol=1e-6)


def test_left_is_left_and_heads_are_up(detections):
    """The man faces the camera, the woman turns her back to it."""
    x = {name: detections.keypoints[:, COCO_17.index(name), 0] for name in COCO_17}
    y = {name: detections.keypoints[:, COCO_17.index(name), 1] for name in COCO_17}
    man = detections.track == np.argmax([x["l_hip"][detections.track == i].mean() for i in (0, 1)])
    assert (x["l_shoulder"] > x["r_shoulder"])[man].mean() > 0.9
    assert (x["l_shoulder"] < x["r_shoulder"])[~man].all()
    assert (y["l_shoulder"] < y["l_hip"]).all() and (y["l_hip"] < y["l_ankle"])[~man].all()
    assert detections.scores[:, 5:].mean() > 0.5


def test_slow_motion_has_the_rate_that_is_told(short_video):
    seen = []
    slow = detect_people(short_video, fps=240, most_people=1, progress=lambda *of: seen.append(of))
    assert slow.fps == 240 and slow.num_frames == 20
    assert set(slow.track) == {0}
    assert seen[-1] == (20, 20)


def test_an_interruption_keeps_what_was_found(short_video, detections):
    def interrupt(done, expected):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(DetectionInterrupted) as caught:
        detect_people(short_video, most_people=2, progress=interrupt)
    found = caught.value.detections
    assert found.num_frames == 5 and found.fps == 12
    np.testing.assert_array_equal(found.keypoints, detections.keypoints[detections.frame < 5])


def test_nobody_is_there(empty_room):
    with pytest.raises(InputError, match=r"room\.mp4: nobody was found in its 12 pictures"):
        detect_people(empty_room)


def test_feet_need_a_file_that_does_not_ship(short_video, monkeypatch, tmp_path):
    monkeypatch.setattr(feet, "detector_path", lambda name: tmp_path / name)
    with pytest.raises(InputError, match=r"blazepose_heavy\.tflite: file not found; .* --feet"):
        detect_people(short_video, feet=True)


class _Blaze:
    """A network that sees the person upright, with its left and right as they are told."""

    side = 256

    def __init__(self, crossed):
        self.crossed = crossed

    def __call__(self, picture):
        found = np.zeros((39, 5), np.float32)
        found[27:33, :2] = [[90, 200], [160, 200], [85, 205], [165, 205], [100, 215], [150, 215]]
        if self.crossed:
            found[27:33, :2] = found[[28, 27, 30, 29, 32, 31], :2]
        found[..., 3:] = 4.0
        return found.ravel()


@pytest.mark.parametrize("angle", [0, 90, 200])
@pytest.mark.parametrize("crossed", [False, True])
def test_feet_are_on_their_side_however_the_person_is_turned(monkeypatch, angle, crossed):
    reader = FootReader.__new__(FootReader)
    reader._network = _Blaze(crossed)
    body = {"l_shoulder": (-20, -60), "r_shoulder": (20, -60), "l_hip": (-12, 0), "r_hip": (12, 0)}
    body |= {"l_ankle": (-15, 80), "r_ankle": (15, 80), "nose": (0, -100)}
    keypoints = np.zeros((17, 2), np.float32)
    scores = np.zeros(17, np.float32)
    for name, place in body.items():
        keypoints[COCO_17.index(name)], scores[COCO_17.index(name)] = place, 1
    radians = np.radians(angle)
    turn = np.array([[np.cos(radians), -np.sin(radians)], [np.sin(radians), np.cos(radians)]])
    turned = (keypoints @ turn.T + 300).astype(np.float32)
    points, sure = reader(np.zeros((600, 600, 3), np.uint8), turned, scores)
    assert points.shape == (23, 2) and sure.shape == (23,)
    np.testing.assert_array_equal(points[:17], turned)
    upright = (points - 300) @ turn  # turned back
    left_toe, right_toe, left_heel = upright[17], upright[20], upright[19]
    assert left_toe[0] < 0 < right_toe[0] and left_heel[0] < 0
    assert left_toe[1] > 40  # below the knees
    np.testing.assert_array_equal(sure[[18, 21]], 0)
    assert (sure[[17, 19, 20, 22]] > 0.9).all()
