"""Poses as OpenSim reads them: bodies with known angles, built as its models build theirs."""

import dataclasses

import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bone_vectors import bones_of_joints
from anatomy_tf.poses.result import Poses
from anatomy_tf.poses.writers.opensim_angles import JOINTS
from anatomy_tf.skeleton import H36M_17
from tests.geometry.test_rotations import about
from tests.poses.test_formats import some_poses

FRAMES = 40
TO_CAMERA = np.array([1, -1, -1])
WAVE = np.sin(np.linspace(0, 2 * np.pi, FRAMES, endpoint=False))
"""Of mean 0, as the person looks along x on average."""
SWING = np.cos(np.linspace(0, np.pi, FRAMES))
STILL = {
    **dict.fromkeys(("pelvis_tilt", "pelvis_list", "pelvis_rotation"), 0.0),
    **dict.fromkeys(("lumbar_extension", "lumbar_bending", "lumbar_rotation"), 0.0),
    **{f"hip_{angle}_{side}": 0.0 for side in "rl" for angle in ("flexion", "adduction")},
    **{f"arm_{angle}_{side}": 0.0 for side in "rl" for angle in ("flex", "add", "rot")},
    **{f"hip_rotation_{side}": 0.0 for side in "rl"},
    **{f"{bent}_{side}": 0.0 for side in "rl" for bent in ("knee_angle", "elbow_flex")},
}
MOVING = {
    **{"pelvis_tilt": -12.0, "pelvis_list": 8 * WAVE, "pelvis_rotation": 30 * WAVE},
    "lumbar_extension": 10 * SWING,
    **{"lumbar_bending": 20 * WAVE, "lumbar_rotation": -15 * SWING},
    **{"hip_flexion_r": 40 + 60 * SWING, "hip_adduction_r": -30 + 15 * WAVE},
    **{"hip_rotation_r": 40 * SWING, "knee_angle_r": 70 + 50 * WAVE},
    **{"hip_flexion_l": 20 * WAVE, "hip_adduction_l": 10.0},
    **{"hip_rotation_l": -20.0, "knee_angle_l": 15.0},
    **{"arm_flex_r": 30 + 80 * SWING, "arm_add_r": -35 + 25 * WAVE, "arm_rot_r": 80 * WAVE},
    "elbow_flex_r": 70 + 55 * SWING,
    **{"arm_flex_l": -20.0, "arm_add_l": 10 * WAVE, "arm_rot_l": 50.0, "elbow_flex_l": 90.0},
}


def poses_of(angles, turned=0.0) -> Poses:
    """The body that has these angles, in degrees, `turned` on the floor."""
    angles = {name: np.radians(np.broadcast_to(values, FRAMES)) for name, values in angles.items()}

    def ball(z, x, y, mirror=1):
        turns = about(2, angles[z]), about(0, mirror * angles[x]), about(1, mirror * angles[y])
        return turns[0] @ turns[1] @ turns[2]

    pelvis = about(1, np.full(FRAMES, np.radians(turned)))
    pelvis = pelvis @ ball("pelvis_tilt", "pelvis_list", "pelvis_rotation")
    torso = pelvis @ ball("lumbar_extension", "lumbar_bending", "lumbar_rotation")
    at = {"pelvis": np.zeros((FRAMES, 3)), "spine": pelvis @ [0, 0.22, 0]}
    at["thorax"] = at["spine"] + torso @ [0, 0.25, 0]
    at["neck"], at["head"] = (at["thorax"] + torso @ [0.05, up, 0] for up in (0.1, 0.2))
    for side, mirror in (("r", 1), ("l", -1)):
        thigh = pelvis @ ball(
            *(f"hip_{n}_{side}" for n in ("flexion", "adduction", "rotation")), mirror
        )
        arm = torso @ ball(*(f"arm_{n}_{side}" for n in ("flex", "add", "rot")), mirror)
        shank = thigh @ about(2, -angles[f"knee_angle_{side}"])
        forearm = arm @ about(2, angles[f"elbow_flex_{side}"])
        at[f"{side}_hip"] = pelvis @ [0, 0, mirror * 0.1]
        at[f"{side}_shoulder"] = at["thorax"] + torso @ [0, -0.03, mirror * 0.18]
        for start, bone, end, length in (
            *(("hip", thigh, "knee", 0.45), ("knee", shank, "ankle", 0.4)),
            *(("shoulder", arm, "elbow", 0.3), ("elbow", forearm, "wrist", 0.25)),
        ):
            at[f"{side}_{end}"] = at[f"{side}_{start}"] + bone @ [0, -length, 0]
    joints = np.stack([at[name] for name in H36M_17.joint_names], axis=1) * TO_CAMERA
    directions, lengths = bones_of_joints(joints, H36M_17)
    return Poses(
        skeleton=H36M_17,
        fps=25.0,
        num_frames=FRAMES,
        resolution=(640, 480),
        person=np.zeros(FRAMES, np.int32),
        frame=np.arange(FRAMES),
        joints=joints.astype(np.float32),
        directions=directions,
        lengths=lengths,
        keypoints=np.zeros((FRAMES, 17, 2)),
        scores=np.ones((FRAMES, 17)),
    )


