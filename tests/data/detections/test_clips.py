import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.data.detections.clips import clips_from_detections
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.frame_rate import to_original_rate
from anatomy_tf.data.keypoint_sets import COCO_17
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17

FRAMES = 60


def detections(people, frames: int = FRAMES, names=H36M_17.joint_names, **fields) -> Detections:
    """`people`: pairs of `(T, J, 2)` keypoints and `(T, J)` scores; frames with NaN scores have
    nobody.
    """
    rows = [
        (t, keypoints[t], scores[t])
        for t in range(frames)
        for keypoints, scores in people
        if np.isfinite(scores[t]).all()
    ]
    fields = {"resolution": (1000, 1000), "fps": 50.0} | fields
    return Detections(
        source="folder/video.json",
        joint_names=names,
        num_frames=frames,
        frame=np.array([row[0] for row in rows]),
        track=np.full(len(rows), -1),
        keypoints=np.array([row[1] for row in rows], np.float32),
        scores=np.array([row[2] for row in rows], np.float32),
        **fields,
    )


def person(seed: int = 0, joints: int = 17) -> tuple[np.ndarray, np.ndarray]:
    """Someone who walks slowly to the right; all scores 0.5 to 1."""
    rng = np.random.default_rng(seed)
    body = rng.uniform(0, 1, (joints, 2)) * [100, 300] + [100 + 400 * seed, 300]
    keypoints = body + np.arange(FRAMES)[:, np.newaxis, np.newaxis] * [2, 0]
    return keypoints, rng.uniform(0.5, 1, (FRAMES, joints))


def without(scores: np.ndarray, frames) -> np.ndarray:
    scores = scores.copy()
    scores[frames] = np.nan
    return scores


def test_nothing_missing_nothing_changed(cmu_test_clips):
    original = cmu_test_clips[0]
    scores = np.maximum(original.visibility, 0.01)
    video = detections([(original.keypoints, scores)], len(original), resolution=(1000, 1002))
    (result,) = clips_from_detections(video)
    np.testing.assert_array_equal(result.clip.keypoints, original.keypoints)
    np.testing.assert_array_equal(result.clip.visibility, scores)
    assert (result.person, result.first_frame, result.frames) == (0, 0, len(original))
    assert (result.clip.fps, result.clip.resolution) == (50, (1000, 1002))
    assert result.clip.name == "video/0/0"


def test_a_long_gap_splits_a_short_one_does_not():
    keypoints, scores = person()
    notes = []
    gaps = [*range(10, 20), *range(40, 51)]
    video = detections([(keypoints, without(scores, gaps))])
    results = clips_from_detections(video, max_gap_seconds=0.2, min_frames=10, note=notes.append)
    assert [(r.first_frame, r.frames) for r in results] == [(0, 40)]
    np.testing.assert_allclose(results[0].clip.keypoints, keypoints[:40], atol=1e-3)
    hidden = (results[0].clip.visibility == 0).all(axis=1)
    assert np.flatnonzero(hidden).tolist() == list(range(10, 20))
    assert notes == [
        "folder/video.json: person 0, frames 51 to 59: found in 9, fewer than 10; left out"
    ]
    both = clips_from_detections(video, max_gap_seconds=0.2, min_frames=9)
    assert [(r.first_frame, r.frames) for r in both] == [(0, 40), (51, 9)]


def test_what_the_reader_noted_is_passed_on():
    notes = []
    video = dataclasses.replace(detections([person()]), notes=("a line", "another"))
    clips_from_detections(video, note=notes.append)
    assert notes == ["folder/video.json: a line", "folder/video.json: another"]


def test_the_limit_is_half_a_second():
    keypoints, scores = person()
    for missing, frames in ((25, [60]), (26, [15, 19])):
        video = detections([(keypoints, without(scores, range(15, 15 + missing)))])
        assert [r.frames for r in clips_from_detections(video)] == frames


def test_people():
    video = detections([person(0), person(1)])
    everyone = clips_from_detections(video, person="all")
    assert [r.person for r in everyone] == [0, 1]
    for result, seed in zip(everyone, (0, 1), strict=True):
        np.testing.assert_allclose(result.clip.keypoints, person(seed)[0], rtol=1e-6)
        (alone,) = clips_from_detections(video, person=str(seed))
        np.testing.assert_array_equal(alone.clip.keypoints, result.clip.keypoints)


def test_coco_keypoints_become_the_joints_of_the_models():
    keypoints, scores = person(joints=17)
    video = detections([(keypoints, scores)], names=COCO_17)
    (result,) = clips_from_detections(video)
    hips = [COCO_17.index("l_hip"), COCO_17.index("r_hip")]
    np.testing.assert_allclose(
        result.clip.keypoints[:, 0], keypoints[:, hips].mean(axis=1), rtol=1e-6
    )
    np.testing.assert_allclose(result.clip.visibility[:, 0], scores[:, hips].min(axis=1))


