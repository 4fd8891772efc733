import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.skeleton import Skeleton
from anatomy_tf.world.level import (
    LEVEL,
    Up,
    axes_of_world,
    pitch_and_roll,
    up_features_of,
    up_of_people,
    with_pitch_and_roll,
)
from anatomy_tf.world.track import Track
from tests.world.conftest import track_of, true_path, true_up


def degrees(one, other):
    return np.degrees(np.arccos(np.clip(one @ other, -1, 1)))


def test_people_who_stand_tell_which_way_is_up(cmu_test_clips):
    off = []
    for clip in cmu_test_clips[::8]:
        up = up_of_people([track_of(clip)], [true_path(clip)])
        assert up.told == "people"
        off.append(degrees(up.direction, true_up(clip)))
    assert len(off) >= 8
    assert np.median(off) < 4


@given(turn=st.tuples(*[st.floats(-3, 3)] * 3))
def test_what_tells_it_turns_with_the_body(track, turn):
    w = np.linalg.norm(turn)
    axis = np.array(turn) / w if w > 1e-6 else np.eye(3)[0]
    cross = np.cross(np.eye(3), axis)
    rotation = np.eye(3) + np.sin(w) * cross + (1 - np.cos(w)) * cross @ cross
    few = dataclasses.replace(track, joints=track.joints[:3])
    stands = np.array([[1.0, 0.2], [0.5, 0.5], [0.0, 1.0]])
    values, weights = up_features_of(few, stands)
    turned = dataclasses.replace(few, joints=few.joints @ rotation)
    found, found_weights = up_features_of(turned, stands)
    expected = np.einsum("tif,ij->tjf", values, rotation)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    np.testing.assert_allclose(found_weights, weights, atol=1e-9)


def test_somebody_who_lies_does_not_tip_the_world(track, walk):
    roll = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])  # a quarter turn of the picture
    lying = Track(
        track.skeleton,
        track.fps,
        track.joints @ roll.T,
        track.rays @ roll[:2, :2].T,
        track.scores,
    )
    up = up_of_people([lying], [true_path(walk) @ roll.T])
    assert up.told == "nothing" and "upright" in up.why
    np.testing.assert_array_equal(up.direction, LEVEL)


def test_a_skeleton_without_feet_leaves_the_camera_level():
    chain = Skeleton(("root", "middle", "end"), (-1, 0, 1))
    joints = np.tile([[0.0, 0, 0], [0, -0.3, 0], [0, -0.6, 0]], (20, 1, 1))
    track = Track(chain, 25.0, joints, np.zeros((20, 3, 2)), np.ones((20, 3)))
    assert up_of_people([track], [np.tile([0.0, 0, 4], (20, 1))]).told == "nothing"


@given(pitch=st.floats(-85, 85), roll=st.floats(-175, 175))
def test_pitch_and_roll_are_those_of_the_camera(pitch, roll):
    up = with_pitch_and_roll(Up(LEVEL, "nothing"), pitch, roll)
    assert up.told == "flags"
    assert np.linalg.norm(up.direction) == pytest.approx(1)
    assert pitch_and_roll(up.direction) == (pytest.approx(pitch), pytest.approx(roll))
    axes = axes_of_world(up.direction)
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(axes @ up.direction, [0, 1, 0], atol=1e-9)
    assert np.linalg.det(axes) == pytest.approx(1)


def test_a_camera_that_looks_down_sees_up_against_its_sight():
    down = with_pitch_and_roll(Up(LEVEL, "nothing"), 30, None).direction
    assert down[2] == pytest.approx(-0.5) and down[1] < 0
    clockwise = with_pitch_and_roll(Up(LEVEL, "nothing"), None, 30).direction
    assert clockwise[0] == pytest.approx(-0.5)  # what is upright leans to the left of the picture


@pytest.mark.parametrize("up", [[0, 0, -1.0], [0, 0, 1.0]])
def test_straight_up_and_down_have_axes_too(up):
    axes = axes_of_world(np.array(up))
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(axes) == pytest.approx(1)
