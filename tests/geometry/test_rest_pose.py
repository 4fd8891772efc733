import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.geometry.bone_vectors import bones_of_joints
from anatomy_tf.geometry.rest_pose import joints_at, rest_and_turns, rest_directions
from anatomy_tf.skeleton import H36M_17, Skeleton
from tests.damage import fuzz

CHAIN = Skeleton.from_names(("a", "b", "c", "d"), (-1, 0, 1, 2))
STAR = Skeleton.from_names(("l_hand", "centre", "r_hand", "head"), (1, -1, 1, 1))


def test_the_body_at_rest_stretches_its_arms_out():
    rest = dict(zip(H36M_17.joint_names[1:], rest_directions(H36M_17).tolist(), strict=True))
    assert rest["spine"] == rest["head"] == [0, 1, 0]
    assert rest["l_hip"] == rest["l_shoulder"] == rest["l_wrist"] == [1, 0, 0]
    assert rest["r_elbow"] == [-1, 0, 0]
    assert rest["r_knee"] == rest["l_ankle"] == [0, -1, 0]


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


@pytest.mark.parametrize("skeleton", [H36M_17, CHAIN, STAR])
@fuzz(max_examples=25)
@given(seed=st.integers(0, 10_000), opposite=st.booleans())
def test_turns_are_rotations_and_single_bones_point_where_they_should(skeleton, seed, opposite):
    rng = np.random.default_rng(seed)
    directions = unit(rng.normal(size=(6, skeleton.num_bones, 3)))
    if opposite:  # half a turn from rest, where the smallest rotation has no one axis
        directions[:3] = -rest_directions(skeleton)
        directions[3] = 0
    rest, turns = rest_and_turns(directions, skeleton)
    np.testing.assert_allclose(np.linalg.norm(rest, axis=-1), 1, atol=1e-9)
    np.testing.assert_allclose(
        turns @ turns.swapaxes(2, 3), np.broadcast_to(np.eye(3), turns.shape), atol=1e-7
    )
    np.testing.assert_allclose(np.linalg.det(turns), 1, atol=1e-7)
    near = skeleton.bones[:, 0]
    found = np.einsum("tkij,kj->tki", turns[:, near], rest)
    single = (np.bincount(near, minlength=skeleton.num_joints) == 1)[near]
    known = directions.any(axis=-1) & single
    np.testing.assert_allclose(found[known], directions[known], atol=1e-6)


def test_a_rigid_body_is_found_again(cmu_test_clips):
    """Whatever its shape: the joints that several bones start from keep theirs."""
    clip = cmu_test_clips[0]
    directions, lengths = bones_of_joints(clip.camera_joints() * np.float32([1, -1, -1]), H36M_17)
    first = joints_at(*rest_and_turns(directions, H36M_17), lengths.mean(axis=0), H36M_17)
    again, lengths = bones_of_joints(first, H36M_17)
    second = joints_at(*rest_and_turns(again, H36M_17), lengths.mean(axis=0), H36M_17)
    np.testing.assert_allclose(second, first, atol=2e-3)
