import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_tf.data.motion.bvh import read_bvh
from anatomy_tf.data.motion.captured import Reading, read_captured
from anatomy_tf.data.motion.joint_mapping import fitting_mapping
from anatomy_tf.data.motion.vertical_axis import AUTO, UPS, choose_up, find_up, z_up
from anatomy_tf.errors import InputError
from tests.data.motion.walking_person import Person

LYING = Rotation.from_euler("x", 90, degrees=True)
HEAD_DOWN = Rotation.from_euler("z", 180, degrees=True)


@pytest.fixture
def seen(tmp_path):
    """The joints of a person as the file has them, and at rest."""

    def seen(**arguments):
        path = tmp_path / "person.bvh"
        path.write_text(Person(**arguments).text())
        motion = read_bvh(path)
        mapping = fitting_mapping(motion).fit(motion)
        return mapping.joints(motion), mapping.rest(motion)

    return seen


@pytest.mark.parametrize("up", UPS)
def test_any_axis_becomes_z_and_stays_right_handed(up):
    turn = z_up(np.eye(3), up)
    assert np.linalg.det(turn) == pytest.approx(1)
    axis = (-1 if up[0] == "-" else 1) * np.eye(3)["xyz".index(up[-1])]
    np.testing.assert_array_equal(z_up(axis, up), [0, 0, 1])


@pytest.mark.parametrize("up", UPS)
def test_the_axis_is_found_and_the_motion_is_the_same(tmp_path, up):
    found = []
    for axis in ("y", up):
        (tmp_path / "walk.bvh").write_text(Person(up=axis).text())
        found.append(read_captured(tmp_path / "walk.bvh", tmp_path, Reading()))
    assert f"{up} up (found: upright along {up} in 100% of the frames)" in found[1].notes
    np.testing.assert_allclose(found[1].segments[0], found[0].segments[0], atol=1e-5)
    heights = found[1].segments[0][..., 2]
    assert (heights[:, 10] - heights[:, 3]).min() > 1.4


@pytest.mark.parametrize("up", ["y", "z", "x", "-y"])
@pytest.mark.parametrize(("posture", "height"), [(LYING, 15), (LYING.inv(), 15), (HEAD_DOWN, 105)])
def test_the_floor_and_the_rest_pose_tell_who_lies_or_stands_on_the_head(seen, up, posture, height):
    for speed in (0, 3):
        found = find_up(*seen(up=up, posture=posture, start=(0, height, 0), speed=speed))
        assert (found.up, found.certain) == (up, True)
        assert "the rest pose along" in found.reason


@pytest.mark.parametrize("up", ["y", "z"])
@pytest.mark.parametrize("angle", [90, -90])
def test_a_rest_pose_that_lies_does_not_turn_who_walks(seen, up, angle):
    rest = Rotation.from_euler("x", angle, degrees=True)
    found = find_up(*seen(up=up, rest=rest))
    assert (found.up, found.certain) == (up, True)
    # On the spot, at the origin, nothing tells it from somebody who lies; standing is more likely.
    found = find_up(*seen(up=up, rest=rest, start=(0, 0, 0), speed=0))
    assert (found.up, found.certain) == (up, False)


def test_a_rest_pose_that_is_no_pose_says_nothing(seen):
    joints, rest = seen(up="z")
    folded = np.abs(rest)  # legs beside the trunk
    assert find_up(joints, folded) == find_up(joints, None)
    assert find_up(joints, None).up == "z"


def test_what_is_assumed_is_said(seen):
    joints, _ = seen(posture=Rotation.from_euler("xy", [90, 45], degrees=True), start=(0, 15, 0))
    up, note = choose_up("a.bvh", joints, None, AUTO)
    assert (up, note) == (
        "y",
        "assumed, --up gives another: the person is upright along no axis",
    )
    up, note = choose_up("a.bvh", joints, None, "z")
    assert (up, note[:37]) == ("z", "as given, the body does not tell: the")


def test_an_axis_that_contradicts_the_body_is_refused(tmp_path):
    (tmp_path / "walk.bvh").write_text(Person(up="z").text())
    with pytest.raises(InputError, match=r"walk.bvh: with --up=y the person lies .* try --up=z"):
        read_captured(tmp_path / "walk.bvh", tmp_path, Reading(up="y"))
    notes = read_captured(tmp_path / "walk.bvh", tmp_path, Reading(up="z")).notes
    assert "z up (as given)" in notes


def test_floor_work_does_not_outvote_standing(seen):
    standing, rest = seen(frames=30, speed=0)
    lying, _ = seen(frames=90, posture=LYING, start=(0, 15, 0), speed=0)
    both = np.concatenate([standing, lying])
    assert find_up(both, rest).up == "y"
    assert find_up(both, None).up == "y"
