import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_tf.data.motion.bvh import read_bvh
from anatomy_tf.data.motion.joint_mapping import read_mapping
from anatomy_tf.data.motion.vertical_axis import z_up
from anatomy_tf.errors import InputError
from tests.damage import damaged, fuzz
from tests.data.motion.motion_writing import SAME_POINTS, rigid, write_bvh

ARM = """HIERARCHY
ROOT Hips # a comment
{{
  OFFSET 1.0 2.0 3.0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Yrotation Xrotation
  JOINT Upper Arm {{
    OFFSET 0 10 0
    CHANNELS 3 {order}
    JOINT Hand
    {{
      OFFSET 5 0 -1
      CHANNELS 4 Yposition Xrotation Zrotation Yrotation
      End Site
      {{
        OFFSET 0 0 2
      }}
    }}
  }}
}}
MOTION
Frames: 2
Frame Time: 0.01
{frames}
"""
VALUES = np.array([[4, 5, 6, 10, 20, 30, 40, 50, 60, 7, 70, 80, 90], [0] * 9 + [1, 0, 0, 0.0]])


def arm(order="Zrotation Xrotation Yrotation", values=VALUES):
    rows = "\n".join(" ".join(map(str, row)) for row in values)
    return ARM.format(order=order, frames=rows)


@pytest.fixture
def write(tmp_path):
    def write(text, newline="\n"):
        path = tmp_path / "arm.bvh"
        path.write_text(text, newline=newline)
        return path

    return write


