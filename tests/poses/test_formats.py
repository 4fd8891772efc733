"""Poses come back from the files that they are kept in."""

import csv
import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bone_vectors import bones_of_joints
from anatomy_tf.poses.formats import FORMATS
from anatomy_tf.poses.result import Poses, read_poses
from anatomy_tf.skeleton import Skeleton
from tests.damage import damaged, fuzz, reads_or_refuses

READ = [ending for ending, format in FORMATS.items() if format.read]
CHAIN = Skeleton(("root", "l_hand", "r_hand", "tip"), (-1, 0, 0, 0), (1,), (2,))


def some_poses(count: int = 5, seed: int = 0) -> Poses:
    rng = np.random.default_rng(seed)
    joints = rng.normal(size=(count, 4, 3)).astype(np.float32).round(3)
    directions, lengths = bones_of_joints(joints, CHAIN)
    scores = rng.integers(0, 3, size=(count, 4)).astype(np.float32) / 2
    return Poses(
        skeleton=CHAIN,
        fps=30000 / 1001,
        num_frames=20,
        resolution=(640, 480),
        person=2**31 * np.sort(rng.integers(0, 2, count)),
        frame=np.arange(count, dtype=np.int32) + 3,
        joints=joints,
        directions=directions,
        lengths=lengths,
        keypoints=rng.uniform(0, 480, (count, 4, 2)).astype(np.float32).round(2),
        scores=scores,
        made_by={"model": "größe", "flip": True, "model_fps": None},
        notes=("person 0: frames 3 to 7", "a, b"),
    )


@pytest.mark.parametrize("ending", READ)
@pytest.mark.parametrize("count", [1, 5])
def test_round_trip(ending, count, tmp_path):
    poses = some_poses(count)
    path = tmp_path / f"poses{ending.upper() if count == 1 else ending}"
    poses.save(path)
    found = read_poses(path)
    lost = {"made_by", "notes", "skeleton"} if ending == ".csv" else set()
    for field in dataclasses.fields(Poses):
        if field.name in lost:
            continue
        one, other = getattr(poses, field.name), getattr(found, field.name)
        if isinstance(one, np.ndarray):
            np.testing.assert_allclose(one, other, atol=2e-6, err_msg=field.name)
        else:
            assert one == other, field.name
    assert found.skeleton.joint_names == CHAIN.joint_names
    assert found.skeleton.parents == CHAIN.parents
    np.testing.assert_array_equal(found.filled, poses.scores == 0)


