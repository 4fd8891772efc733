import dataclasses

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import Camera, camera_of_matrices, mirror_intrinsics, project
from anatomy_tf.geometry.screen import pixels_to_screen, screen_to_pixels

CAMERA = Camera(
    resolution=(1000, 1002),
    focal_length=(1145.0, 1143.8),
    center=(512.5, 515.4),
    radial_distortion=(-0.207, 0.248, -0.003),
    tangential_distortion=(-0.00098, -0.0014),
    orientation=tuple(Rotation.from_rotvec([1.2, -0.4, 0.3]).as_quat(scalar_first=True)),
    translation=(1.9, 5.1, 1.6),
)


def test_world_to_camera_agrees_with_scipy():
    points = np.random.default_rng(0).normal(size=(4, 17, 3))
    w, x, y, z = CAMERA.orientation
    rotation = Rotation.from_quat([x, y, z, w])
    expected = rotation.inv().apply((points - CAMERA.translation).reshape(-1, 3))
    np.testing.assert_allclose(CAMERA.world_to_camera(points).reshape(-1, 3), expected, atol=1e-12)


def test_detections_lie_around_the_projection(cmu_test_clips):
    """The data's README gives the detections' error against the exact projection: 8.4 px, median
    5.5.
    """
    errors, offsets = [], []
    for clip in cmu_test_clips:
        joints = clip.camera_joints().astype(np.float64)
        projected = np.stack(project(joints, clip.camera.intrinsics), axis=-1)
        offsets.append((clip.keypoints - projected).reshape(-1, 2))
        errors.append(np.linalg.norm(offsets[-1], axis=-1))
    assert np.mean(np.concatenate(errors)) == pytest.approx(8.4, abs=0.05)
    assert np.median(np.concatenate(errors)) == pytest.approx(5.5, abs=0.05)
    assert np.abs(np.median(np.concatenate(offsets), axis=0)).max() < 0.15


def test_projection_worked_out_by_hand():
    intrinsics = np.array([1000, 1100, 500, 510, 0.1, 0.01, 0.001, 0.002, 0.003])
    x, y = 0.5, -0.25
    r2 = 0.3125
    gain = 1 + 0.1 * r2 + 0.01 * r2**2 + 0.001 * r2**3 + 0.002 * x + 0.003 * y
    u, v = project(np.array([1.0, -0.5, 2.0]), intrinsics)
    assert u == pytest.approx(1000 * (x * gain + 0.002 * r2) + 500)
    assert v == pytest.approx(1100 * (y * gain + 0.003 * r2) + 510)


def test_screen_intrinsics_project_to_screen_coordinates():
    points = np.random.default_rng(1).normal(size=(10, 3)) + [0, 0, 6]
    pixels = np.stack(project(points, CAMERA.intrinsics), axis=-1)
    screen = np.stack(project(points, CAMERA.screen_intrinsics), axis=-1)
    np.testing.assert_allclose(screen, pixels_to_screen(pixels, CAMERA.resolution), atol=1e-12)
    np.testing.assert_allclose(screen_to_pixels(screen, CAMERA.resolution), pixels, atol=1e-9)


def test_the_mirrored_lens_sees_the_mirror_image():
    points = np.random.default_rng(2).normal(size=(10, 3)) + [0, 0, 6]
    x, y = project(points, CAMERA.screen_intrinsics)
    mirrored = project(points * [-1, 1, 1], mirror_intrinsics(CAMERA.screen_intrinsics))
    np.testing.assert_allclose(mirrored, (-x, y), atol=1e-12)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"focal_length": (1145.0,)}, "focal_length must be 2 numbers"),
        ({"center": (10**400, 1)}, "center must be 2 numbers"),
        ({"center": (np.nan, 1.0)}, "center is not finite"),
        ({"resolution": (0, 100)}, "must be positive"),
        ({"orientation": (1.0, 1.0, 0.0, 0.0)}, "not a unit quaternion"),
        ({"translation": ("a", "b", "c")}, "translation must be 3 numbers"),
    ],
)
def test_an_impossible_camera_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        dataclasses.replace(CAMERA, **changes)


@pytest.mark.parametrize("turns", [[1, 1, 1], [1, -1, -1], [-1, -1, 1]])
def test_a_camera_of_matrices(turns):
    """Also those turned by half a circle, where most ways to a quaternion divide by zero."""
    rng = np.random.default_rng(0)
    near = np.linalg.qr(np.eye(3) + 0.01 * rng.normal(size=(3, 3)))[0]
    near *= np.sign(np.diag(near))
    points, translation = rng.normal(size=(5, 3)), np.array([0.1, -2.0, 3.0])
    lens = np.array([[1500.0, 0, 960], [0, 1501, 540], [0, 0, 1]])
    for rotation in (np.diag(turns).astype(float), np.diag(turns) @ near):
        camera = camera_of_matrices((1920, 1080), lens, rotation, translation)
        np.testing.assert_allclose(
            camera.world_to_camera(points), points @ rotation.T + translation, atol=1e-9
        )
        np.testing.assert_array_equal(camera.intrinsics[:4], [1500, 1501, 960, 540])


@pytest.mark.parametrize(
    ("lens", "rotation", "message"),
    [
        ([[1500, 40, 960], [0, 1500, 540], [0, 0, 1]], np.eye(3), "oblique pixels"),
        ([[1500, 0, 960], [0, 1500, 540], [0, 0, 2]], np.eye(3), "matrix of its lens is none"),
        (np.eye(3), 2 * np.eye(3), "its rotation is none"),
        (np.eye(3), np.diag([1, 1, -1]), "its rotation is none"),
        (np.eye(3), np.full((3, 3), np.nan), "not finite"),
    ],
)
def test_matrices_of_no_camera(lens, rotation, message):
    with pytest.raises(InputError, match=message):
        camera_of_matrices((1920, 1080), np.array(lens, float), rotation, np.zeros(3))
