import dataclasses
import shutil

import numpy as np
import pytest

from anatomy_tf.data.motion.capture_cameras import draw_cameras
from anatomy_tf.data.motion.captured import Captured, Reading, read_captured
from anatomy_tf.data.motion.motion_files import action_of, find_motion_files, read_motion
from anatomy_tf.data.motion.training_set import Staging, stage, write_training_set
from anatomy_tf.data.sets.mocap_folder import open_mocap_folder
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import project
from tests.data.motion.motion_writing import AMC, ASF, rigid, write_bvh
from tests.data.motion.walking_person import Person
from tests.data.training import train_two_steps
from tests.tools.processes import run

QUICK = Staging(shortest_seconds=0.5)


@pytest.fixture(scope="module")
def captures(tmp_path_factory, cmu_test_clips):
    """A folder of four short motions as BVH, one of them in a sub-folder."""
    folder = tmp_path_factory.mktemp("captures")
    (folder / "dance").mkdir()
    chosen = {clip.action: clip for clip in cmu_test_clips}
    for name, action in (
        *(("walk1_subject2.bvh", "walking"), ("dance/07.bvh", "salsa")),
        *(("jump_01.bvh", "jumping"), ("run2.bvh", "running")),
    ):
        write_bvh(folder / name, rigid(chosen[action].joints[:60]), 50, prefix="mixamorig:")
    return folder


@pytest.fixture(scope="module")
def motions(captures):
    return [read_captured(path, captures, Reading()) for path in find_motion_files(captures)]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, motions):
    folder = tmp_path_factory.mktemp("prepared") / "own"
    write_training_set(folder, motions, QUICK, report=lambda line: None)
    return open_mocap_folder(folder)


def all_clips(source):
    return source.clips([*source.train_subjects, *source.test_subjects])


def test_motions_are_read_mapped_and_named(motions):
    assert [(motion.name, motion.action) for motion in motions] == [
        *(("07", "dance"), ("jump_01", "jump")),
        *(("run2", "run"), ("walk1_subject2", "walk")),
    ]
    assert "60 frames at 50 fps, mapping humanoid, y up (" in motions[0].notes
    assert [segment.shape for segment in motions[2].segments] == [(60, 17, 3)]


def test_a_folder_to_train_on(prepared):
    clips = all_clips(prepared)
    assert prepared.fps == 50
    assert len(clips) == 4 * 2 * 4
    assert {clip.resolution for clip in clips} == {(1000, 1000)}
    for clip in clips:
        exact = np.stack(project(clip.camera_joints(), clip.camera.intrinsics), axis=-1)
        assert ((exact > 0) & (exact < 1000)).mean() > 0.99
        assert np.linalg.norm(clip.keypoints - exact, axis=-1).mean() < 20
    train_two_steps(prepared.clips(prepared.train_subjects))


def test_no_motion_is_in_training_and_test(prepared):
    takes = {split: set() for split in ("train", "test")}
    for split, subjects in (
        ("train", prepared.train_subjects),
        ("test", prepared.test_subjects),
    ):
        takes[split] = {clip.name.split("/")[1] for clip in prepared.clips(subjects)}
    assert len(takes["train"]) == 3
    assert len(takes["test"]) == 1
    assert not takes["train"] & takes["test"]


def test_the_motions_for_test_can_be_chosen(motions, tmp_path):
    staging = dataclasses.replace(QUICK, test_motions=(0, 3))
    write_training_set(tmp_path / "own", motions, staging, report=lambda line: None)
    source = open_mocap_folder(tmp_path / "own")
    actions = [
        {clip.action for clip in source.clips(subjects)}
        for subjects in (source.test_subjects, source.train_subjects)
    ]
    assert actions == [{"dance", "walk"}, {"jump", "run"}]


def test_actors_of_one_motion_differ_and_takes_share_their_actor(motions):
    takes = stage(motions[0], 5, Staging(longest_seconds=0.5, shortest_seconds=0.1))
    assert [take.subject for take in takes] == ["A011"] * 3 + ["A012"] * 3
    assert [take.name for take in takes[:3]] == ["07_01", "07_02", "07_03"]

    def thigh(take):
        return np.linalg.norm(take.joints[:, 2] - take.joints[:, 1], axis=-1).mean()

    assert thigh(takes[0]) == pytest.approx(thigh(takes[1]), rel=1e-4)
    assert thigh(takes[0]) != pytest.approx(thigh(takes[3]), rel=1e-3)
    for take in takes:
        way = take.joints[:, 0, :2]
        np.testing.assert_allclose(way.min(axis=0) + way.max(axis=0), 0, atol=1e-5)