def test_another_frame_rate_and_back():
    keypoints, scores = person()
    (result,) = clips_from_detections(detections([(keypoints, scores)]), target_fps=30)
    assert result.clip.fps == 30
    assert len(result.clip) == 36
    assert result.frames == FRAMES
    back = to_original_rate(result.clip.keypoints, result.frames)
    np.testing.assert_allclose(back, keypoints, atol=1e-2)


@pytest.mark.parametrize(("field", "flag"), [("fps", "--fps"), ("resolution", "--resolution=WxH")])
def test_what_the_file_does_not_tell_has_to_be_given(field, flag):
    video = detections([person()])
    unknown = dataclasses.replace(video, **{field: None})
    with pytest.raises(
        InputError, match=f"folder/video.json does not tell its {field}: give it with {flag}"
    ):
        clips_from_detections(unknown)
    given = {"fps": 60.0, "resolution": (640, 480)}[field]
    for detected in (unknown, video):
        (result,) = clips_from_detections(detected, **{field: given})
        assert getattr(result.clip, field) == given


@pytest.mark.parametrize("fps", [0.0, -1.0, 1e300, float("nan")])
def test_an_impossible_frame_rate(fps):
    with pytest.raises(InputError, match=r"video.json: .* frames per second cannot be"):
        clips_from_detections(detections([person()]), fps=fps)


@pytest.mark.parametrize("seconds", [-0.1, 61.0, float("nan")])
def test_an_impossible_gap(seconds):
    with pytest.raises(InputError, match=r"a gap of .* seconds: not from 0 to 60"):
        clips_from_detections(detections([person()]), max_gap_seconds=seconds)


@pytest.mark.parametrize(("first", "frames"), [(0, 1), (12, 1), (0, 5)])
def test_an_image_and_a_few_frames_are_taken_where_there_is_nothing_longer(first, frames):
    keypoints, scores = person()
    there = range(first, first + frames)
    video = detections([(keypoints, without(scores, [t for t in range(FRAMES) if t not in there]))])
    video = dataclasses.replace(video, num_frames=first + frames)
    notes = []
    (result,) = clips_from_detections(video, target_fps=25, note=notes.append)
    assert (result.first_frame, result.frames) == (first, frames)
    np.testing.assert_allclose(result.clip.keypoints[0], keypoints[first], rtol=1e-6)
    assert (result.clip.visibility > 0).all()
    (note,) = notes
    assert f"found in {frames}, fewer than 10; without motion" in note


def test_nothing_is_left():
    keypoints, scores = person()
    scores[:], scores[:, 2] = 0, 0.5  # an eye is no joint of the models
    video = detections([(keypoints, scores)], names=COCO_17)
    with pytest.raises(InputError, match="no clip can be made: none of the skeleton's joints"):
        clips_from_detections(video)


def test_joints_that_cannot_be_made():
    video = detections([person()], names=tuple(f"point {i}" for i in range(17)))
    with pytest.raises(InputError, match=r"^folder/video.json: .* cannot be made from point 0"):
        clips_from_detections(video)


def test_a_frame_number_out_of_this_world_takes_no_memory():
    keypoints, scores = person()
    video = detections([(keypoints, scores)])
    video = dataclasses.replace(
        video, frame=np.append(video.frame[:-1], 10**12), num_frames=10**12 + 1
    )
    (result,) = clips_from_detections(video)
    assert result.frames == FRAMES - 1


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_all_frames_are_covered_once_and_only_what_was_seen_is_visible(data):
    keypoints, scores = person()
    seen = np.array(data.draw(st.lists(st.booleans(), min_size=FRAMES, max_size=FRAMES)))
    seen[data.draw(st.integers(0, FRAMES - 1))] = True
    hidden = data.draw(
        st.lists(st.tuples(st.integers(0, FRAMES - 1), st.integers(0, 16)), max_size=60)
    )
    for frame, joint in hidden:
        scores[frame, joint] = 0
    max_gap = data.draw(st.integers(0, 8))
    video = detections([(keypoints, without(scores, ~seen))])
    results = clips_from_detections(video, max_gap_seconds=max_gap / 50, min_frames=1)
    covered = np.concatenate([np.arange(r.first_frame, r.first_frame + r.frames) for r in results])
    assert len(set(covered)) == len(covered)
    assert set(np.flatnonzero(seen)) <= set(covered)
    for result in results:
        frames = np.arange(result.first_frame, result.first_frame + result.frames)
        expected = np.where(seen[frames, np.newaxis], scores[frames], 0).astype(np.float32)
        np.testing.assert_array_equal(result.clip.visibility, expected)
        found = expected > 0
        original = keypoints.astype(np.float32)[frames]
        np.testing.assert_array_equal(result.clip.keypoints[found], original[found])
        assert np.isfinite(result.clip.keypoints).all()
        assert np.abs(result.clip.keypoints - original).max() < 400  # no wild coordinates
    # Every frame in none of the clips is part of a gap longer than the limit.
    outside = np.setdiff1d(np.arange(FRAMES), covered)
    for run in np.split(outside, np.flatnonzero(np.diff(outside) > 1) + 1):
        assert len(run) == 0 or len(run) > max_gap
