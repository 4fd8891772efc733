import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17, Skeleton


@st.composite
def trees(draw, max_joints: int = 12):
    """A skeleton of any shape, its joints in any order."""
    count = draw(st.integers(2, max_joints))
    parents = [-1] + [draw(st.integers(0, joint - 1)) for joint in range(1, count)]
    order = draw(st.permutations(range(count)))
    position = {joint: i for i, joint in enumerate(order)}
    shuffled = [-1 if parents[j] == -1 else position[parents[j]] for j in order]
    return Skeleton(tuple(f"joint {i}" for i in range(count)), tuple(shuffled))


def test_human36m():
    assert H36M_17.num_joints == 17
    assert H36M_17.num_bones == 16
    assert len(H36M_17.joint_pairs()) == 120
    assert len(H36M_17.joint_pairs(self_pairs=True)) == 137
    names = H36M_17.joint_names
    for joint, mirror in enumerate(H36M_17.flip_joints):
        expected = (
            names[joint].translate(str.maketrans("lr", "rl", "")) if "_" in names[joint] else ""
        )
        if expected:
            assert names[mirror][0] == expected[0]
            assert names[mirror][1:] == names[joint][1:]
        else:
            assert mirror == joint


@given(trees())
def test_path_matrix_and_descendants_agree_with_the_parents(skeleton):
    for bone, (near, far) in enumerate(skeleton.bones):
        assert skeleton.parents[far] == near
        moved = {
            joint for joint in range(skeleton.num_joints) if far in skeleton._path_to_root(joint)
        }
        assert set(skeleton.descendants[bone]) == moved
    assert len(skeleton.bones) == skeleton.num_bones
    assert not skeleton.path_matrix[skeleton.root].any()


@given(trees())
def test_pairs_are_all_but_the_bones(skeleton):
    joints, bones = skeleton.num_joints, skeleton.num_bones
    pairs = {tuple(pair) for pair in skeleton.joint_pairs()}
    assert len(pairs) == joints * (joints - 1) // 2 - bones
    assert not pairs & {tuple(sorted(bone)) for bone in skeleton.bones.tolist()}
    assert len(skeleton.joint_pairs(self_pairs=True)) == len(pairs) + joints


def test_flipping_twice_changes_nothing():
    joints, bones = np.arange(17), np.arange(16)
    assert (joints[H36M_17.flip_joints][H36M_17.flip_joints] == joints).all()
    assert (bones[H36M_17.flip_bones][H36M_17.flip_bones] == bones).all()
    mirrored = H36M_17.flip_joints[H36M_17.bones][H36M_17.flip_bones]
    assert (mirrored == H36M_17.bones).all()


@given(trees())
def test_config_round_trip(skeleton):
    assert Skeleton.from_config(skeleton.get_config()) == skeleton


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((("a", "b"), (-1,)), "2 joint names but 1 parents"),
        ((("a", "a"), (-1, 0)), "not distinct"),
        ((("a", "b"), (-1, -1)), "exactly one joint"),
        ((("a", "b"), (-1, 7)), "parent 7 of joint b"),
        ((("a", "b", "c"), (-1, 2, 1)), "its own ancestor"),
        ((("a", "b", "c"), (-1, 0, 0), (1,), ()), "different joint counts"),
        ((("a", "b", "c"), (-1, 0, 1), (1,), (2,)), "hang differently"),
        ((("a", "b", "c"), (-1, 0, 0), (1,), (673720360,)), "joint 673720360 of one side does not"),
    ],
)
def test_what_is_not_a_body_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        Skeleton(*arguments)
