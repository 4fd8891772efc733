import numpy as np

from anatomy_tf.data.keypoint_sets import COCO_17, conversion
from anatomy_tf.data.sets.bodies import (
    HUMANEVA_15,
    MPI_INF_3DHP_14,
    MPI_INF_3DHP_17,
    MPI_INF_3DHP_SCORED,
)
from anatomy_tf.skeleton import H36M_17


def bones(skeleton):
    return {tuple(skeleton.joint_names[joint] for joint in bone) for bone in skeleton.bones}


def mirror(skeleton):
    names = skeleton.joint_names
    return {
        names[left]: names[right] for left, right in zip(skeleton.left, skeleton.right, strict=True)
    }


def test_mpi_inf_3dhp_has_the_body_of_human36m_in_another_order():
    assert bones(MPI_INF_3DHP_17) == bones(H36M_17)
    assert mirror(MPI_INF_3DHP_17) == mirror(H36M_17)
    assert MPI_INF_3DHP_17.root == 14


def test_left_and_right_of_the_archives():
    assert (MPI_INF_3DHP_17.left, MPI_INF_3DHP_17.right) == (
        (5, 6, 7, 11, 12, 13),
        (2, 3, 4, 8, 9, 10),
    )
    assert (HUMANEVA_15.left, HUMANEVA_15.right) == ((2, 3, 4, 8, 9, 10), (5, 6, 7, 11, 12, 13))


def test_the_scored_joints_make_a_body():
    assert MPI_INF_3DHP_14.joint_names == MPI_INF_3DHP_SCORED
    assert not {"pelvis", "spine", "neck"} & set(MPI_INF_3DHP_SCORED)
    assert len(MPI_INF_3DHP_14.left) == 6


def test_humaneva_is_human36m_without_spine_and_neck():
    assert set(H36M_17.joint_names) - set(HUMANEVA_15.joint_names) == {"spine", "neck"}
    assert set(HUMANEVA_15.joint_names) < set(H36M_17.joint_names)
    joined = {("pelvis", "thorax"), ("thorax", "head")}
    assert (
        bones(HUMANEVA_15)
        == {bone for bone in bones(H36M_17) if not {"spine", "neck"} & set(bone)} | joined
    )


def test_detections_convert_to_every_joint():
    for skeleton in (MPI_INF_3DHP_17, MPI_INF_3DHP_14, HUMANEVA_15):
        assert np.allclose(conversion(COCO_17, skeleton.joint_names).sum(axis=1), 1)
