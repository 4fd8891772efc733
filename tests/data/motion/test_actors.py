import re

import numpy as np
import pytest

from anatomy_tf.data.motion.actors import TYPICAL_LENGTHS, draw_lengths, retarget
from anatomy_tf.data.motion.bone_sizes import body_length, bone_lengths
from anatomy_tf.data.motion.frames import pieces, resample
from anatomy_tf.data.motion.joint_motion import Motion
from anatomy_tf.data.motion.units import UNITS, find_metres_per_unit
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17
from tests.data.motion.motion_writing import rigid

NEAR, FAR = H36M_17.bones.T


def bones(joints):
    vectors = joints[:, FAR] - joints[:, NEAR]
    lengths = np.linalg.norm(vectors, axis=-1)
    return vectors / lengths[..., np.newaxis], lengths


@pytest.fixture(scope="module")
def walking(cmu_test_clips):
    clip = next(clip for clip in cmu_test_clips if clip.action == "walking")
    return rigid(clip.joints)


def test_actors_are_as_varied_as_people():
    drawn = np.array([draw_lengths(np.random.default_rng(seed)) for seed in range(2000)])
    names = [H36M_17.joint_names[joint] for joint in FAR]
    typical = np.array([TYPICAL_LENGTHS[name.split("_")[-1]] for name in names])
    np.testing.assert_allclose(drawn.mean(axis=0), typical, rtol=0.01)
    statures = drawn.sum(axis=1) / typical.sum()
    assert 0.05 < statures.std() < 0.07
    proportions = drawn / typical / statures[:, np.newaxis]
    assert 0.03 < proportions.std(axis=0).mean() < 0.045
    left = np.array([names.index(n) for n in names if n.startswith("l_")])
    right = np.array([names.index("r" + names[bone][1:]) for bone in left])
    difference = np.abs(drawn[:, left] / drawn[:, right] - 1)
    assert 0.004 < difference.max() < 0.0051


def test_directions_stay_and_lengths_are_the_actors(walking):
    lengths = draw_lengths(np.random.default_rng(3))
    moved = retarget(walking, lengths, 50)
    directions, found = bones(moved)
    np.testing.assert_allclose(found, np.broadcast_to(lengths, found.shape), atol=1e-9)
    np.testing.assert_allclose(directions, bones(walking)[0], atol=1e-6)


def test_the_motion_itself_comes_back_on_its_own_bones(walking):
    moved = retarget(walking, bones(walking)[1][0], 50)
    shift = moved - walking
    np.testing.assert_allclose(shift, np.broadcast_to(shift[0, 0], shift.shape), atol=1e-5)


def test_the_standing_foot_stays_put(walking):
    lengths = bones(walking)[1][0].copy()
    lengths[[0, 3]] *= 1.2  # wider hips
    lengths[[1, 4]] *= 1.15  # longer thighs
    lengths[[2, 5]] *= 0.9
    moved = retarget(walking, lengths, 50)
    scale = lengths[[1, 2, 4, 5]].sum() / bones(walking)[1][0][[1, 2, 4, 5]].sum()
    ankles = [3, 6]
    before, after = (
        np.linalg.norm(np.diff(joints[:, ankles, :2], axis=0), axis=-1) * 50
        for joints in (scale * walking, moved)
    )
    naive = moved - moved[:, :1] + scale * walking[:, :1]
    uncorrected = np.linalg.norm(np.diff(naive[:, ankles, :2], axis=0), axis=-1) * 50
    frames, standing = np.arange(len(before)), before.argmin(axis=1)
    slides = [(speeds - before)[frames, standing].mean() for speeds in (after, uncorrected)]
    assert slides[0] < 0.4 * slides[1]
    assert 0 < np.percentile(moved[:, ankles, 2], 5) < 0.12