def test_everything_follows_from_the_seed(motions, tmp_path, prepared):
    folders = {}
    for name, seed in (("again", 0), ("other", 1)):
        staging = Staging(shortest_seconds=0.5, seed=seed)
        write_training_set(tmp_path / name, motions, staging, report=lambda line: None)
        folders[name] = open_mocap_folder(tmp_path / name)
    first, again, other = (all_clips(f) for f in (prepared, folders["again"], folders["other"]))
    for a, b in zip(first, again, strict=True):
        assert (a.name, a.camera) == (b.name, b.camera)
        np.testing.assert_array_equal(a.joints, b.joints)
        np.testing.assert_array_equal(a.keypoints, b.keypoints)
    assert first[0].camera != other[0].camera


def test_given_cameras_stay_and_takes_they_do_not_see_are_left_out(motions, tmp_path):
    cameras = tuple(draw_cameras(np.random.default_rng(0))[:2])
    folder, lines = tmp_path / "own", []
    staging = Staging(cameras=cameras, shortest_seconds=0.5, test_share=0)
    sprint = np.linspace([0, 0, 0], [40, 0, 0], 60)[:, np.newaxis]
    away = Captured("away", "run", (motions[0].segments[0] + sprint,), "")
    write_training_set(folder, [motions[0], away], staging, report=lines.append)
    clips = all_clips(open_mocap_folder(folder))
    assert [clip.camera.translation for clip in clips] == [
        pytest.approx(camera.translation) for camera in cameras * 2
    ]
    assert lines[0].startswith("A003/away: left out, a camera sees ")


def test_too_little_is_refused(motions, tmp_path):
    with pytest.raises(InputError, match="one motion cannot be split into training and test"):
        write_training_set(tmp_path / "own", motions[:1], QUICK)
    lines = []
    with pytest.raises(InputError, match="there is no motion to make a training set of"):
        long = Staging(shortest_seconds=5)
        write_training_set(tmp_path / "own", motions, long, report=lines.append)
    assert lines[0] == "07: left out, shorter than 5 s"
    assert not any(tmp_path.iterdir())


def test_actions_come_from_folders_or_names(tmp_path):
    for name, action in (
        *(("walk1_subject5.bvh", "walk"), ("01/01_02.amc", "motion"), ("Run/03.bvh", "run")),
        *(("01/jump_3.bvh", "jump"), ("wash-window_1.bvh", "wash")),
    ):
        assert action_of(tmp_path / name, tmp_path) == action
    assert action_of(tmp_path / "kick2.bvh", tmp_path / "kick2.bvh") == "kick"


def test_the_skeleton_of_an_amc_file_is_found(tmp_path):
    for name in ("07_01.amc", "08_01.amc"):
        (tmp_path / name).write_text(AMC)
    with pytest.raises(InputError, match=r"07_01.amc: there is no .asf file .* none is beside it"):
        read_motion(tmp_path / "07_01.amc")
    (tmp_path / "07.asf").write_text(ASF)
    assert read_motion(tmp_path / "07_01.amc", amc_fps=60).fps == 60
    assert len(read_motion(tmp_path / "08_01.amc")) == 2
    (tmp_path / "09.asf").write_text(ASF)
    assert len(read_motion(tmp_path / "07_01.amc")) == 2
    with pytest.raises(InputError, match="of 2 beside it its name begins with none; give --asf="):
        read_motion(tmp_path / "08_01.amc")
    assert len(read_motion(tmp_path / "08_01.amc", skeleton=tmp_path / "07.asf")) == 2


@pytest.mark.parametrize(
    ("motion", "chosen"),
    [
        ("HDM_bk_01-02.amc", "HDM_bk.asf"),
        ("hdm_bk_w.AMC", "HDM_bk.asf"),
        ("HDM_01.amc", "HDM.asf"),
        ("12_02.amc", "12.asf"),
        ("12_01_cut.amc", "12_01.asf"),
        ("1walk.amc", "1.asf"),
    ],
)
def test_the_longest_name_that_begins_so_is_the_skeleton(tmp_path, motion, chosen):
    for name in ("HDM.asf", "HDM_bk.asf", "1.asf", "12.asf", "12_01.asf"):
        (tmp_path / name).write_text(ASF)
    (tmp_path / motion).write_text(AMC)
    assert read_motion(tmp_path / motion).notes[0] == f"skeleton {chosen}"


def test_within_a_number_no_name_begins(tmp_path):
    for name in ("1.asf", "2.asf"):
        (tmp_path / name).write_text(ASF)
    (tmp_path / "12_01.amc").write_text(AMC)
    with pytest.raises(InputError, match="of 2 beside it its name begins with none"):
        read_motion(tmp_path / "12_01.amc")