def test_a_table_has_a_line_for_every_joint(tmp_path):
    poses = some_poses()
    poses.save(tmp_path / "poses.csv")
    with (tmp_path / "poses.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5 * 4
    assert rows[4]["frame"] == "4" and rows[4]["parent"] == "" and rows[7]["parent"] == "root"
    assert float(rows[4]["time"]) == pytest.approx(4 * 1001 / 30000, abs=1e-6)
    assert float(rows[7]["z"]) == pytest.approx(poses.joints[1, 3, 2])


def test_json_is_what_its_description_says(tmp_path):
    some_poses().save(tmp_path / "poses.json")
    content = json.loads((tmp_path / "poses.json").read_text(encoding="utf-8"))
    assert content["format"] == "anatomy-tf poses" and content["version"] == 1
    assert content["joint_names"] == list(CHAIN.joint_names)
    assert set(content["poses"][0]) == {
        *("person", "frame", "joints", "directions", "lengths", "keypoints", "scores")
    }


@pytest.mark.parametrize("name", ["poses.doc", "poses", "poses.npy"])
def test_another_ending_is_refused(name, tmp_path):
    with pytest.raises(InputError, match=r"end with .npz, .json, .csv"):
        some_poses().save(tmp_path / name)
    with pytest.raises(InputError, match=r"end with .npz, .json, .csv"):
        read_poses(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    for ending in FORMATS:
        with pytest.raises(InputError, match="cannot be written"):
            some_poses().save(tmp_path / "file" / f"poses{ending}")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


ONE_PERSON = [ending for ending, format in FORMATS.items() if format.one_person]


@pytest.mark.parametrize("ending", [ending for ending in FORMATS if ending != ".steps.csv"])
def test_several_people_get_a_file_or_a_file_each(ending, two, tmp_path):
    names = [f"walk{ending}"]
    if ending in ONE_PERSON:
        names = [f"walk_person3{ending}", f"walk_person7{ending}"]
    written = two.save(tmp_path / f"walk{ending}")
    assert [path.name for path in written] == names
    assert {path.name for path in tmp_path.iterdir()} == set(names)
    for path, person in zip(written, two.people, strict=False):
        alone = two.of_person(person).save(tmp_path / f"alone{ending}")
        assert alone == [tmp_path / f"alone{ending}"]
        same = alone[0].read_bytes() == path.read_bytes()
        assert same == (ending in ONE_PERSON), "a file of one person holds that person"


@pytest.mark.parametrize("ending", ONE_PERSON)
def test_where_one_persons_file_cannot_be_written_there_is_none(ending, two, tmp_path, monkeypatch):
    (tmp_path / f"walk_person7{ending}").mkdir()
    with pytest.raises(InputError, match=f"walk_person7{ending}: cannot be written .is a folder"):
        two.save(tmp_path / f"walk{ending}")
    assert [path.name for path in tmp_path.iterdir()] == [f"walk_person7{ending}"]

    def write(poses, path):
        FORMATS[".csv"].write(poses, path)
        if poses.people == [7]:
            raise InputError("no such joint")

    monkeypatch.setitem(FORMATS, ending, FORMATS[ending]._replace(write=write))
    with pytest.raises(InputError, match=f"run_person7{ending}: no such joint"):
        two.save(tmp_path / f"run{ending}")
    assert [path.name for path in tmp_path.iterdir()] == [f"walk_person7{ending}"]


@pytest.mark.parametrize("ending", [e for e, format in FORMATS.items() if not format.read])
def test_formats_of_other_programs_are_not_read(ending, tmp_path):
    with pytest.raises(InputError, match=r"poses are kept in .* .npz, .json, .csv$"):
        read_poses(tmp_path / f"walk{ending}")


def test_other_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="none.json: file not found"):
        read_poses(tmp_path / "none.json")
    (tmp_path / "other.json").write_text('{"format": "else"}')
    with pytest.raises(InputError, match="other.json: not the JSON of anatomy-tf poses"):
        read_poses(tmp_path / "other.json")
    (tmp_path / "other.csv").write_text("person,frame\n0,0\n")
    with pytest.raises(InputError, match="other.csv: not poses: there is no column time"):
        read_poses(tmp_path / "other.csv")
    np.savez(tmp_path / "other.npz", joints=np.zeros((1, 4, 3)))
    with pytest.raises(InputError, match="other.npz: array joint_names is missing"):
        read_poses(tmp_path / "other.npz")


@pytest.mark.parametrize("ending", READ)
@fuzz(max_examples=40)
@given(data=st.data())
def test_damage(ending, data, tmp_path_factory):
    path = tmp_path_factory.mktemp("damage") / f"poses{ending}"
    some_poses(2).save(path)
    with damaged(data, path), reads_or_refuses():
        read_poses(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"joints": np.zeros((0, 4, 3))}, "poses: there is none"),
        ({"lengths": np.zeros((5, 4))}, r"poses: lengths has shape \(5, 4\), expected \(5, 3\)"),
        ({"scores": np.full((5, 4), np.nan)}, "scores holds what is no finite number"),
        ({"num_frames": 5}, "frames lie outside of the 5 of the video"),
        ({"fps": 0.0}, "fps and resolution must be positive"),
    ],
)
def test_what_are_no_poses(changes, message):
    with pytest.raises(InputError, match=message):
        dataclasses.replace(some_poses(), **changes)
