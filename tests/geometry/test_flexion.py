"""Angles of bodies whose angles are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_tf.geometry.flexion import flexions
from anatomy_tf.skeleton import H36M_17, Skeleton

NAMES = H36M_17.joint_names


def _body(**degrees: float) -> np.ndarray:
    """`(1, 17, 3)`: stands upright, y down, with those angles; limbs swing forwards, to -z."""
    heights = {"pelvis": 0, "spine": 0.25, "thorax": 0.5, "neck": 0.6, "head": 0.7}
    joints = {name: np.array([0, -height, 0]) for name, height in heights.items()}
    for side, x in (("l", 0.15), ("r", -0.15)):
        for first, second, third, start in (
            ("hip", "knee", "ankle", joints["pelvis"]),
            ("shoulder", "elbow", "wrist", joints["thorax"]),
        ):
            swing = np.radians(degrees.get(f"{side}_{first}", 0))
            bent = swing + np.radians(degrees.get(f"{side}_{second}", 0))
            joints[f"{side}_{first}"] = start + [x, 0, 0]
            for name, before, angle in ((second, first, swing), (third, second, bent)):
                bone = 0.4 * np.array([0, np.cos(angle), -np.sin(angle)])
                joints[f"{side}_{name}"] = joints[f"{side}_{before}"] + bone
    return np.array([[joints[name] for name in NAMES]])


@given(
    st.fixed_dictionaries(
        {f"{side}_{n}": st.floats(0, 170) for side in "lr" for n in ("hip", "shoulder")}
        | {f"{side}_{n}": st.floats(0, 150) for side in "lr" for n in ("knee", "elbow")}
    ),
    st.integers(0, 1000),
)
def test_angles_come_back_however_the_body_is_turned(degrees, seed):
    turn = Rotation.random(random_state=seed).as_matrix()
    found = flexions(1.3 * _body(**degrees) @ turn, H36M_17)
    assert set(found) == set(degrees)
    for name, value in degrees.items():
        assert found[name][0] == pytest.approx(value, abs=1e-3)


def test_only_what_the_skeleton_tells():
    leg = Skeleton.from_names(["l_hip", "l_knee", "l_ankle"], [-1, 0, 1])
    found = flexions(np.array([[[0, 0, 0], [0, 1, 0], [1.0, 1, 0]]]), leg)
    assert {name: values.tolist() for name, values in found.items()} == {"l_knee": [90.0]}
