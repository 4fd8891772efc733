import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.stature import stature_weights
from anatomy_tf.poses.pose_lifter import PoseLifter
from anatomy_tf.skeleton import H36M_17
from tests.lifters import random_lifter

HOW = {"resolution": (1080, 1920), "fps": 50, "keypoint_set": "human36m17"}


@pytest.fixture(scope="module")
def lifter():
    model = random_lifter(keypoint_frame="person", trained_on={"fps": 50})
    return PoseLifter(model, "tiny", flip=False)


@pytest.fixture(scope="module")
def keypoints(cmu_test_clips):
    return cmu_test_clips[0].keypoints[:20]


def test_the_bones_are_those_of_a_person_of_that_height(lifter, keypoints):
    plain, tall = (lifter.lift(keypoints, height=height, **HOW) for height in (None, 1.93))
    assert np.mean(tall.lengths @ stature_weights(H36M_17)) == pytest.approx(1.93, abs=1e-4)
    scale = tall.lengths[0, 0] / plain.lengths[0, 0]
    np.testing.assert_allclose(tall.joints, scale * plain.joints, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(tall.directions, plain.directions)
    assert tall.made_by["height"] == 1.93
    assert "height" not in plain.made_by


@pytest.mark.parametrize("height", [0.4, 2.6, 180, float("nan")])
def test_heights_of_nobody_are_refused(lifter, keypoints, height):
    with pytest.raises(InputError, match=r"height .*: must lie in \[0.5, 2.5\] metres"):
        lifter.lift(keypoints, height=height, **HOW)


def test_a_height_is_of_one_person(lifter, keypoints):
    two = np.stack([keypoints, keypoints + 20], axis=1)
    with pytest.raises(InputError, match="of one person, but there are 2"):
        lifter.lift(two, height=1.8, **HOW)


def test_focal_lengths_are_given_or_guessed_and_said(lifter, keypoints):
    guessed, given = (lifter.lift(keypoints, focal=focal, **HOW) for focal in (None, 3000))
    assert (guessed.made_by["focal"], given.made_by["focal"]) == ("guessed", 3000)
    assert "focal length not given: guessed as 1632 pixels" in guessed.notes
    assert not any("focal length" in note for note in given.notes)
    assert np.abs(guessed.joints - given.joints).max() > 1e-4
    same = lifter.lift(keypoints, focal=0.85 * 1920, **HOW)
    np.testing.assert_allclose(guessed.joints, same.joints, atol=1e-5)
    with pytest.raises(InputError, match="a focal length of 0 pixels"):
        lifter.lift(keypoints, focal=0, **HOW)
