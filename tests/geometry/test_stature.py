import numpy as np
import pytest

from anatomy_tf.data.motion.actors import TYPICAL_LENGTHS
from anatomy_tf.data.sets.bodies import HUMANEVA_15, MPI_INF_3DHP_14, MPI_INF_3DHP_17
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.stature import height_scale, stature_weights
from anatomy_tf.skeleton import H36M_17, Skeleton

LENGTHS = np.array(
    [TYPICAL_LENGTHS[H36M_17.joint_names[far].split("_")[-1]] for _, far in H36M_17.bones]
)


def test_typical_bones_are_those_of_a_person_of_usual_height():
    assert LENGTHS @ stature_weights(H36M_17) == pytest.approx(1.69, abs=0.01)


@pytest.mark.parametrize("skeleton", [MPI_INF_3DHP_17, MPI_INF_3DHP_14, HUMANEVA_15])
def test_other_skeletons_are_about_as_tall(skeleton):
    """Of the same person: joints that stand one above the other."""
    heights = {"head": 1.69, "neck": 1.58, "thorax": 1.47, "spine": 1.21, "pelvis": 0.98}
    heights |= {
        "hip": 0.98,
        "knee": 0.53,
        "ankle": 0.08,
        "shoulder": 1.4,
        "elbow": 1.1,
        "wrist": 0.9,
    }
    joints = np.array([heights[name.split("_")[-1]] for name in skeleton.joint_names])
    near, far = skeleton.bones.T
    lengths = np.abs(joints[near] - joints[far])
    assert lengths @ stature_weights(skeleton) == pytest.approx(1.69, abs=0.01)


def test_scaled_bones_have_the_height():
    for lengths in (LENGTHS, np.stack([LENGTHS, 1.2 * LENGTHS])):
        scaled = lengths * height_scale(lengths, H36M_17, 1.93)
        assert np.mean(scaled @ stature_weights(H36M_17)) == pytest.approx(1.93)


@pytest.mark.parametrize("height", [0.49, 2.51, 180, -1, float("nan")])
def test_heights_of_nobody_are_refused(height):
    with pytest.raises(InputError, match="height"):
        height_scale(LENGTHS, H36M_17, height)


def test_a_skeleton_without_head_or_lengths_of_nobody_are_refused():
    with pytest.raises(InputError, match="a head and ankles"):
        stature_weights(Skeleton(("pelvis", "knee", "ankle"), (-1, 0, 1)))
    with pytest.raises(InputError, match="no body's"):
        height_scale(0 * LENGTHS, H36M_17, 1.8)
