import itertools

import numpy as np
import pytest

from anatomy_tf.data.keypoint_sets import (
    BODY_25,
    BODY_25B,
    COCO_17,
    COCO_18,
    COCO_23,
    HUMAN36M_17,
    KEYPOINT_SETS,
    MPII_16,
    conversion,
    convert,
)
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17

RNG = np.random.default_rng(7)
PLACES = {
    name: RNG.uniform(0, 500, 2) for names in KEYPOINT_SETS.values() for name in sorted(names)
}
SETS = pytest.mark.parametrize("source", KEYPOINT_SETS.values(), ids=KEYPOINT_SETS)


def person(names):
    return np.array([PLACES[name] for name in names]), np.ones(len(names))


def mirrored(names):
    """For every joint the index of its counterpart."""
    other = {"l_": "r_", "r_": "l_"}
    return [
        names.index(other[name[:2]] + name[2:] if name[:2] in other else name) for name in names
    ]


def test_sizes_and_names():
    assert [len(names) for names in KEYPOINT_SETS.values()] == [17, 18, 23, 25, 25, 26, 33, 16, 17]
    assert all(len(set(names)) == len(names) for names in KEYPOINT_SETS.values())
    assert len(set(KEYPOINT_SETS.values())) == len(KEYPOINT_SETS)
    assert H36M_17.joint_names == HUMAN36M_17
    assert tuple(name for name in BODY_25 if name in COCO_18) == COCO_18
    assert COCO_23[:17] == BODY_25B[:17] == COCO_17
    assert COCO_23[17:] == BODY_25B[19:] == BODY_25[19:]


@SETS
def test_the_same_set_and_the_same_name_stay_as_they_are(source):
    for target in KEYPOINT_SETS.values():
        keypoints, scores = convert(*person(source), source, target)
        for joint, name in enumerate(target):
            if name in source:
                np.testing.assert_array_equal(keypoints[joint], PLACES[name])
                assert scores[joint] == 1


@pytest.mark.parametrize(
    "source", ["coco18", "coco23", "body25", "body25b", "halpe26", "blazepose33"]
)
def test_coco_is_picked_out_of_the_richer_sets(source):
    weights = conversion(KEYPOINT_SETS[source], COCO_17)
    assert ((weights == 0) | (weights == 1)).all()
    assert (weights.sum(axis=1) == 1).all()


@SETS
def test_every_set_makes_all_joints_of_human36m(source):
    keypoints, scores = convert(*person(source), source, HUMAN36M_17)
    assert (scores == 1).all()
    joints = dict(zip(HUMAN36M_17, keypoints, strict=True))
    for joint, one, other in (
        ("pelvis", "l_hip", "r_hip"),
        ("thorax", "l_shoulder", "r_shoulder"),
        ("spine", "pelvis", "thorax"),
    ):
        if joint not in source:
            middle = (joints[one] + joints[other]) / 2
            np.testing.assert_allclose(joints[joint], middle)
    if source == MPII_16:
        np.testing.assert_array_equal(joints["neck"], PLACES["upper_neck"])
    elif source != HUMAN36M_17:
        np.testing.assert_array_equal(joints["neck"], PLACES["nose"])
    if "head" not in source:
        ears = (PLACES["l_ear"] + PLACES["r_ear"]) / 2
        np.testing.assert_allclose(joints["head"], ears + 0.55 * (ears - joints["thorax"]))


@SETS
def test_weights_move_with_the_person(source):
    for target in KEYPOINT_SETS.values():
        sums = conversion(source, target).sum(axis=1)
        np.testing.assert_allclose(sums[sums != 0], 1)


@SETS
def test_a_mirrored_person_converts_to_the_mirror_image(source):
    mirror = np.array([-1, 1])
    scores = RNG.uniform(0, 1, len(source)) * (RNG.uniform(size=len(source)) > 0.1)
    keypoints = person(source)[0]
    for target in KEYPOINT_SETS.values():
        flip = mirrored(source)
        found, found_scores = convert(keypoints[flip] * mirror, scores[flip], source, target)
        expected, expected_scores = convert(keypoints, scores, source, target)
        flip = mirrored(target)
        np.testing.assert_allclose(found, expected[flip] * mirror, atol=1e-9)
        np.testing.assert_array_equal(found_scores, expected_scores[flip])


@SETS
def test_left_and_right_are_the_persons_own(source):
    """A person who faces the camera has the left side at larger x; so it has to be in every set."""
    keypoints, scores = person(source)
    keypoints[:, 0] = [{"l_": 1, "r_": -1}.get(name[:2], 0) for name in source]
    for target in (HUMAN36M_17, COCO_17):
        converted, found = convert(keypoints, scores, source, target)
        sides = np.array([{"l_": 1, "r_": -1}.get(name[:2], 0) for name in target])
        np.testing.assert_allclose(converted[found > 0, 0], sides[found > 0])


@SETS
def test_a_score_is_the_lowest_of_the_parts(source):
    keypoints, scores = person(source)
    for missing in range(len(source)):
        scores[missing] = 0
        converted, lowest = convert(keypoints, scores, source, HUMAN36M_17)
        used = conversion(source, HUMAN36M_17)[:, missing] != 0
        np.testing.assert_array_equal(lowest == 0, used)
        assert (converted[used] == 0).all()
        scores[missing] = 1
    scores = np.linspace(0.1, 0.9, len(source))
    weights = conversion(source, HUMAN36M_17)
    expected = [scores[row != 0].min() for row in weights]
    np.testing.assert_array_equal(convert(keypoints, scores, source, HUMAN36M_17)[1], expected)


def test_what_cannot_be_made_is_at_0_with_score_0():
    keypoints, scores = convert(*person(MPII_16), MPII_16, COCO_17)
    lacking = [COCO_17.index(name) for name in ("nose", "l_eye", "r_eye", "l_ear", "r_ear")]
    assert np.flatnonzero(scores == 0).tolist() == lacking
    assert (keypoints[lacking] == 0).all()
    with pytest.raises(InputError, match="nose, tail cannot be made from l_hip"):
        convert(np.zeros((1, 2)), np.ones(1), ("l_hip",), ("nose", "tail"))


def test_leading_axes_and_types_are_kept():
    keypoints, scores = (values.astype(np.float32) for values in person(BODY_25))
    many = np.broadcast_to(keypoints, (4, 3, 25, 2)), np.broadcast_to(scores, (4, 3, 25))
    converted, found = convert(*many, list(BODY_25), HUMAN36M_17)
    assert (converted.shape, found.shape) == ((4, 3, 17, 2), (4, 3, 17))
    assert (converted.dtype, found.dtype) == (np.float32, np.float32)
    alone = convert(keypoints, scores, BODY_25, HUMAN36M_17)[0]
    for frame, place in itertools.product(range(4), range(3)):
        np.testing.assert_allclose(converted[frame, place], alone, rtol=1e-6)
