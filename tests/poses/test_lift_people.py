import dataclasses

import numpy as np
import pytest

from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.frame_rate import resample_clip
from anatomy_tf.data.keypoint_sets import HUMAN36M_17
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.poses.lift_people import choose, lift_people
from anatomy_tf.skeleton import H36M_17
from tests.lifters import random_lifter


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


def test_everybody_is_lifted_as_a_clip_of_their_own(small_lifter, detections):
    """And keeps the tool's number, however large."""
    large = 2**31
    detections = dataclasses.replace(detections, track=detections.track * large)
    lifter = ClipLifter(small_lifter)
    video = choose(detections, small_lifter.skeleton, "all", max_gap=0)
    (poses,) = lift_people(lifter, [video], {})
    assert poses.person.tolist() == [0] * 40 + [large] * 30
    assert poses.frame.tolist() == [*range(40), *range(10, 40)]
    second = lifter(video.people[1].clip)["joints"]
    np.testing.assert_allclose(poses.joints[40:], second, atol=1e-5)


def test_poses_are_at_the_videos_rate_whatever_the_models(detections):
    lifter = ClipLifter(random_lifter(trained_on={"fps": 25.0}))
    video = choose(detections, lifter.model.skeleton, "largest", max_gap=0.5)
    (poses,) = lift_people(lifter, [video], {})
    assert poses.frame.tolist() == list(range(40))
    expected = lifter(resample_clip(video.people[0].clip, 25))["joints"]
    assert len(expected) == 20
    np.testing.assert_allclose(poses.joints[[0, -1]], expected[[0, -1]], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(poses.directions, axis=-1), 1, atol=1e-5)


def test_what_looks_wrong_is_said(detections):
    upside_down = detections.keypoints * [1, -1] + [0, 1000]
    turned = dataclasses.replace(detections, keypoints=upside_down.astype(np.float32))
    notes = choose(turned, H36M_17, "all", max_gap=0.5).notes
    assert sum("filled in: " in note for note in notes) == 2
    assert any("looks wrong" in note and "the head is below the feet" in note for note in notes)


class Followed:
    """Gives the poses that the clips show, or would if nobody had taken left for right."""

    def __init__(self, model, clip):
        self.model, self._joints = model, clip.camera_joints()
        self.seen = []

    def lift_many(self, clips):
        self.seen += clips
        joints = self._joints - self._joints[:, :1]
        return [{"joints": joints[: len(clip)]} for clip in clips]


def test_left_and_right_that_were_taken_for_each_other_are_put_right(cmu_test_clips, small_lifter):
    clip = cmu_test_clips[0]
    keypoints, swapped = clip.keypoints[:120].copy(), slice(40, 70)
    keypoints[swapped] = keypoints[swapped][:, H36M_17.flip_joints]
    damaged = Detections(
        source="walk.json",
        joint_names=HUMAN36M_17,
        num_frames=120,
        frame=np.arange(120),
        track=np.zeros(120, int),
        keypoints=keypoints,
        scores=np.ones(keypoints.shape[:2], np.float32),
        resolution=clip.resolution,
        fps=50,
    )
    focal = float(clip.known_camera().focal_length[0])
    video = choose(damaged, H36M_17, "largest", 0.5, focal)
    lifter = Followed(small_lifter, clip)
    (poses,) = lift_people(lifter, [video], {})
    assert len(lifter.seen) == 2, "the clip is lifted again"
    limbs = [*H36M_17.left, *H36M_17.right]
    right = clip.keypoints[:120, limbs]
    off = np.linalg.norm(poses.keypoints[:, limbs] - right, axis=-1).max(axis=1)
    assert (off < 1e-3).mean() > 0.95
    (line,) = [note for note in poses.notes if "taken for each other" in note]
    assert "person 0" in line and "frames" in line
    (left,) = lift_people(Followed(small_lifter, clip), [video], {}, repair_swaps=False)
    np.testing.assert_array_equal(left.keypoints, keypoints)