def test_resampling_is_exact_on_cubics_and_the_identity_at_the_same_rate():
    times = np.arange(121) / 120
    cubic = np.stack([times, times**2, 2 * times**3], axis=-1)[:, np.newaxis]
    at_50 = resample(cubic, 120)
    times = np.arange(51) / 50
    expected = np.stack([times, times**2, 2 * times**3], axis=-1)[:, np.newaxis]
    np.testing.assert_allclose(at_50, expected, atol=1e-9)
    np.testing.assert_allclose(resample(expected, 50), expected, atol=1e-12)


@pytest.mark.parametrize("frames", [49, 50, 1500, 1501, 4000])
def test_pieces_cover_every_frame_once(frames):
    parts = pieces(frames, longest=1500, shortest=50)
    covered = [frame for part in parts for frame in range(frames)[part]]
    assert covered == (list(range(frames)) if frames >= 50 else [])
    assert all(part.stop - part.start <= 1500 for part in parts)


def motion_in(unit, walking, says=None):
    return Motion("a.bvh", H36M_17.joint_names, H36M_17.parents, 50.0, walking / unit, says)


@pytest.mark.parametrize("unit", UNITS)
def test_the_unit_is_told_by_the_person(unit, walking):
    motion = motion_in(UNITS[unit], walking)
    found, note = find_metres_per_unit(motion, motion.positions)
    assert found == UNITS[unit]
    assert unit in note


def test_what_the_file_says_counts_unless_it_cannot_be(walking):
    said = motion_in(0.011, walking, says=0.011)
    assert find_metres_per_unit(said, said.positions) == (0.011, "as the file says")
    wrong = motion_in(0.01, walking, says=3.0)
    assert find_metres_per_unit(wrong, wrong.positions)[0] == 0.01


def test_nobody_of_that_size_is_refused(walking):
    odd = motion_in(0.2, walking)
    with pytest.raises(InputError, match=r"a.bvh: a person of .* units is none in metres"):
        find_metres_per_unit(odd, odd.positions)
    with pytest.raises(InputError, match=r"a.bvh: with --unit=1 the person is .* m tall"):
        find_metres_per_unit(odd, odd.positions, 1.0)
    flat = odd.positions.copy()
    flat[:, 10] = flat[:, 9]
    with pytest.raises(InputError, match="the bone to head has no length; check the mapping"):
        find_metres_per_unit(odd, flat)


def test_a_size_that_few_people_have_is_named(walking):
    small = motion_in(0.0254, walking * 0.7)
    metres, note = find_metres_per_unit(small, small.positions)
    assert metres == 0.0254
    assert re.search(r"inch, which makes a child of 1.\d\d m .* with thighs of 3\d and shins", note)
    tall = motion_in(0.01, walking * 1.3)
    for found, note in (
        find_metres_per_unit(tall, tall.positions),
        find_metres_per_unit(tall, tall.positions, 0.01),
    ):
        assert found == 0.01
        assert "a giant of 2." in note


@pytest.mark.parametrize(
    ("joints", "factor", "message"),
    [
        ((2, 5), 0.3, "the thighs are 0.3.* times as long as the shins"),
        ((2, 5), 4, r"the thighs are 4.\d times as long as the shins"),
        ((12, 15), 5, "the upper arms are 5.* times as long as the forearms"),
        ((9, 10), 9, "the legs are 0.* of the way"),
        ((13,), 2, "a limb is 2 times as long as that of the other side"),
    ],
)
def test_bodies_that_nobody_has_are_refused(walking, joints, factor, message):
    directions, lengths = bones(walking)
    for joint in joints:
        lengths[:, list(FAR).index(joint)] *= factor
    odd = H36M_17.path_matrix @ (directions * lengths[..., np.newaxis])
    odd *= 1.5 / body_length(bone_lengths(odd))
    with pytest.raises(InputError, match=f"a.bvh: no person is built so: {message}") as error:
        find_metres_per_unit(motion_in(1, odd), odd, 1.0)
    assert "check the mapping" in str(error.value)
