"""Contact, and feet that stay where they stand."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.geometry.bone_vectors import bones_of_joints
from anatomy_tf.world.body import body_of
from anatomy_tf.world.contact import runs, standing_feet, standing_odds
from anatomy_tf.world.level import axes_of_world
from anatomy_tf.world.planting import plant
from tests.world.conftest import true_path, true_up


def in_world(track, walk):
    """The true joints, y up, with the floor at 0."""
    joints = (track.joints + true_path(walk)[:, np.newaxis]) @ axes_of_world(true_up(walk)).T
    joints[..., 1] -= joints[..., 1].min()
    return joints


def test_feet_are_found_to_stand_where_they_do(track, walk):
    joints = in_world(track, walk)
    feet = joints[:, list(body_of(track.skeleton).feet)]
    speed = np.linalg.norm(np.gradient(feet, axis=0), axis=-1) * track.fps
    likely = standing_odds(track, true_path(walk), true_up(walk))
    assert likely[speed < 0.1].mean() > 0.8
    assert likely[speed > 1.5].mean() < 0.25


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_what_stands_is_sure_at_least_once_and_long_enough(likely):
    likely = np.array(likely)[:, np.newaxis]
    stands = standing_feet(likely, fps=50)
    for start, stop in runs(stands[:, 0]):
        assert stop - start >= 5
        assert likely[start:stop].max() >= 0.6 and likely[start:stop].min() >= 0.5


def test_planted_feet_stay_on_the_floor_and_bones_keep_their_lengths(track, walk):
    joints = in_world(track, walk)
    times = np.arange(len(joints))[:, np.newaxis, np.newaxis] / track.fps
    sway = 0.03 * np.sin(2 * np.pi * times * [0.7, 0.9, 1.1])
    odds = standing_odds(track, true_path(walk), true_up(walk))
    stands = standing_feet(odds, track.fps)
    floor = 0.08
    planted = plant(joints + sway, stands, floor, track.fps, track.skeleton)
    for number, foot in enumerate(body_of(track.skeleton).feet):
        for start, stop in runs(stands[:, number]):
            place = planted[start:stop, foot]
            off = np.linalg.norm((place - np.median(place, axis=0))[:, [0, 2]], axis=1)
            assert (off < 1e-9).mean() > 0.8
    assert planted[:, [3, 6], 1].min() >= floor - 1e-9
    lengths = bones_of_joints((joints + sway).astype(np.float32), track.skeleton)[1]
    found = bones_of_joints(planted.astype(np.float32), track.skeleton)[1]
    np.testing.assert_allclose(found, lengths, atol=1e-5)
    steps = np.linalg.norm(np.diff(planted, axis=0), axis=-1).max()
    assert steps < 2 * np.linalg.norm(np.diff(joints, axis=0), axis=-1).max()


def test_a_foot_out_of_reach_is_as_near_as_it_gets(track, walk):
    joints = in_world(track, walk)[:20]
    joints[..., 0] += np.linspace(0, 3, 20)[:, np.newaxis]
    stands = np.ones((20, 2), bool)
    planted = plant(joints, stands, 0.08, track.fps, track.skeleton)
    assert np.isfinite(planted).all()
    hip, knee, ankle = body_of(track.skeleton).legs[0]
    whole = np.linalg.norm(joints[:, knee] - joints[:, hip], axis=1) + np.linalg.norm(
        joints[:, ankle] - joints[:, knee], axis=1
    )
    leg = np.linalg.norm(planted[:, ankle] - planted[:, hip], axis=1)
    np.testing.assert_allclose(leg[[0, -1]], whole[[0, -1]], rtol=2e-3)


def test_straight_legs_bend_where_they_have_to(track):
    skeleton = track.skeleton
    joints = np.zeros((30, 17, 3))
    joints[:, [1, 2, 3], 0], joints[:, [4, 5, 6], 0] = -0.1, 0.1
    joints[:, [1, 4], 1], joints[:, [2, 5], 1], joints[:, [3, 6], 1] = 0.8, 0.4, 0.0
    planted = plant(joints, np.ones((30, 2), bool), 0.08, 25, skeleton)
    np.testing.assert_allclose(planted[:, [3, 6], 1], 0.08)
    thigh = np.linalg.norm(planted[:, 2] - planted[:, 1], axis=1)
    np.testing.assert_allclose(thigh, 0.4, atol=1e-6)


def test_a_skeleton_without_legs_is_left_as_it_is(track):
    from anatomy_tf.skeleton import Skeleton

    chain = Skeleton(("root", "end"), (-1, 0))
    joints = np.random.default_rng(0).normal(size=(5, 2, 3))
    np.testing.assert_array_equal(plant(joints, np.zeros((5, 0), bool), 0, 25, chain), joints)
    empty = dataclasses.replace(track, joints=track.joints[:1], rays=track.rays[:1])
    assert standing_odds(empty, np.array([[0, 0, 4.0]]), np.array([0, -1.0, 0])).shape == (1, 2)
    assert body_of(chain).masses.sum() == pytest.approx(1)
