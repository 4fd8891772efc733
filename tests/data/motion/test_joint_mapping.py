import re

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
PARTS = {
    "bandai_namco": (
        "{}_{side}",
        ("joint_Root", "Hips", "Spine", "Chest", "Neck", "Head"),
        ("Shoulder", "UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot", "Toes"),
        "LR",
    ),
    "biped": (
        "Bip01 {side} {}",
        tuple(f"Bip01{n}" for n in ("", " Pelvis", " Spine", " Spine1", " Neck", " Head")),
        ("Clavicle", "UpperArm", "Forearm", "Hand", "Thigh", "Calf", "Foot", "Toe0"),
        "LR",
    ),
    "iclone": (
        "CC_Base_{side}_{}",
        (
            *("RL_BoneRoot", "CC_Base_Hip", "CC_Base_Pelvis", "CC_Base_Waist", "CC_Base_Spine01"),
            *("CC_Base_Spine02", "CC_Base_NeckTwist01", "CC_Base_NeckTwist02", "CC_Base_Head"),
        ),
        ("Clavicle", "Upperarm", "Forearm", "Hand", "Thigh", "Calf", "Foot", "ToeBase"),
        "LR",
    ),
    "makehuman": (
        "{}.{side}",
        ("root", *(f"spine0{n}" for n in range(5, 0, -1)), "neck01", "neck02", "head"),
        (
            *("clavicle", "shoulder01", "upperarm01", "upperarm02", "lowerarm01", "lowerarm02"),
            *("wrist", "pelvis", "upperleg01", "upperleg02", "lowerleg01", "lowerleg02", "foot"),
        ),
        "LR",
    ),
    "mocapnet": (
        "{side}{}",
        ("hip", "abdomen", "chest", "neck", "head", "lefteye"),
        ("collar", "shoulder", "elbow", "hand", "buttock", "hip", "knee", "foot"),
        "lr",
    ),
    "rokoko": (
        "{side}{}",
        ("Hips", "Spine1", "Spine2", "Spine3", "Spine4", "Neck", "Head"),
        ("Shoulder", "Arm", "ForeArm", "Hand", "Thigh", "Shin", "Foot", "Toe"),
        ("Left", "Right"),
    ),
    "smpl": (
        "m_avg_{side}_{}",
        tuple(
            f"m_avg_{n}" for n in ("root", "Pelvis", "Spine1", "Spine2", "Spine3", "Neck", "Head")
        ),
        ("Collar", "Shoulder", "Elbow", "Wrist", "Hand", "Hip", "Knee", "Ankle", "Foot"),
        "LR",
    ),
    "unity": (
        "{side}{}",
        ("Hips", "Spine", "Chest", "UpperChest", "Neck", "Head"),
        ("Shoulder", "UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot", "Toes"),
        ("Left", "Right"),
    ),
    "unreal": (
        "{}_{side}",
        ("root", "pelvis", "spine_01", "spine_02", "spine_03", "neck_01", "head"),
        ("clavicle", "upperarm", "lowerarm", "hand", "thigh", "calf", "foot", "ball"),
        "lr",
    ),
    "xsens": (
        "{side}{}",
        ("Pelvis", "L5", "L3", "T12", "T8", "Neck", "Head"),
        ("Shoulder", "UpperArm", "ForeArm", "Hand", "UpperLeg", "LowerLeg", "Foot", "Toe"),
        ("Left", "Right"),
    ),
}
"""How names are made: with a side, without one, the parts of a side, and the sides."""
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


for _rig, (_form, _middle, _parts, _sides) in PARTS.items():
    _limbs = (_form.format(part, side=side) for side in _sides for part in _parts)
    RIGS[_rig] = (*_middle, *_limbs)


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
        pairs = ("Left", "Right"), ("left", "right"), ("L", "R"), ("l", "r")
        other = {here: there for pair in pairs for here, there in (pair, pair[::-1])}
        for side in ("(?i)left|right", "(?<![A-Za-z])[LRlr](?![a-z])", "^[lr]"):
            found, count = re.subn(side, lambda match: other[match[0]], name, count=1)
            if count:
                return found
        raise AssertionError(name)

    for left, right in zip(H36M_17.left, H36M_17.right, strict=True):
        left, right = (mapping.points[H36M_17.joint_names[j]] for j in (left, right))
        expected = tuple({mirrored(name): weight for name, weight in p.items()} for p in left)
        assert right == expected


def assert_same_points(names, plain):
    """A rig is read as another one, the joints of which are in the same order."""
    motion, base = rig(names), rig(plain)
    found = fitting_mapping(motion)
    assert found.name == fitting_mapping(base).name
    fitted = found.fit(motion)
    assert fitted.doubtful == ()
    np.testing.assert_array_equal(
        fitted.joints(motion), fitting_mapping(base).fit(base).joints(base)
    )


@pytest.mark.parametrize("name", RIGS)
@pytest.mark.parametrize(
    "spell", [str.upper, str.lower, lambda name: f"ns:{name}", lambda name: name.replace("_", " ")]
)
def test_case_signs_and_namespaces_do_not_matter(name, spell):
    assert_same_points([spell(joint) for joint in RIGS[name]], RIGS[name])


