import numpy as np
import pytest

from anatomy_tf.skeleton import H36M_17, Skeleton
from anatomy_tf.world.posture import angles_of, posture

AT = {name: number for number, name in enumerate(H36M_17.joint_names)}


def standing(forward=0.0, right=0.0, hip=0.0, shoulder=0.0):
    """Somebody who looks away from the viewer, along -z, with the right hand towards x."""
    joints = np.zeros((1, 17, 3))
    joints[0, AT["thorax"]] = [right, 0.5, -forward]
    joints[0, AT["r_hip"]], joints[0, AT["l_hip"]] = [0.1, hip, 0], [-0.1, -hip, 0]
    joints[0, AT["r_shoulder"]] = joints[0, AT["thorax"]] + [0.2, shoulder, 0]
    joints[0, AT["l_shoulder"]] = joints[0, AT["thorax"]] - [0.2, shoulder, 0]
    return joints


@pytest.mark.parametrize(
    ("name", "person", "degrees"),
    [
        ("trunk_forward", standing(forward=0.5), 45),
        ("trunk_forward", standing(forward=-0.5), -45),
        ("trunk_right", standing(right=0.5), 45),
        ("trunk_lean", standing(right=0.5), 45),
        ("trunk_lean", standing(), 0),
        ("pelvis_tilt", standing(hip=0.1), 45),
        ("shoulder_tilt", standing(shoulder=-0.2), -45),
    ],
)
def test_angles_have_the_signs_that_are_said(name, person, degrees):
    assert posture(person, H36M_17)[name][0] == pytest.approx(degrees)


def test_a_turn_about_upright_changes_nothing():
    person = standing(0.3, 0.1, 0.02, 0.05)
    turned = person[..., [2, 1, 0]] * [1, 1, -1]
    for name, values in posture(person, H36M_17).items():
        np.testing.assert_allclose(posture(turned, H36M_17)[name], values, atol=1e-9)


def test_only_what_the_skeleton_has_is_told():
    chain = Skeleton(("root", "end"), (-1, 0))
    assert posture(np.zeros((2, 2, 3)), chain) == {}
    assert "trunk_lean" not in angles_of(standing(), None, H36M_17)
