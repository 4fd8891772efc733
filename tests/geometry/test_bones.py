import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.geometry.bones import bones_to_joints, joint_shifts, joints_to_bones
from anatomy_tf.skeleton import H36M_17, Skeleton
from tests.test_skeleton import trees


@given(trees(), st.integers(0, 2**31))
def test_joints_to_bones_and_back_is_the_identity_for_any_tree(skeleton, seed):
    joints = np.random.default_rng(seed).normal(size=(2, 3, skeleton.num_joints, 3))
    directions, lengths = joints_to_bones(joints, skeleton)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=-1), 1, atol=1e-12)
    root = joints[..., skeleton.root : skeleton.root + 1, :]
    np.testing.assert_allclose(
        bones_to_joints(directions, lengths, skeleton), joints - root, atol=1e-12
    )


def test_a_bone_of_length_zero_has_no_direction():
    skeleton = Skeleton(("root", "tip"), (-1, 0))
    directions, lengths = joints_to_bones(np.ones((1, 2, 3)), skeleton)
    assert not directions.numpy().any()
    assert lengths.numpy() == 0


def test_joint_shifts_run_from_first_to_second_joint():
    joints = np.random.default_rng(0).normal(size=(17, 3))
    pairs = H36M_17.joint_pairs()
    shifts = joint_shifts(joints, pairs).numpy()
    first, second = pairs[5]
    np.testing.assert_allclose(shifts[5], joints[second] - joints[first])
