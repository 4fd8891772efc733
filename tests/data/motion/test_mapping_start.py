import pytest

from anatomy_tf.data.motion.captured import Reading, read_captured
from anatomy_tf.data.motion.joint_mapping import NoMappingFitsError, read_mapping
from anatomy_tf.data.motion.mapping_start import write_mapping_start
from anatomy_tf.errors import InputError
from tests.data.motion.walking_person import Person

NAMES = {"LeftUpLeg": "Bone7", "RightUpLeg": "Bone8", "Head": "Skull"}
MISSING = {
    **{"pelvis": "Bone7, Bone8", "r_hip": "Bone8", "l_hip": "Bone7"},
    **{"neck": "Skull", "head": "Skull.end"},
}


@pytest.fixture
def walk(tmp_path):
    path = tmp_path / "walk.bvh"
    path.write_text(Person(names=NAMES).text())
    return path


@pytest.fixture
def motion(walk):
    with pytest.raises(NoMappingFitsError, match="needs LeftUpLeg, RightUpLeg, Head") as error:
        read_captured(walk, walk, Reading())
    return error.value.motion


def test_what_is_known_is_filled_in_and_the_joints_are_listed(motion, tmp_path):
    advice = write_mapping_start(tmp_path / "start.txt", motion)
    assert advice.startswith(f"wrote {tmp_path / 'start.txt'} to start from")
    lines = (tmp_path / "start.txt").read_text().splitlines()
    for joint in MISSING:
        assert f"{joint} = ?" in lines
    assert "l_knee = 1 LeftLeg" in lines
    assert lines[lines.index("#   Hips") + 1] == "#     Spine"
    listed = [line.strip("# ") for line in lines[lines.index("#   Hips") :]]
    assert listed == list(motion.joint_names)


def test_filled_in_it_reads_the_file(motion, walk, tmp_path):
    start = tmp_path / "start.txt"
    write_mapping_start(start, motion)
    with pytest.raises(InputError, match=r"walk.bvh: mapping start needs \?; there are Hips"):
        read_captured(walk, walk, Reading(mapping=read_mapping(start)))
    text = start.read_text()
    for joint, name in MISSING.items():
        text = text.replace(f"{joint} = ?", f"{joint} = {name}")
    start.write_text(text)
    found = read_captured(walk, walk, Reading(mapping=read_mapping(start)))
    plain = tmp_path / "plain.bvh"
    plain.write_text(Person().text())
    assert (found.segments[0] == read_captured(plain, plain, Reading()).segments[0]).all()


def test_a_file_that_is_there_is_left_alone(motion, tmp_path):
    (tmp_path / "start.txt").write_text("mine")
    assert "is there already and was left as it is" in write_mapping_start(
        tmp_path / "start.txt", motion
    )
    assert (tmp_path / "start.txt").read_text() == "mine"
