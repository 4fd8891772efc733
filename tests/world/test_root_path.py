import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.world import block_tridiagonal
from anatomy_tf.world.root_path import NEUTRAL, Standing
from tests.world.conftest import true_path


@settings(max_examples=30)
@given(count=st.integers(1, 12), size=st.integers(1, 4), seed=st.integers(0, 2**31))
def test_blocks_are_solved_as_the_whole_matrix_is(count, size, seed):
    rng = np.random.default_rng(seed)
    whole = np.eye(count * size)
    for block in range(count - 1):
        both = slice(block * size, (block + 2) * size)
        root = rng.normal(size=(2 * size, 2 * size))
        whole[both, both] += root.T @ root
    blocks = whole.reshape(count, size, count, size).swapaxes(1, 2)
    right = rng.normal(size=(count, size))
    found = block_tridiagonal.solve(
        blocks[np.arange(count), np.arange(count)],
        blocks[np.arange(count - 1), np.arange(1, count)],
        right,
    )
    expected = np.linalg.solve(whole, right.ravel()).reshape(count, size)
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 200])
def test_a_true_pose_is_put_where_it_was_seen(track, walk, frames):
    cut = dataclasses.replace(
        track, joints=track.joints[:frames], rays=track.rays[:frames], scores=track.scores[:frames]
    )
    off = np.linalg.norm(cut.path() - true_path(walk)[:frames], axis=1)
    assert off.max() < 0.01 * true_path(walk)[:, 2].mean()
    assert np.median(off) < 0.02


def test_some_keypoints_that_are_far_off_hardly_matter(track, walk):
    rays = track.rays.copy()
    rays[50:60, [3, 16]] += 0.5
    off = np.linalg.norm(dataclasses.replace(track, rays=rays).path() - true_path(walk), axis=1)
    assert off.max() < 0.1


def test_frames_in_which_nothing_was_seen_are_bridged(track, walk):
    scores = track.scores.copy()
    scores[80:95] = 0
    rays = np.where(scores[..., np.newaxis] > 0, track.rays, 0)
    found = dataclasses.replace(track, scores=scores, rays=rays).path()
    assert np.linalg.norm(found - true_path(walk), axis=1).max() < 0.15


def test_somebody_who_is_never_seen_stands_at_a_neutral_place(track):
    unseen = dataclasses.replace(
        track, rays=np.zeros_like(track.rays), scores=np.zeros_like(track.scores)
    )
    np.testing.assert_allclose(unseen.path(), np.tile(NEUTRAL, (200, 1)), atol=0.01)


def test_feet_that_stand_hold_the_path(track):
    sway = 0.01 * np.sin(2 * np.pi * 2 * np.arange(200) / track.fps)
    joints = np.tile(track.joints[:1], (200, 1, 1))
    rays = np.tile(track.rays[:1], (200, 1, 1)) + sway[:, np.newaxis, np.newaxis]
    still = dataclasses.replace(track, joints=joints, rays=rays)
    standing = Standing(joints[:, [3, 6]], np.ones((200, 2)))
    assert np.ptp(still.path(standing), axis=0).max() < 0.7 * np.ptp(still.path(), axis=0).max()