def read_mot(path):
    """The columns by name, as OpenSim's documentation describes the file."""
    head, _, table = path.read_text().partition("endheader\n")
    lines = head.splitlines()
    said = dict(line.split("=") for line in lines if "=" in line)
    assert lines[0] == "Coordinates" and said["version"] == "1" and said["inDegrees"] == "yes"
    names, *rows = (line.split("\t") for line in table.splitlines())
    assert (len(rows), len(names)) == (int(said["nRows"]), int(said["nColumns"]))
    return dict(zip(names, np.array(rows, float).T, strict=True))


def written(poses, tmp_path):
    poses.save(tmp_path / "walk.mot")
    return read_mot(tmp_path / "walk.mot")


@pytest.mark.parametrize("name", MOVING)
def test_each_angle_is_that_which_the_body_was_built_with(name, tmp_path):
    bent = {f"{joint}_{side}": 30.0 for joint in ("knee_angle", "elbow_flex") for side in "rl"}
    angles = STILL | bent | {name: MOVING[name]}
    found = written(poses_of(angles), tmp_path)
    for coordinate, values in angles.items():
        np.testing.assert_allclose(found[coordinate], values, atol=0.01, err_msg=coordinate)


@pytest.mark.parametrize("turned", [0, 90, 200])
def test_so_are_all_at_once_wherever_the_person_looks(turned, tmp_path):
    found = written(poses_of(MOVING, turned), tmp_path)
    np.testing.assert_allclose(found["time"], np.arange(FRAMES) / 25, atol=1e-6)
    for coordinate, values in MOVING.items():
        np.testing.assert_allclose(found[coordinate], values, atol=0.01, err_msg=coordinate)
    for side in "rl":
        np.testing.assert_array_equal(found[f"knee_angle_{side}_beta"], found[f"knee_angle_{side}"])


def test_the_rotation_of_a_straight_limb_goes_on_between_where_it_is_seen(tmp_path):
    """Also where a knee goes beyond straight, which is no leg turned backward."""
    even = np.linspace(-30, 20, FRAMES)
    bent = 60 * np.cos(4 * np.pi * even / 50)
    angles = STILL | {
        **{"hip_rotation_r": even, "knee_angle_r": np.maximum(bent, -14)},
        **{"arm_flex_l": 25.0, "arm_rot_l": even, "elbow_flex_l": np.maximum(bent, 0)},
    }
    found = written(poses_of(angles), tmp_path)
    for name, values in angles.items():
        np.testing.assert_allclose(found[name], values, atol=0.02, err_msg=name)


@pytest.mark.parametrize(
    ("flexion", "adduction"),
    [(40.0, np.linspace(0, -165, FRAMES)), (np.linspace(0, 170, 40), -9.0)],
)
def test_an_arm_goes_up_without_jumps(flexion, adduction, tmp_path):
    angles = STILL | {"arm_flex_r": flexion, "arm_add_r": adduction, "elbow_flex_r": 40.0}
    found = written(poses_of(angles), tmp_path)
    for name, values in angles.items():
        np.testing.assert_allclose(found[name], values, atol=0.05, err_msg=name)


def test_the_hips_stay_in_place_over_the_floor(tmp_path):
    found = written(poses_of(STILL), tmp_path)
    # From hips to ankles, and from the hips to the origin of the model's pelvis.
    np.testing.assert_allclose(found["pelvis_ty"], 0.45 + 0.4 + 0.0785, atol=1e-5)
    np.testing.assert_allclose(found["pelvis_tx"], 0.0563, atol=1e-5)
    lying = written(poses_of(STILL | {"pelvis_tilt": -90.0}), tmp_path)
    np.testing.assert_allclose(lying["pelvis_tx"], 0.0785, atol=1e-5)


def test_it_is_as_long_as_the_video_and_holds_poses_where_there_are_none(some, tmp_path):
    found = np.stack(list(written(some, tmp_path).values()), axis=1)[:, 1:]
    assert len(found) == 50 and np.isfinite(found).all()
    for frames, held in ((range(5), 5), (range(20, 30), 19), (range(40, 50), 39)):
        for frame in frames:
            np.testing.assert_array_equal(found[frame], found[held])
    assert np.abs(found[21] - found[30]).max() > 1


def test_angles_of_a_person_who_moves_are_those_of_a_person(poses, tmp_path):
    found = written(poses, tmp_path)
    for side in "rl":
        assert found[f"knee_angle_{side}"].min() > -15 and found[f"knee_angle_{side}"].max() < 150
        assert found[f"elbow_flex_{side}"].min() > -15 and found[f"elbow_flex_{side}"].max() < 160
    assert all(np.abs(np.diff(values)).max() < 120 for values in found.values())


def test_a_skeleton_without_the_joints_is_refused(tmp_path):
    poses = dataclasses.replace(some_poses(), person=np.zeros(5, np.int32))
    with pytest.raises(InputError, match=rf"walk.mot: .* other joints too: {', '.join(JOINTS)}$"):
        poses.save(tmp_path / "walk.mot")
    assert not list(tmp_path.iterdir())
