import numpy as np
import pytest

from anatomy_tf.data.motion.captured import Reading, read_captured
from anatomy_tf.data.motion.jumps import Jumps
from anatomy_tf.data.motion.training_set import Staging, stage
from anatomy_tf.errors import InputError
from tests.data.motion.motion_writing import rigid
from tests.data.motion.walking_person import Person


@pytest.fixture(scope="module")
def walking(cmu_test_clips):
    clip = next(clip for clip in cmu_test_clips if clip.action == "walking")
    return rigid(clip.joints)[:120]


def glitch(joints, frame, joint, metres):
    moved = joints.copy()
    moved[frame:, joint] += [0, metres, 0]
    return moved


def cut(joints, fps=50):
    return Jumps("a.bvh", joints, fps).segments()


def test_motion_without_jumps_stays_whole(walking):
    jumps = Jumps("a.bvh", walking, 50)
    assert (jumps.lead_in(), jumps.segments(), jumps.hurry()) == (0, ([slice(0, 120)], ""), "")


@pytest.mark.parametrize(
    ("joint", "below", "above"),
    [(2, 0.15, 0.27), (15, 0.2, 0.35), (16, 0.4, 0.6), (3, 0.3, 0.5), (10, 0.15, 0.3)],
    ids=["knee", "elbow", "wrist", "ankle", "head"],
)
def test_a_jump_splits_with_two_frames_before_and_three_after(walking, joint, below, above):
    assert cut(glitch(walking, 100, joint, below))[1] == ""
    segments, note = cut(glitch(walking, 100, joint, above))
    assert segments == [slice(0, 98), slice(103, 120)]
    assert note.startswith("split at 1 jumps that no person can do (")
    assert note.endswith("m/s after frame 100)")


def test_a_body_that_jumps_splits_too(walking):
    moved = walking.copy()
    moved[80:] += [0.3, 0, 0]
    segments, note = cut(moved)
    assert segments == [slice(0, 78), slice(83, 120)]
    assert "pelvis at 1" in note


def test_jumps_that_follow_each_other_leave_nothing_between(walking):
    moved = glitch(glitch(walking, 100, 2, 0.5), 102, 2, -0.5)
    segments, note = cut(moved)
    assert segments == [slice(0, 98), slice(105, 120)]
    assert note.startswith("split at 2 jumps")


def test_a_rest_pose_at_the_start_is_found(walking):
    arms_out = walking[:3].copy()
    arms_out[:, [12, 13]] += [0, 0, 0.8]
    assert Jumps("a.bvh", np.concatenate([arms_out, walking]), 50).lead_in() == 3
    assert Jumps("a.bvh", walking[:2], 50).lead_in() == 0
    away = walking[:5] + [2.0, 0, 0]  # the same pose elsewhere
    assert Jumps("a.bvh", np.concatenate([away, walking]), 50).lead_in() == 5


def test_jumps_all_the_time_are_a_wrong_rate(walking):
    moved = walking.copy()
    moved[::3, 2] += [0, 0.5, 0]
    with pytest.raises(InputError, match=r"a.bvh: joints jump as no person can in 79 of 120 .*fps"):
        cut(moved)


def test_a_rate_that_the_motion_cannot_have_is_found(walking):
    assert Jumps("a.bvh", walking, 200).hurry().startswith("check the rate: ")
    assert "no motion is captured at 4" in Jumps("a.bvh", walking, 4).hurry()


def test_files_are_split_and_short_pieces_left_out(tmp_path):
    person = Person(frames=150)
    values = person.values()
    values[70:, 0] += 100  # the pelvis
    values[130:, 0] += 100
    path = tmp_path / "walk.bvh"
    path.write_text(person.text(values))
    captured = read_captured(path, tmp_path, Reading())
    assert [len(segment) for segment in captured.segments] == [112, 91, 27]
    assert "split at 2 jumps that no person can do (pelvis at 30 m/s after frame" in captured.notes
    lines = []
    takes = stage(captured, 0, Staging(actors_per_motion=1), lines.append)
    assert [(take.name, len(take.joints)) for take in takes] == [("walk_01", 112), ("walk_02", 91)]
    assert lines == ["walk: 0.5 s left out, shorter than 1 s"]
    for take in takes:
        assert np.linalg.norm(np.diff(take.joints, axis=0), axis=-1).max() * 50 < 9


def test_a_lead_in_goes_unless_it_is_kept(tmp_path):
    person = Person(frames=90)
    values = person.values()
    values[:4, 0] += 200
    path = tmp_path / "walk.bvh"
    path.write_text(person.text(values))
    captured = read_captured(path, tmp_path, Reading())
    assert "without 4 frames of a rest pose" in captured.notes
    kept = read_captured(path, tmp_path, Reading(keep_lead_in=True))
    assert "rest pose" not in kept.notes
    assert len(kept.segments[0]) > len(captured.segments[0])