def test_smpl_comes_with_whole_words_too():
    words = {"L_": "left_", "R_": "right_"}
    names = [joint.removeprefix("m_avg_") for joint in RIGS["smpl"]]
    for side, word in words.items():
        names = [re.sub(f"^{side}", word, joint) for joint in names]
    assert_same_points([joint.lower() for joint in names], RIGS["smpl"])


@pytest.mark.parametrize("prefix", ["mixamorig_", "Bip001 ", "Actor-1:"])
@pytest.mark.parametrize("name", ["humanoid", "unity", "unreal", "biovision"])
def test_helper_joints_may_lack_what_stands_before_the_others(name, prefix):
    helpers = ("Armature", "Ground", "Prop")
    prefixed = [*helpers, *(prefix + joint for joint in RIGS[name])]
    assert_same_points(prefixed, [*helpers, *RIGS[name]])


def test_a_name_that_two_joints_have_is_said():
    names = [f"{person}:{name}" for person in ("ann", "bob") for name in RIGS["humanoid"]]
    motion = rig(names)
    fitted = fitting_mapping(motion).fit(motion)
    assert "LeftUpLeg" in fitted.doubtful
    assert not fitted.weights[:, len(RIGS["humanoid"]) :].any()


@pytest.mark.parametrize("name", sorted({*RIGS} - {"cmu_acclaim", "cmu_bvh", "daz"}))
def test_without_a_neck_joint_its_place_is_between_the_shoulders(name):
    necks = re.compile("neck(?!twist02)", re.IGNORECASE)
    names = [joint for joint in RIGS[name] if not necks.search(joint)]
    names = [*names, "Head.end"] if "Head.end" not in names else names
    motion = rig(names)
    fitted = fitting_mapping(motion).fit(motion)
    assert fitted.name == name
    thorax = fitted.weights[H36M_17.joint_names.index("thorax")]
    used = {motion.joint_names[index] for index in np.flatnonzero(thorax)}
    assert len(used) == 2
    assert all(re.search("collar|clavicle|shoulder", joint, re.IGNORECASE) for joint in used)


def test_an_alternative_without_length_is_none(tmp_path):
    names = RIGS["humanoid"]
    positions = rig(names).positions
    ends = {"Head.end": "Head", "LeftHand": "LeftForeArm"}
    for end, at in ends.items():
        positions[:, names.index(end)] = positions[:, names.index(at)]
    motion = Motion("test.bvh", names, (-1, *range(len(names) - 1)), 50.0, positions)
    at = dict(zip(names, np.moveaxis(positions, 1, 0), strict=True))
    found = fitting_mapping(motion).fit(motion).joints(motion)
    np.testing.assert_allclose(joint(found, "head"), 2 * at["Head"] - at["Neck"], rtol=1e-4)
    np.testing.assert_allclose(joint(found, "l_wrist"), at["LeftHand"], rtol=1e-4)
    text = SAME_POINTS.replace("head = HeadTop_End", "head = Head.end | Head")
    (tmp_path / "own.txt").write_text(
        text.replace("l_wrist = LeftHand", "l_wrist = LeftHand | LeftFoot")
    )
    found = read_mapping(tmp_path / "own.txt").fit(motion).joints(motion)
    np.testing.assert_allclose(joint(found, "l_wrist"), at["LeftFoot"], rtol=1e-4)


@pytest.mark.parametrize("prefix", ["mixamorig:", "mixamorig_", "Scene:Person1_", "Bip01 "])
def test_prefixes_of_all_names_do_not_matter(prefix):
    plain, prefixed = rig(RIGS["humanoid"]), rig([prefix + name for name in RIGS["humanoid"]])
    found = fitting_mapping(prefixed)
    assert found.name == "humanoid"
    np.testing.assert_array_equal(
        found.fit(prefixed).joints(prefixed), fitting_mapping(plain).fit(plain).joints(plain)
    )


def test_joints_are_weighted_means(tmp_path):
    motion = rig(RIGS["humanoid"])
    at = {name: motion.positions[:, i] for i, name in enumerate(motion.joint_names)}
    text = SAME_POINTS.replace("pelvis = Hips", "pelvis = LeftUpLeg, RightUpLeg # a mean")
    text = text.replace("neck = Head", "neck = 0.3 Head, 0.7 Head.end")
    text = text.replace("head = HeadTop_End", "head = HeadTop_End | 2 Head, -1 Neck")
    (tmp_path / "own.txt").write_text(f"# mine\n\n{text}")
    found = read_mapping(tmp_path / "own.txt").fit(motion).joints(motion)
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
    names = [name for name in RIGS["humanoid"] if name not in ("LeftArm", "Head")]
    with pytest.raises(
        InputError, match="humanoid, the nearest, needs Head, LeftArm; there are Hips, LeftUpLeg"
    ):
        fitting_mapping(rig(names))
    (tmp_path / "own.txt").write_text(SAME_POINTS)
    with pytest.raises(InputError, match="test.bvh: mapping own needs HeadTop_End; there are Hips"):
        read_mapping(tmp_path / "own.txt").fit(rig(RIGS["humanoid"]))


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
        motion = rig(RIG_NAMES.values())
        assert read_mapping(path).fit(motion).joints(motion).shape == (3, 17, 3)
