"""From what a detector wrote to poses."""

import re

import numpy as np

from anatomy_tf.poses.result import read_poses
from anatomy_tf.skeleton import H36M_17
from tests.tools.processes import ROOT, run
from tests.video.videos import grey_pictures, write_short_sample, write_video

FILES = ROOT / "tests" / "data" / "detections" / "files"


def test_a_video_of_one_person(tmp_path):
    output = tmp_path / "poses.npz"
    code, out, errors = run(
        *("lift", f"--detections={FILES / 'balance_openpose.zip'}"),
        *("--resolution=1080x1920", "--fps=60", f"--output={output}"),
    )
    assert (code, errors) == (0, [])
    assert "person 0: frames 0 to 99" in out
    with np.load(output, allow_pickle=False) as poses:
        joints = poses["joints"]
        assert poses["fps"] == 60
    assert joints.shape == (100, 17, 3)
    # The camera is upright within some twenty degrees, so the head is above (y points down) the
    # feet's middle.
    head, *feet = (H36M_17.joint_names.index(name) for name in ("head", "l_ankle", "r_ankle"))
    assert (joints[:20, head, 1] < joints[:20, feet, 1].mean(axis=1) - 1).all()


def test_several_videos_one_of_which_cannot_be_read(tmp_path):
    good, bad = FILES / "balance_alphapose-results.json", tmp_path / "walk.mp4"
    bad.write_bytes(bytes(100))
    code, _, errors = run(
        *("lift", "--model=cmu_27f", f"--detections={good},{bad}", "--noflip"),
        *("--resolution=1080x1920", "--fps=60", "--outputs=csv,json,bvh"),
        f"--output_dir={tmp_path / 'poses'}",
    )
    assert code == 1
    assert len(errors) == 2
    assert re.search(r"left out: .*walk.mp4: seems to be a video", errors[0])
    assert "not all videos could be lifted" in errors[1]
    written = {path.name for path in (tmp_path / "poses").iterdir()}
    assert written == {f"balance_alphapose-results{ending}" for ending in (".csv", ".json", ".bvh")}
    poses = read_poses(tmp_path / "poses" / "balance_alphapose-results.json")
    assert poses.made_by["model"] == "cmu_27f" and poses.made_by["flip"] is False
    picture = tmp_path / "poses.png"
    poses_file = tmp_path / "poses" / good.name
    code, _, errors = run("picture", f"--poses={poses_file}", f"--output={picture}")
    assert (code, errors) == (0, [])
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_videos_to_files_one_of_which_is_none(tmp_path):
    video = write_short_sample(tmp_path / "two.mp4")
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(bytes(1000))
    folder = tmp_path / "lifted"
    code, out, errors = run(
        *("lift", video, broken, "--model=cmu_27f", "--noflip", "--person=all"),
        *("--most_people=2", "--outputs=html,bvh,detections", f"--output_dir={folder}"),
    )
    assert code == 1
    assert re.search(r"left out: .*broken\.mp4: no video that can be read", errors[0])
    assert len(errors) == 2
    assert "two.mp4: picture 20 of 20" in out
    names = {"two.html", "two_person0.bvh", "two_person1.bvh", "two_detections.npz"}
    assert {path.name for path in folder.iterdir()} == names

    # Lifting again takes the detections, and shows the video.
    again = tmp_path / "again.html"
    code, out, errors = run(
        *("lift", video, f"--detections={folder / 'two_detections.npz'}", "--model=cmu_27f"),
        *("--noflip", "--person=all", f"--output={again}"),
    )
    assert (code, errors) == (0, [])
    whole = (folder / "two.html").read_text(encoding="utf-8")
    assert again.read_text(encoding="utf-8") == whole
    assert '"video": "' in whole


def test_mistakes_with_videos_are_told_before_the_work(tmp_path):
    video = write_video(tmp_path / "walk.mp4", grey_pictures(3))
    (tmp_path / "sub").mkdir()
    same = write_video(tmp_path / "sub" / "walk.mp4", grey_pictures(3))
    file = tmp_path / "file"
    file.touch()
    taken = tmp_path / "out" / "walk_detections.npz"
    taken.mkdir(parents=True)
    for arguments, said in (
        ([video, same], "two videos have the same name"),
        ([video, "--outputs=fbx"], r"walk\.fbx: poses are kept in files that end with"),
        ([video, f"--output_dir={file / 'folder'}"], "cannot be written .*is not a folder"),
        ([video, f"--output_dir={taken.parent}", "--outputs=detections"], "is a folder"),
        ([video, "--detections=a.json,b.json"], "1 videos, but detections of 2"),
        ([video, same, "--output=a.html"], "--output is for one video"),
        ([video, "--person=biggest"], "--person=biggest: there are largest, .*and numbers"),
        ([video, "--height=180"], r"height 180: must lie in \[0\.5, 2\.5\] metres"),
        ([video, "--max_gap=90"], "a gap of 90 seconds: not from 0 to 60"),
        ([video, "--fov=1.2"], r"a field of view of 1\.2 degrees: must lie in \[2\.9, 136\]"),
        ([video, "--fov=70", "--focal=900"], "give either a focal length or a field of view"),
        ([video, "--focal=4.2"], r"walk\.mp4: a focal length of 4\.2 pixels: that of an"),
    ):
        code, out, errors = run("lift", "--model=cmu_27f", *arguments)
        assert code == 1 and len(errors) == 1 and "picture" not in out
        assert re.search(said, errors[0])
    assert {path.name for path in tmp_path.iterdir()} == {"walk.mp4", "sub", "file", "out"}


def test_the_world_and_what_it_cannot_be(tmp_path):
    output = tmp_path / "poses.npz"
    detections = FILES / "balance_alphapose-results.json"
    given = (
        "lift",
        f"--detections={detections}",
        "--resolution=1080x1920",
        "--fps=60",
        "--model=cmu_27f",
        "--noflip",
    )
    code, out, errors = run(
        *given, f"--output={output}", "--camera_pitch=20", "--camera_roll=-15", "--noplant"
    )
    assert (code, errors) == (0, [])
    assert "the camera looks down by 20 degrees and is turned anticlockwise by 15, as given" in out
    assert read_poses(output).world is not None
    code, out, errors = run(*given, f"--output={output}", "--noworld")
    assert (code, errors) == (0, [])
    assert read_poses(output).world is None
    output.unlink()
    for arguments, said in (
        (["--noworld", "--smoothing=none"], "--smoothing: not without the world"),
        (["--camera_pitch=95"], "camera_pitch 95: must lie in"),
        (
            ["--noworld", f"--output_dir={tmp_path}", "--outputs=steps.csv"],
            "steps.csv: not without",
        ),
    ):
        code, _, errors = run(*given, *arguments)
        assert code == 1 and len(errors) == 1
        assert said in errors[0]
    assert not list(tmp_path.iterdir())
