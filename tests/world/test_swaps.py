import dataclasses

import numpy as np
import pytest

from anatomy_tf.skeleton import H36M_17
from anatomy_tf.world.swaps import find_swaps

LEGS, ARMS = H36M_17.limbs


def exchanged(track, limb, start, stop):
    rays, mirror = track.rays.copy(), track.skeleton.flip_joints[list(limb)]
    rays[start:stop, list(limb)] = track.rays[start:stop, mirror]
    return dataclasses.replace(track, rays=rays)


def test_limbs_are_both_legs_and_both_arms():
    names = [{H36M_17.joint_names[joint] for joint in limb} for limb in (LEGS, ARMS)]
    assert {"l_hip", "r_ankle"} <= names[0] and {"l_shoulder", "r_wrist"} <= names[1]


@pytest.mark.parametrize("limb", [LEGS, ARMS])
def test_swaps_are_found_and_nothing_else(track, limb):
    damaged = exchanged(track, limb, 60, 85)
    found = find_swaps(damaged, damaged.path())
    assert found[62:83, list(limb)].all()
    others = [joint for joint in range(17) if joint not in limb]
    assert not found[:, others].any()
    assert not found[:55].any() and not found[90:].any()


def test_nothing_is_found_where_nothing_is_wrong(track):
    rng = np.random.default_rng(0)
    noisy = dataclasses.replace(track, rays=track.rays + rng.normal(0, 0.004, track.rays.shape))
    assert not find_swaps(noisy, noisy.path()).any()


def test_what_was_not_seen_is_not_swapped(track):
    damaged = exchanged(track, LEGS, 60, 85)
    scores = damaged.scores.copy()
    scores[60:85, list(LEGS)] = 0
    unseen = dataclasses.replace(damaged, scores=scores)
    assert not find_swaps(unseen, unseen.path()).any()


def test_a_single_frame_is_no_trouble(track):
    one = dataclasses.replace(
        track, joints=track.joints[:1], rays=track.rays[:1], scores=track.scores[:1]
    )
    assert not find_swaps(one, one.path()).any()
