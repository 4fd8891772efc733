import json

import numpy as np
import pytest

from anatomy_tf.data.motion.capture_cameras import (
    draw_cameras,
    read_cameras,
    share_in_image,
    step_back,
)
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import project


@pytest.fixture(scope="module")
def joints(cmu_test_clips):
    joints = cmu_test_clips[0].joints.copy()
    middle = (joints[:, 0, :2].min(axis=0) + joints[:, 0, :2].max(axis=0)) / 2
    joints[..., :2] -= middle
    return joints


@pytest.mark.parametrize("seed", range(5))
def test_cameras_stand_around_the_person_upright_and_look_at_them(seed):
    cameras = draw_cameras(np.random.default_rng(seed))
    places = np.array([camera.translation for camera in cameras])
    assert ((places[:, 2] > 1.2) & (places[:, 2] < 1.8)).all()
    angles = np.sort(np.arctan2(places[:, 1], places[:, 0]))
    assert np.diff([*angles, angles[0] + 2 * np.pi]).min() > np.radians(30)
    person = np.array([[0, 0, 0.9], [0, 0, 1.7], [0, 0, 0.1]], np.float64)
    for camera in cameras:
        middle, head, feet = camera.world_to_camera(person)
        assert 4 < middle[2] < 6
        x, y = project(np.stack([middle, head, feet]), camera.intrinsics)
        assert abs(x[0] - 500) < 120
        assert abs(y[0] - 500) < 120
        assert abs(x[1] - x[2]) < 5
        assert y[1] < y[0] < y[2]


def test_a_camera_steps_straight_back_until_it_sees_enough(joints):
    far_out = joints * [1.5, 1.5, 1]
    shares = []
    for camera in draw_cameras(np.random.default_rng(0)):
        moved = step_back(camera, far_out)
        shares.append((share_in_image(camera, far_out), share_in_image(moved, far_out)))
        assert moved.orientation == camera.orientation
        shift = camera.world_to_camera(np.array([moved.translation]))[0]
        np.testing.assert_allclose(shift[:2], 0, atol=1e-9)
        assert shift[2] < 0
    before, after = np.min(shares, axis=0)
    assert before < 0.95
    assert 0.995 <= after < 0.998


def test_a_camera_that_sees_enough_stays(joints):
    for camera in draw_cameras(np.random.default_rng(0)):
        still = joints[:1] - joints[:1, :1] * [1, 1, 0]
        assert step_back(camera, still) == camera


def test_nobody_behind_a_camera_is_seen(joints):
    camera = draw_cameras(np.random.default_rng(0))[0]
    place = np.array([*camera.translation[:2], 0])
    assert share_in_image(camera, joints + 1.5 * place) == 0


def test_cameras_of_a_mocap_folder_are_read(tmp_path, cmu):
    entry = cmu.takes[sorted(cmu.takes)[0]]
    path = tmp_path / "cameras.json"
    path.write_text(json.dumps({"cameras": entry["cameras"]}))
    cameras = read_cameras(path)
    assert len(cameras) == 4
    assert list(cameras[2].translation) == entry["cameras"][2]["translation"]
    assert cameras[2].resolution == (entry["cameras"][2]["res_w"], entry["cameras"][2]["res_h"])


DAMAGE = {
    "no JSON": ("{", "cameras.json: Expecting"),
    "deep": ("[" * 100_000, "cameras.json: "),
    "a list": ("[]", "expected an object with a list of cameras"),
    "no cameras": ('{"cameras": []}', "expected an object with a list of cameras"),
    "words": ('{"cameras": ["x"]}', "camera 0: not a camera"),
    "empty": ('{"cameras": [{}]}', "camera 0: 'res_w' is missing"),
    "one number": (
        json.dumps(
            {
                "cameras": [
                    {"res_w": 10, "res_h": 10, "focal_length": 3, "center": [1, 1]}
                    | {"radial_distortion": [0] * 3, "tangential_distortion": [0, 0]}
                    | {"orientation": [1, 0, 0, 0], "translation": [0, 0, 0]}
                ]
            }
        ),
        "camera 0: camera: focal_length must be 2 numbers",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_mistakes_are_named(tmp_path, name):
    text, message = DAMAGE[name]
    path = tmp_path / "cameras.json"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_cameras(path)
