import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.limb_metrics import flexion_errors, limb_errors
from anatomy_tf.skeleton import H36M_17, Skeleton

NAMES = H36M_17.joint_names


@pytest.fixture
def poses():
    return np.random.default_rng(0).normal(size=(8, 17, 3))


def test_one_rotation_of_the_whole_clip_and_bone_lengths_do_not_count(poses):
    turned = Rotation.from_euler("xyz", [0.4, 2.0, -1.0]).apply(poses.reshape(-1, 3))
    turned = 0.6 * turned.reshape(poses.shape)
    np.testing.assert_allclose(limb_errors(turned, poses, H36M_17), 0, atol=1e-5)
    spin = Rotation.from_euler("z", np.arange(8)[:, np.newaxis] * 10, degrees=True).as_matrix()
    by_frame = np.einsum("tij,tkj->tki", spin, poses)
    assert limb_errors(by_frame, poses, H36M_17).mean() > 5


def test_a_mirrored_clip_does_not_fit(poses):
    assert limb_errors(poses * [-1, 1, 1], poses, H36M_17).mean() > 20


def test_a_limb_that_is_off_counts_with_its_angle(poses):
    off = poses.copy()
    wrist, elbow = NAMES.index("l_wrist"), NAMES.index("l_elbow")
    bone = poses[:, wrist] - poses[:, elbow]
    axis = np.cross(bone, [0, 0, 1])
    axis /= np.linalg.norm(axis, axis=1, keepdims=True)
    off[:, wrist] = off[:, elbow] + Rotation.from_rotvec(np.radians(9) * axis).apply(bone)
    assert limb_errors(off, poses, H36M_17).mean() == pytest.approx(1, abs=0.4)  # one of nine bones


def test_flexion_is_the_angle_at_the_joint():
    straight = np.zeros((3, 17, 3))
    for side in "lr":
        for place, name in enumerate(("hip", "knee", "ankle")):
            straight[:, NAMES.index(f"{side}_{name}"), 1] = place
    bent = straight.copy()
    bent[:, NAMES.index("l_ankle")] = [1, 1, 0]
    np.testing.assert_allclose(flexion_errors(bent, straight, "knee", H36M_17), 90 / 2)
    np.testing.assert_allclose(flexion_errors(bent, straight, "elbow", H36M_17), 0)


def test_skeletons_without_limbs_are_refused(poses):
    with pytest.raises(InputError, match="no joint l_hip"):
        limb_errors(poses, poses, Skeleton(("root", "end"), (-1, 0)))
