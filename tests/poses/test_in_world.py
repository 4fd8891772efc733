"""Poses in a level world, and what every file makes of them."""

import csv
import dataclasses
import json

import numpy as np
import pytest

from anatomy_tf.data.motion.bvh import read_bvh
from anatomy_tf.errors import InputError
from anatomy_tf.poses.angles import angles_of_poses, root_speed
from anatomy_tf.poses.formats import FORMATS
from anatomy_tf.poses.in_world import in_world
from anatomy_tf.poses.result import read_poses
from anatomy_tf.poses.walks import steps_by_person
from anatomy_tf.world.placing import DEFAULT_WORLD


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def placed(poses, cmu_test_clips):
    focal = float(cmu_test_clips[0].known_camera().focal_length[0])
    return in_world(poses, DEFAULT_WORLD, focal)


def test_the_world_holds_what_was_found_and_says_so(placed, poses):
    world = placed.world
    assert world.joints.shape == poses.joints.shape
    assert 0 < world.confidence.mean() < 1
    assert np.median(world.reprojection) < 25
    assert "smoothing butterworth" in placed.made_by["world"]
    assert any("keypoints by" in note for note in placed.notes)
    np.testing.assert_array_equal(placed.joints, poses.joints)


def test_two_people_share_it_in_pieces_of_their_own(two):
    found = in_world(two, DEFAULT_WORLD)
    assert np.isfinite(found.world.joints).all()
    one = found.of_person(7)
    np.testing.assert_array_equal(one.world.joints, found.world.joints[two.person == 7])


def test_a_wrong_world_is_refused(placed):
    wrong = dataclasses.replace(placed.world, joints=placed.world.joints[:-1])
    with pytest.raises(InputError, match="world: joints"):
        dataclasses.replace(placed, world=wrong)
    bad = dataclasses.replace(placed.world, confidence=np.nan * placed.world.confidence)
    with pytest.raises(InputError, match="confidence holds what is no finite number"):
        dataclasses.replace(placed, world=bad)


@pytest.mark.parametrize("ending", [".npz", ".json"])
def test_it_comes_back_from_files(placed, ending, tmp_path):
    placed.save(tmp_path / f"poses{ending}")
    found = read_poses(tmp_path / f"poses{ending}").world
    for field in dataclasses.fields(found):
        expected = getattr(placed.world, field.name)
        # Pixels are rounded to a hundredth in text.
        near = 6e-3 if field.name == "reprojection" else 6e-5
        np.testing.assert_allclose(getattr(found, field.name), expected, atol=near)


def test_json_tells_units_and_feet(placed, tmp_path):
    placed.save(tmp_path / "poses.json")
    content = json.loads((tmp_path / "poses.json").read_text(encoding="utf-8"))
    assert content["world"]["feet"] == [3, 6] and "y up" in content["units"]["world"]
    assert set(content["poses"][0]["world"]["stands"]) <= {0, 1}


def test_a_table_has_places_confidence_and_feet(placed, tmp_path):
    placed.save(tmp_path / "poses.csv")
    found = rows(tmp_path / "poses.csv")
    assert float(found[17 + 3]["world_y"]) == pytest.approx(placed.world.joints[1, 3, 1], abs=1e-6)
    assert float(found[4]["confidence"]) == pytest.approx(placed.world.confidence[0, 4], abs=1e-4)
    standing = [int(row["stands"]) for row in found if row["joint"] == "r_ankle"]
    np.testing.assert_array_equal(standing, placed.world.stands[:, 0])
    assert read_poses(tmp_path / "poses.csv").world is None


def test_the_root_goes_where_it_went(placed, tmp_path):
    placed.save(tmp_path / "walk.bvh")
    motion = read_bvh(tmp_path / "walk.bvh", metres_per_unit=0.01)
    root = 0.01 * motion.positions[:, 0]
    np.testing.assert_allclose(root, placed.world.joints[:, 0], atol=1e-4)
    placed.save(tmp_path / "walk.trc")
    line = (tmp_path / "walk.trc").read_text().splitlines()[6].split("\t")
    np.testing.assert_allclose([float(x) for x in line[2:5]], placed.world.joints[0, 0], atol=1e-5)


def test_gltf_moves_the_root_and_has_nobody_aside(placed, tmp_path):
    placed.save(tmp_path / "walk.glb")
    data = (tmp_path / "walk.glb").read_bytes()
    content = json.loads(data[20 : 20 + int.from_bytes(data[12:16], "little")])
    (channel,) = [
        c for c in content["animations"][0]["channels"] if c["target"]["path"] == "translation"
    ]
    assert content["nodes"][channel["target"]["node"]]["name"] == "pelvis"
    assert content["nodes"][0]["translation"] == [0.0, 0.0, 0.0]


def test_angles_have_posture_speed_and_feet(placed, tmp_path):
    placed.save(tmp_path / "walk.angles.csv")
    found = rows(tmp_path / "walk.angles.csv")
    angles = angles_of_poses(placed)
    assert float(found[9]["trunk_lean"]) == pytest.approx(angles["trunk_lean"][9], abs=0.051)
    assert float(found[9]["root_speed"]) == pytest.approx(root_speed(placed)[9], abs=1e-3)
    assert found[9]["r_ankle_stands"] == str(int(placed.world.stands[9, 0]))


def test_steps_are_a_table(placed, poses, tmp_path):
    placed.save(tmp_path / "walk.steps.csv")
    found = rows(tmp_path / "walk.steps.csv")
    steps = steps_by_person(placed)[0]
    assert len(found) == len(steps)
    for row, step in zip(found, steps, strict=True):
        assert int(row["frame"]) == step.frame
        assert float(row["step_length"]) == pytest.approx(step.length, abs=1e-3)
    with pytest.raises(InputError, match="level world"):
        poses.save(tmp_path / "none.steps.csv")
    assert not (tmp_path / "none.steps.csv").exists()


def test_the_page_has_floor_feet_and_confidence(placed, tmp_path):
    placed.save(tmp_path / "walk.html")
    page = (tmp_path / "walk.html").read_text(encoding="utf-8")
    start = page.index('type="application/json">') + len('type="application/json">')
    content = json.loads(page[start : page.index("</script>", start)])
    assert content["feet"] == [3, 6]
    person = content["people"][0]
    assert person["stands"] and person["confidence"] and "trunk_lean" in person["angles"]


def test_every_format_takes_them(placed, tmp_path):
    few = placed.of_person(0)
    for ending in FORMATS:
        if ending not in (".mp4", ".gif"):
            assert few.save(tmp_path / f"all{ending}")
