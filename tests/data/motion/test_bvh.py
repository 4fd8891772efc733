import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_tf.data.motion.bvh import read_bvh
from anatomy_tf.data.motion.joint_mapping import read_mapping
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
    motion = read_bvh(write(arm(words), newline), up="z")
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


def test_y_up_becomes_z_up_and_stays_right_handed(write):
    path = write(arm())
    as_is, turned = read_bvh(path, up="z").positions, read_bvh(path, up="y").positions
    np.testing.assert_allclose(turned[..., 2], as_is[..., 1])
    vectors = [np.diff(positions[0], axis=0) for positions in (as_is, turned)]
    assert np.linalg.det(vectors[0]) == pytest.approx(np.linalg.det(vectors[1]), rel=1e-4)


def test_a_real_motion_comes_back(tmp_path, cmu_test_clips):
    clip = cmu_test_clips[0]
    joints = rigid(clip.joints[:40])
    write_bvh(tmp_path / "motion.bvh", joints, clip.fps)
    (tmp_path / "same.txt").write_text(SAME_POINTS)
    motion = read_bvh(tmp_path / "motion.bvh")
    found = read_mapping(tmp_path / "same.txt").joints(motion) * 0.01
    np.testing.assert_allclose(found, joints, atol=1e-4)
    assert motion.fps == pytest.approx(clip.fps)


def replaced(old, new):
    return arm().replace(old, new, 1)


DAMAGE = {
    "empty": ("", "no MOTION section"),
    "cut in the hierarchy": (arm()[:200], "no MOTION section"),
    "cut in the frames": (arm()[:-20], "cut short or damaged"),
    "a frame less": (arm(values=VALUES[:1]), "says 2 frames, has 1"),
    "no frames": (arm(values=[]), "says 2 frames, has none"),
    "a billion frames": (replaced("Frames: 2", "Frames: 1000000000"), "says 1000000000 frames"),
    "no frame time": (replaced("Frame Time: 0.01", ""), "'Frame Time:' have to follow"),
    "frame time zero": (replaced("0.01", "0"), "Frame Time: 0 is not positive"),
    "frame time NaN": (replaced("0.01", "nan"), "Frame Time: nan is not finite"),
    "frame time tiny": (replaced("0.01", "1e-9"), "frames per second are not a motion"),
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
    "joint twice": (replaced("JOINT Hand", "JOINT Hips"), "two joints Hips"),
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


@fuzz(max_examples=150)
@given(data=st.data())
def test_a_file_with_changed_bytes_is_read_or_refused(write, data):
    path = write(arm())
    with damaged(data, path):
        assert np.isfinite(read_bvh(path).positions).all()