def test_what_no_person_did_is_refused(motions, tmp_path):
    joints = motions[0].segments[0]
    away = joints + np.linspace([0, 0, 0], [500, 0, 0], len(joints))[:, np.newaxis]
    for fps, moved, message in (
        (1, away, r"a.bvh: the person gets 5\d\d m about"),
        (50, joints[:1], "a.bvh: one frame is no motion"),
        (1.1, np.tile(joints, (180, 1, 1)), "a.bvh: 2.7 hours are too long"),
    ):
        write_bvh(tmp_path / "a.bvh", moved[:60], fps)
        if len(moved) > 60:
            text = (tmp_path / "a.bvh").read_text().replace("Frames: 60", f"Frames: {len(moved)}")
            head, frames = text.split(f"{1 / fps:.9f}\n")
            (tmp_path / "a.bvh").write_text(f"{head}{1 / fps:.9f}\n{frames * 180}")
        with pytest.raises(InputError, match=message):
            read_captured(tmp_path / "a.bvh", tmp_path, Reading())


def test_nothing_to_read_is_said(tmp_path):
    with pytest.raises(InputError, match="there are no .bvh or .amc files"):
        find_motion_files(tmp_path)
    with pytest.raises(InputError, match="no such file or folder"):
        find_motion_files(tmp_path / "nowhere")
    (tmp_path / "a.txt").touch()
    with pytest.raises(InputError, match=r"a.txt: expected a .bvh or .amc file"):
        find_motion_files(tmp_path / "a.txt")


def test_the_tool_says_what_it_read_and_what_it_left_out(captures, tmp_path):
    shutil.copytree(captures, tmp_path / "captures")
    (tmp_path / "captures" / "broken.bvh").write_text("HIERARCHY")
    flags = [f"--input={tmp_path / 'captures'}", f"--output_dir={tmp_path / 'own'}"]
    flags += ["--actors_per_motion=1", "--test_folders=dance"]
    code, out, errors = run("prepare_mocap", *flags)
    assert (code, errors) == (0, [])
    lines = out.splitlines()
    assert "left out: " in lines[0]
    assert "broken.bvh: no MOTION section" in lines[0]
    assert "jump_01.bvh: 60 frames at 50 fps, mapping humanoid" in "".join(lines)
    assert lines[-1].endswith("3 actors for training, 1 for test")
    source = open_mocap_folder(tmp_path / "own")
    assert len(all_clips(source)) == 16
    assert {clip.action for clip in source.clips(source.test_subjects)} == {"dance"}
    code, out, errors = run("prepare_mocap", *flags)
    assert (code, out) == (1, "")
    assert errors[-1].endswith("own is there already and not empty; it was left as it is")


NO_RIG = {"LeftUpLeg": "Bone7", "RightUpLeg": "Bone8", "Head": "Skull"}


def run_tool(*arguments):
    return run("prepare_mocap", "--test_share=0", *arguments)


def test_a_test_folder_that_is_not_there_is_refused(captures, tmp_path):
    code, out, errors = run_tool(
        f"--input={captures}", f"--output_dir={tmp_path / 'own'}", "--test_folders=dance,49"
    )
    assert (code, out) == (1, "")
    assert errors[-1].endswith("--test_folders: there are no motions in a folder 49")


def test_for_an_unknown_rig_a_mapping_to_start_from_is_written(tmp_path):
    walk = tmp_path / "walk.bvh"
    walk.write_text(Person(names=NO_RIG).text())
    code, out, errors = run_tool(f"--input={walk}", f"--output_dir={tmp_path / 'own'}")
    assert (code, out) == (1, "")
    (error,) = errors
    assert "there are Hips, Spine, Spine1, Spine2, Neck, Skull, Skull.end, LeftSho" in error
    start = tmp_path / "own_mapping.txt"
    assert f"wrote {start} to start from: fill it in and give --mapping={start}" in error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own_mapping.txt", "walk.bvh"]


def test_of_a_folder_the_unknown_rig_is_left_out_with_a_mapping_to_start_from(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.bvh").write_text(Person(names=NO_RIG).text())
    (tmp_path / "in" / "b.bvh").write_text(Person().text().replace("0.033333333", "0"))
    start, output = tmp_path / "start.txt", f"--output_dir={tmp_path / 'own'}"
    flags = [f"--input={tmp_path / 'in'}", f"--write_mapping={start}", "--actors_per_motion=1"]
    code, out, errors = run_tool(*flags, output, "--bvh_fps=30", "--up=y")
    assert (code, errors) == (0, [])
    lines = out.splitlines()
    assert lines[0].startswith(f"left out: {tmp_path / 'in' / 'a.bvh'}: no ready-made mapping fits")
    assert "b.bvh: 60 frames at 30 fps, mapping humanoid, y up (as given)" in lines[1]
    assert lines[2].startswith(f"wrote {start} to start from")
    assert "r_hip = ?" in start.read_text()
