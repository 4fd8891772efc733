"""From the files that people have to clips that everything else reads."""

import numpy as np
import pytest

from anatomy_tf.data.sets.human36m.takes import ACTIONS, JOINTS_OF_32, TEST_SUBJECTS, TRAIN_SUBJECTS
from anatomy_tf.data.sources import open_source, read_clips
from anatomy_tf.skeleton import H36M_17
from tests.data.sets.human36m.files import cdf_bytes, seen_by, write_archive
from tests.data.training import train_two_steps
from tests.tools.processes import run


def test_archives_to_clips(tmp_path, motion):
    names = [f"{action}{number}" for action in ACTIONS for number in ("", " 1")]
    cdf = cdf_bytes(tmp_path, motion)
    for subject in ("S1", "S9", "S11"):
        write_archive(tmp_path, subject, dict.fromkeys(names, cdf))
    code, out, errors = run(
        "prepare_h36m", f"--archives={tmp_path}", f"--output_dir={tmp_path}/out"
    )
    assert (code, errors) == (0, [])
    frames = 4 * len(motion) * (30 + 30 + 29)
    assert f"wrote {tmp_path}/out: {frames:,} frames of S1, S9, S11" in out
    assert "without S5, S6, S7, S8" in out

    source = open_source("human36m", str(tmp_path / "out"))
    assert source.train_subjects == ("S1",) and source.test_subjects == TEST_SUBJECTS
    assert (source.skeleton, source.fps) == (H36M_17, 50)
    clips = source.clips(["S9"])
    assert len(clips) == 120 and {clip.action for clip in clips} == set(ACTIONS)
    assert {clip.keypoints_from for clip in clips} == {"projected joints"}
    for clip, seen in zip(clips, seen_by("S9", motion), strict=False):
        np.testing.assert_allclose(clip.joints, motion, atol=1e-6)
        np.testing.assert_allclose(clip.keypoints, seen, atol=2e-3)
        assert (clip.visibility == 1).all()
    train_two_steps(source.clips(["S1"])[:4])
    projected = read_clips(source, ["S9"], "projected")[0]
    np.testing.assert_allclose(projected.keypoints, clips[0].keypoints, atol=2e-3)


MISTAKES = {
    "neither": ((), "give either --archives or --poses"),
    "scores alone": (("--poses=a", "--scores=b"), "--scores are those of --detections"),
    "no archives": (("--archives=nowhere",), "there is no archive such as Poses_D3_Positions_S1"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_end_with_one_line(name, tmp_path):
    flags, message = MISTAKES[name]
    code, _, errors = run("prepare_h36m", *flags, f"--output_dir={tmp_path}/out")
    assert (code, len(errors)) == (1, 1)
    assert message in errors[0]
    assert not (tmp_path / "out").exists()


def test_the_17_joints_make_the_skeleton_of_the_32():
    """The 32 joints' own tree, without those that repeat others, is the tree of `H36M_17`."""
    parents = [-1, 0, 1, 2, 3, 4, 0, 6, 7, 8, 9, 0, 11, 12, 13, 14, 12, 16, 17, 18, 19, 20, 19, 22]
    parents += [12, 24, 25, 26, 27, 28, 27, 30]
    same_place = {11: 0, 16: 13, 24: 13}  # the shoulders hang on the thorax, at the same point
    for joint, parent in enumerate(H36M_17.parents):
        far = parents[JOINTS_OF_32[joint]]
        far = same_place.get(far, far)
        assert far == (JOINTS_OF_32[parent] if parent >= 0 else -1)


def test_the_split():
    assert TRAIN_SUBJECTS + TEST_SUBJECTS == ("S1", "S5", "S6", "S7", "S8", "S9", "S11")
    assert len(set(ACTIONS)) == 15
