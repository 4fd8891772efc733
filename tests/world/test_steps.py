import numpy as np
import pytest

from anatomy_tf.skeleton import H36M_17
from anatomy_tf.world.steps import steps_of, walk_of

FPS = 50


def walking(lengths, seconds=0.5, turns=True):
    """Feet that come down in turns, every time `lengths` farther than the other; right first."""
    frames = round(seconds * FPS) * (len(lengths) + 2)
    joints, stands = np.zeros((frames, 17, 3)), np.zeros((frames, 2), bool)
    place = 0.0
    for number, length in enumerate([0.0, *lengths]):
        place += length
        foot = number % 2 if turns else 0
        start = round(seconds * FPS) * number + 2
        joints[start:, 3 if foot == 0 else 6, 2] = place
        stands[start : start + round(0.8 * seconds * FPS), foot] = True
    return joints, stands


def test_steps_are_as_long_and_as_fast_as_they_were():
    steps = steps_of(*walking([0.7, 0.6, 0.7, 0.6, 0.7]), FPS, H36M_17)
    assert [step.length for step in steps] == pytest.approx([0.7, 0.6, 0.7, 0.6, 0.7])
    assert [step.stride for step in steps[1:]] == pytest.approx([1.3] * 4)
    assert np.isnan(steps[0].stride)
    assert [H36M_17.joint_names[step.foot] for step in steps[:2]] == ["l_ankle", "r_ankle"]
    walk = walk_of(steps)
    assert walk.steps == 5 and walk.cadence == pytest.approx(120)
    assert walk.speed == pytest.approx(3.3 / 2.5) and walk.stride == pytest.approx(1.3)
    assert walk.asymmetry[0] == pytest.approx(0.1 / 0.65) and walk.asymmetry[1] == 0


@pytest.mark.parametrize(
    "walked",
    [
        walking([0.02, 0.02, 0.02, 0.02]),  # on the spot
        walking([0.7, 0.7, 0.7], seconds=3.0),  # with rests
        walking([0.7, 0.7, 0.7], turns=False),  # on one leg
        walking([0.7, 0.7]),  # hardly any
    ],
)
def test_what_is_no_walk_is_none(walked):
    assert walk_of(steps_of(*walked, FPS, H36M_17)) is None


def test_one_who_stands_makes_no_steps():
    joints = np.zeros((100, 17, 3))
    assert steps_of(joints, np.ones((100, 2), bool), FPS, H36M_17) == []
    assert steps_of(joints, np.zeros((100, 2), bool), FPS, H36M_17) == []