@pytest.mark.parametrize("order", ["ZXY", "XYZ", "YZX"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_positions_are_those_of_an_independent_computation(write, order, newline):
    words = " ".join(f"{axis}rotation" for axis in order)
    motion = read_bvh(write(arm(words), newline))
    for values, positions in zip(VALUES, motion.positions, strict=True):
        hips = Rotation.from_euler("ZYX", values[3:6], degrees=True)
        upper = hips * Rotation.from_euler(order, values[6:9], degrees=True)
        hand = upper * Rotation.from_euler("XZY", values[10:13], degrees=True)
        at_upper = values[:3] + hips.apply([0, 10, 0])
        at_hand = at_upper + upper.apply([5, values[9], -1])
        expected = [values[:3], at_upper, at_hand, at_hand + hand.apply([0, 0, 2])]
        np.testing.assert_allclose(positions, expected, atol=1e-5)
    assert motion.joint_names == ("Hips", "Upper Arm", "Hand", "Hand.end")
    assert motion.parents == (-1, 0, 1, 2)
    assert motion.fps == pytest.approx(100)


def test_a_real_motion_comes_back(tmp_path, cmu_test_clips):
    clip = cmu_test_clips[0]
    joints = rigid(clip.joints[:40])
    write_bvh(tmp_path / "motion.bvh", joints, clip.fps)
    (tmp_path / "same.txt").write_text(SAME_POINTS)
    motion = read_bvh(tmp_path / "motion.bvh")
    mapping = read_mapping(tmp_path / "same.txt").fit(motion)
    found = z_up(mapping.joints(motion), "y") * 0.01
    np.testing.assert_allclose(found, joints, atol=1e-4)
    assert motion.fps == pytest.approx(clip.fps)


def replaced(old, new):
    return arm().replace(old, new, 1)


DAMAGE = {
    "empty": ("", "no MOTION section"),
    "cut in the hierarchy": (arm()[:200], "no MOTION section"),
    "cut in the only frame": (arm(values=VALUES[:1])[:-20], "9 numbers a frame for 13 channels"),
    "cut within a number": (
        arm(values=VALUES[:1]).rstrip("\n"),
        "MOTION: cut short: the only frame is not whole",
    ),
    "short line": (replaced(" 30.0 40.0", " 30.0\n40.0"), "MOTION: damaged"),
    "words at the end": (arm()[:-9] + " x 0.0\n", "MOTION: damaged"),
    "no frames": (arm(values=[]), "says 2 frames, has none"),
    "no frame time": (replaced("Frame Time: 0.01", ""), "'Frame Time:' have to follow"),
    "frame time zero": (replaced("0.01", "0"), "Frame Time: 0 is not positive; --bvh_fps"),
    "frame time NaN": (replaced("0.01", "nan"), "Frame Time: nan is not finite"),
    "frame time tiny": (replaced("0.01", "1e-9"), "frames per second are not a motion; --bvh_fps"),
    "NaN": (replaced("4.0 5.0", "nan 5.0"), "MOTION: frame 0 is not finite"),
    "too large": (replaced("4.0 5.0", "1e300 5.0"), "positions of frame 0 are not finite"),
    "words": (replaced("4.0 5.0", "four 5.0"), "damaged .*'four'"),
    "unknown channel": (replaced("Zrotation X", "Wrotation X"), "no channel 'Wrotation'"),
    "channel twice": (replaced("Zrotation X", "Xrotation X"), "line 8: CHANNELS: a channel comes"),
    "channel count": (replaced("CHANNELS 3", "CHANNELS 4"), "line 8: CHANNELS: the count"),
    "huge channel count": (replaced("CHANNELS 3", "CHANNELS 999999999"), "CHANNELS: the count"),
    "fewer channels": (
        replaced("CHANNELS 3 Zrotation", "CHANNELS 2"),
        "13 numbers a frame for 12 channels",
    ),
    "channels of many digits": (
        replaced("CHANNELS 3 Zrotation", "CHANNELS " + 5000 * "9"),
        "CHANNELS: the count does not match '9+",
    ),
    "offset of words": (replaced("5 0 -1", "5 0 x"), "line 11: OFFSET: '5 0 x' are not numbers"),
    "short offset": (replaced("5 0 -1", "5 0"), "line 11: OFFSET: 2 numbers, expected 3"),
    "open brace": (replaced("}\nMOTION", "MOTION"), "a brace is never closed"),
    "brace too many": (replaced("}\nMOTION", "}\n}\nMOTION"), "'}' outside of a joint"),
    "no brace": (replaced("JOINT Hand\n    {", "JOINT Hand"), "where a brace belongs"),
    "stray brace": (replaced("HIERARCHY", "HIERARCHY {"), "a brace without a joint"),
    "joint without a name": (replaced("JOINT Hand", "JOINT"), "JOINT without a name"),
    "joint as root": (replaced("ROOT", "JOINT"), "JOINT outside of a joint"),
    "nonsense": (replaced("OFFSET 5", "OFFSETS 5"), "'OFFSETS 5 0 -1' is not part of"),
    "beyond the end": (
        replaced("OFFSET 0 0 2", "End Site { OFFSET 0 0 2 }"),
        "END beyond an End Site",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_named_by_file_and_place(write, name):
    text, message = DAMAGE[name]
    with pytest.raises(InputError, match=message) as error:
        read_bvh(write(text))
    assert "arm.bvh: " in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none.bvh: file not found"):
        read_bvh(tmp_path / "none.bvh")


def test_a_few_bytes_cannot_fill_the_memory(write):
    joints = "".join(f"JOINT j{i} {{ OFFSET 0 1 0 }}\n" for i in range(900))
    head = f"HIERARCHY\nROOT r {{ OFFSET 0 0 0 CHANNELS 1 Xposition\n{joints}}}\n"
    head = head.replace(" CHANNELS", "\nCHANNELS")
    frames = "0\n" * 100_000
    text = f"{head}MOTION\nFrames: 100000\nFrame Time: 0.01\n{frames}"
    with pytest.raises(InputError, match="100000 frames of 901 joints are too many at once"):
        read_bvh(write(text))
    with pytest.raises(InputError, match="1801 joints, at most 1000"):
        read_bvh(write(text.replace("}\nMOTION", joints.replace("j", "k") + "}\nMOTION")))


@pytest.mark.parametrize("says", [1, 3, 1000000000])
def test_all_whole_frames_are_read_whatever_the_count_says(write, says):
    motion = read_bvh(write(replaced("Frames: 2", f"Frames: {says}")))
    assert motion.notes == (f"the file says {says} frames and has 2 whole ones",)
    np.testing.assert_array_equal(motion.positions, read_bvh(write(arm())).positions)


@pytest.mark.parametrize("cut", [4, 5, 20, 33])
def test_a_last_frame_that_is_not_whole_is_left_out(write, cut):
    values = np.concatenate([VALUES, VALUES + 1.5])
    whole = read_bvh(write(arm(values=values))).positions
    motion = read_bvh(write(arm(values=values).rstrip("\n")[:-cut]))
    np.testing.assert_array_equal(motion.positions, whole[:3])
    assert motion.notes == (
        "the file says 2 frames and has 3 whole ones",
        "cut short: its last line is not whole and was left out",
    )


def test_a_last_number_that_is_not_whole_is_noticed(write):
    precise = [" ".join(f"{value:.4f}" for value in row) for row in VALUES]
    text = ARM.format(order="Zrotation Xrotation Yrotation", frames="\n".join(precise)).rstrip()
    assert len(read_bvh(write(text))) == 2
    for cut in (1, 4, 5):
        motion = read_bvh(write(text[:-cut]))
        assert len(motion) == 1
        assert motion.notes[-1].startswith("cut short")


def test_a_file_that_ends_within_its_last_number_loses_that_frame(write):
    motion = read_bvh(write(replaced("Frames: 2", "Frames: 4").rstrip("\n")))
    assert len(motion) == 1
    assert motion.notes[-1].startswith("cut short")


@pytest.mark.parametrize("end", ["", "\n\n \n", "\x1a", "\n\x1a\n", "\0\0\0"])
def test_the_end_may_be_filled(write, end):
    motion = read_bvh(write(arm().rstrip("\n") + end))
    assert (len(motion), motion.notes) == (2, ())


def test_a_given_rate_counts_and_a_wrong_one_does_not_matter(write):
    for word in ("0", "nan", "1e-9", "0.01"):
        motion = read_bvh(write(replaced("0.01", word)), fps=60)
        assert (motion.fps, motion.notes) == (60, ("rate as given",))


def test_names_that_come_twice_are_told_apart(write):
    motion = read_bvh(write(replaced("JOINT Hand", "JOINT Hips")))
    assert motion.joint_names == ("Hips", "Upper Arm", "Hips.2", "Hips.2.end")
    assert motion.notes == ("another joint Hips, called Hips.2",)
    ends = "End Site { OFFSET 0 0 2 }\n".replace(" OFFSET", "\nOFFSET").replace(" }", "\n}")
    motion = read_bvh(write(replaced("      End Site", f"{ends}{ends}      End Site")))
    assert motion.joint_names[3:] == ("Hand.end", "Hand.end.2", "Hand.end.3")
    assert motion.notes == ()
    nothing = ends.replace("0 0 2", "0 0 0")
    motion = read_bvh(write(replaced("      End Site", f"{nothing}{ends}      End Site")))
    assert motion.joint_names[3:] == ("Hand.end.2", "Hand.end", "Hand.end.3")


def test_the_rest_pose_is_that_of_the_offsets(write):
    rest = read_bvh(write(arm())).rest
    np.testing.assert_allclose(rest, [[1, 2, 3], [1, 12, 3], [6, 12, 2], [6, 12, 4]])


@fuzz(max_examples=50)
@given(data=st.data())
def test_a_file_with_changed_bytes_is_read_or_refused(write, data):
    path = write(arm())
    with damaged(data, path):
        assert np.isfinite(read_bvh(path).positions).all()
