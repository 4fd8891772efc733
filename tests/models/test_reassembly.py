import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bones import bones_to_joints
from anatomy_tf.models.reassembly import with_bones_added_up
from tests.lifters import random_lifter


@pytest.mark.parametrize("frame", ["screen", "person"])
def test_joints_are_the_bones_of_the_same_model_added_up(frame):
    lifter = random_lifter(keypoint_frame=frame)
    rng = np.random.default_rng(5)
    inputs = {
        "keypoints": rng.uniform(-0.5, 0.5, (1, 12, 17, 2)).astype(np.float32),
        "visibility": rng.uniform(0.2, 1, (1, 12, 17)).astype(np.float32),
    }
    if frame == "person":
        inputs["focal"] = np.array([2.0], np.float32)
    before, after = lifter(inputs), with_bones_added_up(lifter)(inputs)
    for name in ("directions", "lengths"):
        np.testing.assert_array_equal(after[name], before[name])
    expected = bones_to_joints(
        before["directions"], before["lengths"][:, np.newaxis], lifter.skeleton
    )
    np.testing.assert_allclose(after["joints"], expected, atol=1e-5)
    assert np.abs(after["joints"] - before["joints"]).max() > 1e-3


def test_only_what_has_bones_can_be_added_up():
    with pytest.raises(InputError, match="assembly released can become kinematic, not joints"):
        with_bones_added_up(random_lifter(assembly="joints"))
