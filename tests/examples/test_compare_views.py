"""The comparison of views: what several cameras see of a point is the point."""

import importlib.util
import pathlib

import numpy as np
import pytest

from anatomy_tf.skeleton import H36M_17

FILE = pathlib.Path(__file__).parents[2] / "examples" / "wild" / "compare_views.py"
CAMERA = """<camera><transform {place}/><intrinsic focalLengthU="64000" focalLengthV="64640"
    centerPointU="34560" centerPointV="61440" radialDistortion1="-0.05" radialDistortion2="0.13"
    tangentalDistortion1="0.001" tangentalDistortion2="-0.0005"/></camera>"""


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("compare_views", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def views(example, tmp_path_factory):
    rng = np.random.default_rng(0)
    cameras = []
    for _ in range(3):
        rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        rotation *= np.sign(np.linalg.det(rotation))
        place = {f"r{i + 1}{j + 1}": rotation[i, j] for i in range(3) for j in range(3)}
        place |= dict(zip("xyz", (rotation.T @ [0, 0, 3000] + rng.normal(size=3)), strict=True))
        words = " ".join(f'{name}="{value:.12f}"' for name, value in place.items())
        cameras.append(CAMERA.format(place=words))
    path = tmp_path_factory.mktemp("views") / "Calib.qca.txt"
    path.write_text(f"<calibration><cameras>{''.join(cameras)}</cameras></calibration>")
    return example.views_of(path)


def _pixels(view, points):
    """A lens with radial and tangential distortion, written out."""
    camera = points @ view.rotation.T + view.translation
    assert (camera[..., 2] > 1).all()
    x, y = camera[..., 0] / camera[..., 2], camera[..., 1] / camera[..., 2]
    square = x**2 + y**2
    radial = 1 - 0.05 * square + 0.13 * square**2
    p, q = 0.001, -0.0005
    u = x * radial + 2 * p * x * y + q * (square + 2 * x**2)
    v = y * radial + p * (square + 2 * y**2) + 2 * q * x * y
    return np.stack([1000 * u + 540, 1010 * v + 960], axis=-1)


def test_points_come_back_from_what_the_cameras_see(example, views):
    points = np.random.default_rng(1).uniform(-0.8, 0.8, (5, 17, 3))
    rays = np.stack([view.rays(_pixels(view, points)) for view in views])
    found = example.triangulated(rays, np.stack([view.matrix for view in views]))
    np.testing.assert_allclose(found, points, atol=1e-6)


def test_a_turned_and_scaled_body_has_the_errors_that_it_should(example, cmu_test_clips):
    true = cmu_test_clips[0].camera_joints()[:40]
    true = true - true[:, [H36M_17.root]]
    angle = 0.5
    turn = np.array(
        [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
    )
    errors = example.errors_of(1.2 * true @ turn, true)
    assert errors["one scale, mm"] > 50
    assert max(errors[name] for name in ("P-MPJPE, mm", "limbs", "knees", "elbows")) < 0.05
