import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_tf.data.motion.acclaim import read_asf
from anatomy_tf.data.motion.acclaim_motion import read_amc
from anatomy_tf.errors import InputError
from tests.damage import changed, fuzz, reads_or_refuses
from tests.data.motion.motion_writing import AMC, ASF


@pytest.fixture
def read(tmp_path):
    def read(asf=ASF, amc=AMC, **arguments):
        (tmp_path / "01.asf").write_text(asf)
        (tmp_path / "01_01.amc").write_text(amc)
        return read_amc(tmp_path / "01_01.amc", read_asf(tmp_path / "01.asf"), **arguments)

    return read


def fixed(order, angles):
    """About fixed axes, the first one first: SciPy's small letters."""
    return Rotation.from_euler(order, angles, degrees=True)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_positions_are_those_of_an_independent_computation(read, newline):
    motion = read(ASF.replace("\n", newline), AMC.replace("\n", newline))
    assert motion.joint_names == ("root", "lhip", "lfemur", "ltibia")
    assert motion.parents == (-1, 0, 1, 2)
    frames = (
        ([9.4, 17.9, -17.3], [-2.0, -7.6, -3.2], [10, 20, 30], [26.4, -5]),
        ([9.5, 17.8, -17.2], [40, 50, 60], [-0.6, 4.7, 22.5], [1, 2]),
    )
    for (place, root, femur, tibia), positions in zip(frames, motion.positions, strict=True):
        axes = fixed("xyz", [10, 20, 30])
        turn = axes * fixed("xyz", root) * axes.inv()
        at_root = np.array(place) + [1, 2, 3]
        at_hip = at_root + turn.apply([0.6 * 2.5, -0.8 * 2.5, 0])
        axes = fixed("xyz", [5, 10, 20])
        turn = turn * axes * fixed("xyz", femur) * axes.inv()
        leg = np.array([0.34202, -0.939693, 0])
        at_knee = at_hip + turn.apply(leg / np.linalg.norm(leg) * 7.1578)
        axes = fixed("zyx", [0, 0, 20])
        turn = turn * axes * fixed("zx", tibia) * axes.inv()
        at_ankle = at_knee + turn.apply(leg / np.linalg.norm(leg) * 7.49137)
        np.testing.assert_allclose(positions, [at_root, at_hip, at_knee, at_ankle], atol=1e-4)


def test_units_and_rates(read):
    motion = read(fps=60)
    assert motion.fps == 60
    assert motion.metres_per_unit == pytest.approx(0.0564444, rel=1e-5)
    assert read(metres_per_unit=0.5).metres_per_unit == 0.5


def test_a_motion_may_say_that_its_angles_are_radians(read):
    lines = []
    for line in AMC.replace(":DEGREES", ":RADIANS").splitlines():
        name, *words = line.split()
        shifts = 3 if name == "root" else 0
        if words and name[0].isalpha():
            angles = [repr(float(np.radians(float(word)))) for word in words[shifts:]]
            line = " ".join([name, *words[:shifts], *angles])
        lines.append(line)
    found = read(amc="\n".join(lines)).positions
    np.testing.assert_allclose(found, read().positions, atol=1e-5)


def asf(old, new):
    return {"asf": ASF.replace(old, new, 1)}


def amc(old, new):
    return {"amc": AMC.replace(old, new, 1)}


