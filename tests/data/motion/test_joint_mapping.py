import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.data.motion.joint_mapping import fitting_mapping, read_mapping, shipped_mappings
from anatomy_tf.data.motion.joint_motion import Motion
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17
from tests.damage import damaged, fuzz
from tests.data.motion.motion_writing import RIG_NAMES, SAME_POINTS

ACCLAIM = (
    *("root", "lhipjoint", "lfemur", "ltibia", "rhipjoint", "rfemur", "rtibia", "lowerback"),
    *("upperback", "thorax", "lowerneck", "upperneck", "head", "lclavicle", "lhumerus", "lradius"),
    *("rclavicle", "rhumerus", "rradius"),
)
LIMBS = ("UpLeg", "Leg", "Foot", "Shoulder", "Arm", "ForeArm", "Hand")
PLAIN = ("Hips", *(f"{s}{limb}" for s in ("Left", "Right") for limb in LIMBS))
PLAIN = (*PLAIN, "Spine", "Spine1", "Neck", "Head")
DAZ = ("Thigh", "Shin", "Foot", "Shldr", "ForeArm", "Hand")
BIOVISION = ("Hip", "Knee", "Ankle", "Collar", "Shoulder", "Elbow", "Wrist")
RIGS = {
    "cmu_acclaim": ACCLAIM,
    "cmu_bvh": (*PLAIN, "LHipJoint", "Neck1", "Head.end"),
    "humanoid": (*PLAIN, "Head.end"),
    "daz": ("hip", "abdomen", "chest", "neck", "head", *(s + d for s in "lr" for d in DAZ)),
    "biovision": (
        *("Hips", "Chest", "Neck", "Head", "Head.end"),
        *(s + limb for s in ("Left", "Right") for limb in BIOVISION),
    ),
}


def rig(names, seed=0):
    positions = np.random.default_rng(seed).normal(size=(3, len(names), 3)).astype(np.float32)
    return Motion("test.bvh", tuple(names), (-1, *range(len(names) - 1)), 50.0, positions)


def joint(found, name):
    return found[:, H36M_17.joint_names.index(name)]


@pytest.mark.parametrize("name", RIGS)
def test_the_ready_made_mapping_that_fits_is_found(name):
    assert fitting_mapping(rig(RIGS[name])).name == name


def test_every_ready_made_mapping_has_a_rig_here():
    assert sorted(mapping.name for mapping in shipped_mappings()) == sorted(RIGS)


@pytest.mark.parametrize("mapping", shipped_mappings(), ids=lambda mapping: mapping.name)
def test_left_and_right_mirror_each_other(mapping):
    def mirrored(name):
        for a, b in (("Left", "Right"), ("left", "right"), ("l", "r")):
            for here, there in ((a, b), (b, a)):
                if name.startswith(here):
                    return there + name[len(here) :]
        raise AssertionError(name)

    for left, right in zip(H36M_17.left, H36M_17.right, strict=True):
        left, right = (mapping.points[H36M_17.joint_names[j]] for j in (left, right))
        expected = tuple({mirrored(name): weight for name, weight in p.items()} for p in left)
        assert right == expected


@pytest.mark.parametrize("prefix", ["mixamorig:", "mixamorig_", "Scene:Person1_", "Bip01 "])
def test_prefixes_of_all_names_do_not_matter(prefix):
    plain, prefixed = rig(RIGS["humanoid"]), rig([prefix + name for name in RIGS["humanoid"]])
    found = fitting_mapping(prefixed)
    assert found.name == "humanoid"
    np.testing.assert_array_equal(found.joints(prefixed), fitting_mapping(plain).joints(plain))


def test_joints_are_weighted_means(tmp_path):
    motion = rig(RIGS["humanoid"])
    at = {name: motion.positions[:, i] for i, name in enumerate(motion.joint_names)}
    text = SAME_POINTS.replace("pelvis = Hips", "pelvis = LeftUpLeg, RightUpLeg # a mean")
    text = text.replace("neck = Head", "neck = 0.3 Head, 0.7 Head.end")
    text = text.replace("head = HeadTop_End", "head = HeadTop_End | 2 Head, -1 Neck")
    (tmp_path / "own.txt").write_text(f"# mine\n\n{text}")
    found = read_mapping(tmp_path / "own.txt").joints(motion)
    close = {"rtol": 1e-5, "atol": 1e-6}
    np.testing.assert_allclose(
        joint(found, "pelvis"), (at["LeftUpLeg"] + at["RightUpLeg"]) / 2, **close
    )
    np.testing.assert_allclose(
        joint(found, "neck"), 0.3 * at["Head"] + 0.7 * at["Head.end"], **close
    )
    np.testing.assert_allclose(joint(found, "head"), 2 * at["Head"] - at["Neck"], **close)
    np.testing.assert_allclose(joint(found, "l_wrist"), at["LeftHand"], **close)


def test_what_is_missing_is_named_with_what_is_there(tmp_path):
    names = [name for name in RIGS["humanoid"] if name not in ("LeftArm", "Neck")]
    with pytest.raises(
        InputError, match="humanoid, the nearest, needs Neck, LeftArm; there are Hips, LeftUpLeg"
    ):
        fitting_mapping(rig(names))
    (tmp_path / "own.txt").write_text(SAME_POINTS)
    with pytest.raises(InputError, match="test.bvh: mapping own needs HeadTop_End; there are Hips"):
        read_mapping(tmp_path / "own.txt").joints(rig(RIGS["humanoid"]))


DAMAGE = {
    "no line": (SAME_POINTS.replace("neck = Head\n", ""), "own.txt: no line for neck"),
    "twice": (SAME_POINTS + "neck = Head\n", "line 18: neck has a line already"),
    "no equals": (SAME_POINTS + "neck Head\n", "line 18: expected `joint = names`"),
    "unknown": (SAME_POINTS + "nose = Head\n", "line 18: no joint nose; there are pelvis, r_hip"),
    "no name": (SAME_POINTS.replace("neck = Head", "neck = Head,"), "neck: a name is missing"),
    "nothing": (SAME_POINTS.replace("neck = Head", "neck ="), "neck: a name is missing in ''"),
    "no weight": (SAME_POINTS.replace("neck = Head", "neck = 0 Head"), "weights sum to 0"),
    "cancelled": (SAME_POINTS.replace("= Head\n", "= 1 Head, -1 Neck\n"), "weights sum to 0"),
    "huge": (SAME_POINTS.replace("= Head\n", f"= {'9' * 400} Head\n"), "weights sum to inf"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_mistakes_are_named_by_line(tmp_path, name):
    text, message = DAMAGE[name]
    (tmp_path / "own.txt").write_text(text)
    with pytest.raises(InputError, match=message) as error:
        read_mapping(tmp_path / "own.txt")
    assert "\n" not in str(error.value)


@fuzz(max_examples=100)
@given(data=st.data())
def test_a_file_with_changed_bytes_is_read_or_refused(tmp_path, data):
    path = tmp_path / "own.txt"
    path.write_text(SAME_POINTS)
    with damaged(data, path):
        assert read_mapping(path).joints(rig(RIG_NAMES.values())).shape == (3, 17, 3)
