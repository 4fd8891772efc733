import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from anatomy_tf.data.detections.gaps import fill_gaps, pieces
from anatomy_tf.skeleton import H36M_17 as BODY

KNEE, HIP = (BODY.joint_names.index(name) for name in ("l_knee", "l_hip"))


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ([0, 1, 2, 3, 19], [(0, 4), (19, 20)]),
        ([0, 4, 8, 12, 16], [(0, 20)]),  # gaps of 3 everywhere
        ([3, 4, 9, 10], [(0, 5), (9, 11)]),  # a gap of 4 splits, one of 3 at the start does not
        ([4, 5, 16], [(4, 6), (16, 20)]),
        ([2], [(2, 3)]),  # around an image nothing is filled
        ([], []),
    ],
)
def test_pieces(frames, expected):
    assert pieces(np.array(frames, int), 20, max_gap=3) == expected


def still(frames: int = 20) -> np.ndarray:
    """A body that stays where it is."""
    return np.tile(np.random.default_rng(0).uniform(100, 300, (17, 2)), (frames, 1, 1))


def missing(keypoints: np.ndarray, joints, frames) -> tuple[np.ndarray, np.ndarray]:
    """The keypoints as a tool would give them, and scores."""
    keypoints, scores = keypoints.copy(), np.full(keypoints.shape[:2], 0.9)
    scores[np.ix_(frames, np.atleast_1d(joints))] = 0
    return np.where(scores[..., np.newaxis] > 0, keypoints, 0), scores


def test_a_short_gap_is_a_straight_line():
    keypoints, scores = missing(still(), KNEE, range(4, 8))
    keypoints[8:, KNEE] += [50, -10]
    filled = fill_gaps(keypoints, scores, BODY, max_gap=4)
    steps = np.diff(filled[3:9, KNEE], axis=0)
    np.testing.assert_allclose(steps, np.broadcast_to([10, -2], (5, 2)), atol=1e-9)


def test_in_a_long_gap_the_joint_follows_its_neighbour():
    walk = still() + np.arange(20)[:, np.newaxis, np.newaxis] ** 2 * [1, 0]
    filled = fill_gaps(*missing(walk, KNEE, range(4, 9)), BODY, max_gap=4)
    np.testing.assert_allclose(filled, walk, atol=1e-9)
    straight = fill_gaps(*missing(walk, KNEE, range(4, 9)), BODY, max_gap=5)
    assert np.abs(straight - walk)[4:9, KNEE, 0].min() > 3


@pytest.mark.parametrize("frames", [range(6), range(12, 20)], ids=["start", "end"])
def test_at_the_ends_the_offset_from_the_neighbour_is_held(frames):
    walk = still() + np.arange(20)[:, np.newaxis, np.newaxis] * [5, 0]
    filled = fill_gaps(*missing(walk, KNEE, frames), BODY, max_gap=30)
    np.testing.assert_allclose(filled, walk, atol=1e-9)


def test_the_whole_person_is_held_at_the_ends():
    walk = still() + np.arange(20)[:, np.newaxis, np.newaxis] * [5, 0]
    filled = fill_gaps(*missing(walk, range(17), [0, 1, 18, 19]), BODY, max_gap=5)
    np.testing.assert_allclose(filled[[0, 1, 18, 19]], walk[[2, 2, 17, 17]], atol=1e-9)


def test_a_joint_that_is_never_seen_lies_on_its_neighbour():
    filled = fill_gaps(*missing(still(), KNEE, range(20)), BODY, max_gap=5)
    np.testing.assert_array_equal(filled[:, KNEE], filled[:, HIP])


def test_without_any_hip_the_legs_lie_where_the_trunk_is():
    legs = [0, *range(1, 7)]
    keypoints, scores = missing(still(), legs, range(20))
    filled = fill_gaps(keypoints, scores, BODY, max_gap=5)
    np.testing.assert_array_equal(filled[:, legs], np.repeat(filled[:, 7:8], 7, axis=1))


tracks = npst.arrays(np.float64, (12, 17, 2), elements=st.integers(0, 1000))
found = npst.arrays(np.float64, (12, 17), elements=st.sampled_from([0, 0.5, 1]))


@settings(max_examples=100, deadline=None)
@given(keypoints=tracks, scores=found, max_gap=st.integers(0, 6))
def test_what_was_seen_stays_and_the_rest_is_near(keypoints, scores, max_gap):
    scores[5, 8] = 1
    filled = fill_gaps(keypoints, scores, BODY, max_gap)
    seen = scores > 0
    np.testing.assert_array_equal(filled[seen], keypoints[seen])
    # A chain of at most 17 neighbours, each at an offset that was seen.
    assert np.abs(filled).max() <= 17 * 1000


@settings(max_examples=100, deadline=None)
@given(keypoints=tracks, scores=found)
def test_short_gaps_stay_between_the_frames_beside_them(keypoints, scores):
    scores[[0, -1]] = 1
    filled = fill_gaps(keypoints, scores, BODY, max_gap=12)
    for joint in range(17):
        frames = np.flatnonzero(scores[:, joint])
        for before, after in itertools.pairwise(frames):
            low, high = np.sort(keypoints[[before, after], joint], axis=0)
            between = filled[before : after + 1, joint]
            assert (between >= low - 1e-9).all() and (between <= high + 1e-9).all()
