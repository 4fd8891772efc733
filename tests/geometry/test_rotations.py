import numpy as np
import pytest

from anatomy_tf.geometry.rotations import quaternions_of, zxy_angles


def about(axis: int, angles) -> np.ndarray:
    """`(...)` radians about an axis -> `(..., 3, 3)`."""
    angles = np.asarray(angles)
    turns = np.zeros((*angles.shape, 3, 3))
    first, second = (axis + 1) % 3, (axis + 2) % 3
    turns[..., axis, axis] = 1
    turns[..., first, first] = turns[..., second, second] = np.cos(angles)
    turns[..., second, first], turns[..., first, second] = np.sin(angles), -np.sin(angles)
    return turns


@pytest.fixture
def angles():
    """About z, x, y; also half turns, where most ways to a quaternion divide by zero."""
    found = np.random.default_rng(0).uniform(-1.5, 1.5, (4, 25, 3)) * [2, 1, 2]
    found[0, :3] = [[np.pi, 0, 0], [0, 0, np.pi], [np.pi, 0, np.pi]]
    return found


def test_a_quaternion_turns_as_its_rotation(angles):
    turns = about(2, angles[..., 0]) @ about(0, angles[..., 1]) @ about(1, angles[..., 2])
    w, *axis = np.moveaxis(quaternions_of(turns), -1, 0)
    axis = np.stack(axis, axis=-1)
    point = np.array([0.3, -1.0, 2.0])
    across = 2 * np.cross(axis, point)
    found = point + w[..., np.newaxis] * across + np.cross(axis, across)
    np.testing.assert_allclose(found, turns @ point, atol=1e-12)


def test_angles_multiplied_are_the_rotation(angles):
    turns = about(2, angles[..., 0]) @ about(0, angles[..., 1]) @ about(1, angles[..., 2])
    found = zxy_angles(turns)
    np.testing.assert_allclose(found[1:], angles[1:], atol=1e-9)
    again = about(2, found[..., 0]) @ about(0, found[..., 1]) @ about(1, found[..., 2])
    np.testing.assert_allclose(again, turns, atol=1e-9)
