"""From what a detector wrote to poses."""

import re

import numpy as np

from anatomy_tf.poses.result import read_poses
from anatomy_tf.skeleton import H36M_17
from tests.tools.processes import ROOT, run

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
