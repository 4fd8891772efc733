import numpy as np
import pytest
from anatomy_tf.inference.poses import lift_people, write_poses

from anatomy_tf.data.detections.clips import PersonClip, clips_from_detections
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.keypoint_sets import HUMAN36M_17
from anatomy_tf.errors import InputError
from anatomy_tf.inference.lift import ClipLifter


@pytest.fixture
def detections(cmu_test_clips):
    """Two people side by side, the second from frame 10 on."""
    clips = cmu_test_clips[0], cmu_test_clips[4]
    frames = [np.arange(40), np.arange(10, 40)]
    order = np.argsort(np.concatenate(frames), kind="stable")
    track = np.concatenate([np.zeros(40, int), np.ones(30, int)])[order]
    keypoints = [clip.keypoints[part] for clip, part in zip(clips, frames, strict=True)]
    scores = [clip.visibility[part] for clip, part in zip(clips, frames, strict=True)]
    return Detections(
        source="walk.json",
        joint_names=HUMAN36M_17,
        num_frames=40,
        frame=np.concatenate(frames)[order],
        track=track,
        keypoints=np.concatenate(keypoints)[order],
        scores=np.concatenate(scores)[order],
        resolution=clips[0].resolution,
        fps=50,
    )


def test_everybody_is_lifted_as_a_clip_of_their_own(small_lifter, detections, tmp_path):
    lifter = ClipLifter(small_lifter)
    people = clips_from_detections(detections, person="all", max_gap_seconds=0)
    poses = lift_people(lifter, people, fps=50)
    assert poses.person.tolist() == [0] * 40 + [1] * 30
    assert poses.frame.tolist() == [*range(40), *range(10, 40)]
    np.testing.assert_array_equal(poses.joints[40:], lifter(people[1].clip)["joints"])
    write_poses(poses, tmp_path / "poses.npz")
    with np.load(tmp_path / "poses.npz", allow_pickle=False) as archive:
        np.testing.assert_array_equal(archive["joints"], poses.joints)
        assert archive["joint_names"].tolist() == list(HUMAN36M_17)
        assert archive["parents"].tolist() == list(small_lifter.skeleton.parents)
        assert archive["fps"] == 50


def test_poses_are_at_the_videos_rate_whatever_the_models(small_lifter, detections):
    lifter = ClipLifter(small_lifter)
    people = clips_from_detections(detections, target_fps=25)
    assert len(people[0].clip) == 20
    poses = lift_people(lifter, people, fps=50)
    assert poses.frame.tolist() == list(range(40))
    np.testing.assert_array_equal(poses.joints[[0, -1]], lifter(people[0].clip)["joints"][[0, -1]])


def test_a_file_that_cannot_be_written(small_lifter, detections, tmp_path):
    people: list[PersonClip] = clips_from_detections(detections)
    poses = lift_people(ClipLifter(small_lifter), people, fps=50)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file/poses.npz: cannot be written"):
        write_poses(poses, tmp_path / "file" / "poses.npz")
