import math

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.person_frame import (
    NEUTRAL_SIZE,
    SMOOTHED_FRAMES,
    clip_log_size,
    looking_at,
    points_of_clip,
    points_of_frames,
    single_frames,
    turn_back,
)
from anatomy_tf.geometry.screen import focal_of_view, screen_focal
from anatomy_tf.skeleton import H36M_17

PLACES = st.tuples(st.floats(-2, 2), st.floats(-2, 2))


def people(frames=3, seed=0):
    """`(1, T, J, 3)` metres, some 4 m before the camera, off its axis."""
    rng = np.random.default_rng(seed)
    return rng.normal(scale=0.4, size=(1, frames, 17, 3)) + [0.8, -0.5, 4]


def keypoints_of(points, focal=1.5):
    return tf.constant(focal * points[..., :2] / points[..., 2:], tf.float32)


def views(keypoints, focal=1.5, visibility=None):
    visibility = tf.ones(keypoints.shape[:3]) if visibility is None else visibility
    return single_frames(keypoints, visibility, tf.constant([focal], tf.float32), H36M_17)


@given(place=PLACES)
@settings(deadline=None)
def test_the_camera_looks_at_the_place_without_roll(place):
    rotation = looking_at(tf.constant(place, tf.float32)).numpy()
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-6)
    assert np.linalg.det(rotation) == pytest.approx(1, abs=1e-5)
    ray = np.array([*place, 1])
    np.testing.assert_allclose(rotation @ ray, [0, 0, np.linalg.norm(ray)], atol=1e-5)
    assert rotation[0, 1] == 0  # its right is level
    assert rotation[1, 1] > 0  # and its down is down


@given(place=PLACES)
@settings(deadline=None)
def test_vectors_are_turned_back_into_the_real_camera(place):
    vectors = np.random.default_rng(1).normal(size=(1, 1, 5, 3)).astype(np.float32)
    rotation = looking_at(tf.constant([[place]], tf.float32))
    turned = np.einsum("btij,btpj->btpi", rotation, vectors)
    np.testing.assert_allclose(turn_back(turned, rotation), vectors, atol=1e-5)


def test_another_lens_at_the_same_place_sees_the_same_person():
    points = people()
    narrow, wide = (views(keypoints_of(points, focal), focal) for focal in (3.0, 0.7))
    np.testing.assert_allclose(narrow.turned, wide.turned, atol=1e-5)
    np.testing.assert_allclose(narrow.log_size, wide.log_size, atol=1e-5)


def test_a_camera_that_is_turned_sideways_sees_the_same_person():
    points = people()
    angle = math.radians(25)
    yaw = [[math.cos(angle), 0, -math.sin(angle)], [0, 1, 0], [math.sin(angle), 0, math.cos(angle)]]
    straight, turned = views(keypoints_of(points)), views(keypoints_of(points @ np.array(yaw).T))
    # The place is a mean on the image plane, which is not quite the same direction from both.
    np.testing.assert_allclose(straight.turned, turned.turned, atol=0.01)


def test_a_person_twice_as_far_away_is_half_as_large_and_seen_the_same():
    body = np.random.default_rng(2).normal(scale=0.01, size=(1, 3, 17, 3))
    near, far = (views(keypoints_of(body + [0, 0, depth])) for depth in (2.0, 4.0))
    np.testing.assert_allclose(near.log_size - far.log_size, math.log(2), atol=0.01)
    sizes = [clip_log_size(view.log_size, view.size_weight) for view in (near, far)]
    one, other = (
        points_of_frames(v, s)[:, :, :17] for v, s in zip((near, far), sizes, strict=True)
    )
    np.testing.assert_allclose(one, other, atol=0.02)


def test_joints_that_are_missing_hardly_change_the_size():
    view = views(keypoints_of(people()))
    hidden = np.ones((1, 3, 17), np.float32)
    hidden[..., [3, 6]] = 0
    missing = views(keypoints_of(people()), visibility=tf.constant(hidden))
    assert np.abs(view.log_size - missing.log_size).max() < 0.15


NOTHING = np.zeros((1, 1, 17, 2), np.float32)
FAR = np.full((1, 1, 17, 2), 999, np.float32)
ONE = np.eye(17, dtype=np.float32)[np.newaxis, :1]


@pytest.mark.parametrize("keypoints", [NOTHING, FAR], ids=["at one point", "far off"])
@pytest.mark.parametrize("visibility", [0 * ONE, ONE, 0 * ONE + 1], ids=["none", "one", "all"])
def test_where_size_cannot_be_told_it_is_the_neutral_one(keypoints, visibility):
    view = views(tf.constant(keypoints), visibility=tf.constant(visibility))
    size = clip_log_size(view.log_size, view.size_weight)
    assert math.exp(float(size[0, 0, 0])) == pytest.approx(NEUTRAL_SIZE)
    told = tf.repeat(view.told, SMOOTHED_FRAMES, axis=1)
    points, rotation = points_of_clip(view.rays, told, size)
    for values in (points, rotation, points_of_frames(view, size)):
        assert np.isfinite(values).all()


def test_without_the_root_the_other_joints_say_where_the_person_is():
    keypoints = keypoints_of(people(1)).numpy()
    keypoints[0, 0, 0] = 0  # held in the middle of the image
    visibility = np.ones((1, 1, 17), np.float32)
    visibility[0, 0, 0] = 0
    place = views(tf.constant(keypoints), visibility=tf.constant(visibility)).told[0, 0, :2]
    others = keypoints[0, 0, 1:].mean(axis=0) / 1.5
    np.testing.assert_allclose(place, others, rtol=0.02)


@pytest.mark.parametrize("focal", [0, -3, 4, 1e6, float("nan")])
def test_a_focal_length_that_no_lens_has_is_refused(focal):
    with pytest.raises(InputError, match="focal length"):
        screen_focal((1920, 1080), focal)


def test_focal_lengths_in_screen_units():
    assert screen_focal((1920, 1080), 960) == 1
    assert screen_focal((1080, 1920)) == pytest.approx(0.85 * 1920 * 2 / 1080)


def test_a_field_of_view_is_a_focal_length():
    assert focal_of_view(90, (1920, 1080)) == pytest.approx(960)
    assert focal_of_view(90, (1080, 1920)) == pytest.approx(960)
    for degrees in (0, 180, -5, float("nan")):
        with pytest.raises(InputError, match="field of view"):
            focal_of_view(degrees, (1920, 1080))