DAMAGE = {
    "empty skeleton": ({"asf": ""}, "01.asf: no :root section"),
    "cut short": ({"asf": ASF[:400]}, "01.asf: no :hierarchy section"),
    "cut in a bone": (asf("dof rz rx\n    limits (-10.0 170.0)\n  end", ""), "cut short within a"),
    "no bones": (asf(":bonedata", ":skin"), "no :bonedata section"),
    "bone twice": (asf("name ltibia", "name lfemur"), "there are two bones lfemur"),
    "no length": (asf("length 2.5", ""), "the bone has no length"),
    "length NaN": (asf("length 2.5", "length nan"), "bone lhip: length: nan is not finite"),
    "length negative": (asf("length 2.5", "length -2"), "length -2 along"),
    "no direction": (asf("0.6 -0.8 0", "0 0 0"), "length 2.5 along 0 0 0"),
    "scale zero": (asf("length 0.45", "length 0"), ":units length 0 is not positive"),
    "stretching": (asf("dof rz rx", "dof rz l"), "bone ltibia: dof: 'l' is not supported"),
    "dof twice": (asf("dof rz rx", "dof rx RX"), "dof: 'rx RX' has one twice"),
    "axis order": (asf("0 0 0 XYZ", "0 0 0 XXZ"), "bone lhip: axis: there is no order 'xxz'"),
    "unknown child": (asf("lhip lfemur", "lhip femur"), "there is no bone femur"),
    "cycle": (asf("root lhip", "ltibia lhip"), ":hierarchy: lhip does not hang on the root"),
    "loop": (asf("root lhip", "root lhip\n    ltibia lhip"), "lhip hangs in two places"),
    "own child": (asf("root lhip", "root lhip\n    root root"), "root hangs in two places"),
    "orphan": (asf("lfemur ltibia", ""), "ltibia does not hang on the root"),
    "no frames": ({"amc": ":DEGREES\n"}, "01_01.amc: there are no frames"),
    "no motion": ({"amc": ""}, "01_01.amc: there are no frames"),
    "cut in the only frame": ({"amc": AMC[:110]}, "frame 1: (ltibia|lfemur)"),
    "unknown angle": (asf("angle deg", "angle grad"), "'grad' is neither degrees nor radians"),
    "unknown unit": (asf("mass 1.0", "weight 1.0"), "line 5: :units: there is no 'weight'"),
    "unknown section": (asf(":units", ":unit"), "line 4: there is no section :unit"),
    "unknown bone field": (asf("axis 5", "axes 5"), "line 2\\d: a bone has no 'axes'"),
    "unknown root field": (asf("orientation", "orient"), "root: there is no 'orient', only order"),
    "unknown header": (amc(":DEGREES", ":GRADS"), "line 3: 'grads' is neither degrees nor"),
    "missing in the middle": (amc("lfemur 10 20 30\n", ""), "frame 1: lfemur is missing"),
    "bone missing": (amc("ltibia 26.4 -5\n", ""), "01_01.amc: frame 1: ltibia is missing"),
    "numbers missing": (amc("26.4 -5", "26.4"), "frame 1: ltibia: 1 numbers, expected 2"),
    "NaN in a frame": (amc("26.4", "nan"), "frame 1: ltibia: nan -5 is not finite"),
    "too large": (amc("9.4", "1e300"), "positions of frame 0 are not finite"),
    "words": (amc("26.4", "x"), "line 7: frame 1: ltibia: 'x -5' are not numbers"),
    "another skeleton": (amc("lfemur 10", "rfemur 10"), "bone rfemur has no numbers in .*01.asf"),
    "given twice": (amc("ltibia 26.4 -5", "lfemur 1 2 3"), "frame 1 has lfemur twice"),
    "no frame number": (amc("\n1\n", "\n"), "line 4: .* before the first frame"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_named_by_file_and_place(read, name):
    texts, message = DAMAGE[name]
    with pytest.raises(InputError, match=message) as error:
        read(**texts)
    assert "\n" not in str(error.value)


def test_missing_files_are_named(read, tmp_path):
    read()
    skeleton = read_asf(tmp_path / "01.asf")
    with pytest.raises(InputError, match=r"none.amc: file not found"):
        read_amc(tmp_path / "none.amc", skeleton)
    with pytest.raises(InputError, match=r"none.asf: file not found"):
        read_asf(tmp_path / "none.asf")


@fuzz(max_examples=66)
@given(data=st.data(), kind=st.sampled_from(["asf", "amc"]))
def test_a_file_with_changed_bytes_is_read_or_refused(read, data, kind):
    text = changed(data, {"asf": ASF, "amc": AMC}[kind].encode()).decode(errors="replace")
    with reads_or_refuses():
        assert np.isfinite(read(**{kind: text}).positions).all()


def spelled_otherwise(text):
    """Every keyword in another case."""
    lines = []
    for line in text.splitlines():
        word, *rest = line.split()
        name = ["name", *rest] if word == "name" else None
        lines.append(" ".join(name or [word.upper(), *rest]))
    return "\n".join(lines)


def test_keywords_and_names_are_read_in_any_case(read):
    asf = spelled_otherwise(ASF).replace("ROOT lhip", "Root LHIP")
    amc = AMC.replace("lfemur", "LFemur").replace("root", "ROOT").replace(":DEGREES", ":Degrees")
    found = read(asf, amc)
    assert found.joint_names == read().joint_names
    np.testing.assert_array_equal(found.positions, read().positions)


@pytest.mark.parametrize("word", ["degrees", "DEG", "Degree", "degs"])
def test_degrees_are_spelled_in_many_ways(read, word):
    found = read(ASF.replace("angle deg", f"angle {word}"), AMC.replace(":DEGREES\n", ""))
    np.testing.assert_array_equal(found.positions, read().positions)


@pytest.mark.parametrize("word", ["radians", "RAD", "Radian"])
def test_radians_are_spelled_in_many_ways(read, word):
    turned = ASF.replace("angle deg", f"ANGLE {word}")
    for degrees in ("10 20 30", "5 10 20", "0 -7.62852e-016 20"):
        angles = [repr(float(np.radians(float(angle)))) for angle in degrees.split()]
        turned = turned.replace(degrees, " ".join(angles))
    np.testing.assert_allclose(read(turned).positions, read().positions, atol=1e-5)


def test_degrees_that_are_called_radians_are_refused(read):
    with pytest.raises(InputError, match=r"30 radians: the file's are degrees"):
        read(ASF.replace("angle deg", "angle rad"))


def test_a_last_frame_that_is_not_whole_is_left_out(read):
    for cut in (12, 25, 42, 61):
        motion = read(amc=AMC[:-cut])
        assert motion.notes[-1] == "cut short: frame 2 is not whole and is left out"
        np.testing.assert_array_equal(motion.positions, read().positions[:1])


def test_the_end_may_be_filled(read):
    for end in ("\n\n\n", "\x1a", "\r\n\x1a\0\0\0"):
        np.testing.assert_array_equal(read(amc=AMC + end).positions, read().positions)
        assert len(read(amc=AMC + end).notes) == 1


def test_a_file_may_say_its_rate(read):
    said = AMC.replace(":DEGREES", ":DEGREES\n:SAMPLES-PER-SECOND 60")
    assert read(amc=said).fps == 60
    assert read(amc=said, fps=30).fps == 30
    assert read().fps == 120
