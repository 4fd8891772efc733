import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.tracking import track_people
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17

BODY = np.random.default_rng(3).uniform(-1, 1, (17, 2)) * [40, 90]


def video(centres: dict[int, list], seed: int = 0) -> tuple[Detections, np.ndarray]:
    """People at `centres[frame]`, the same order in every frame, None for nobody, and who each
    really is.

    Within a frame they are written in a random order.
    """
    rng = np.random.default_rng(seed)
    frame, who, keypoints = [], [], []
    for number, places in centres.items():
        for person in rng.permutation(len(places)):
            if places[person] is not None:
                frame.append(number)
                who.append(person)
                keypoints.append(BODY + places[person])
    return detections_of(frame, keypoints), np.array(who)


def detections_of(frame, keypoints, track=None) -> Detections:
    frame = np.array(frame)
    return Detections(
        source="video.json",
        joint_names=H36M_17.joint_names,
        num_frames=int(frame.max()) + 1,
        frame=frame,
        track=np.full(len(frame), -1) if track is None else np.array(track),
        keypoints=np.array(keypoints, np.float32),
        scores=np.ones((len(frame), 17), np.float32),
    )


def reordered(detections: Detections, order: np.ndarray) -> Detections:
    fields = ("frame", "track", "keypoints", "scores")
    return dataclasses.replace(detections, **{f: getattr(detections, f)[order] for f in fields})


def follows(tracks: np.ndarray, who: np.ndarray) -> bool:
    """Whether numbers and people are one to one."""
    return (
        len(set(zip(tracks.tolist(), who.tolist(), strict=True)))
        == len(set(who))
        == len(set(tracks))
    )


def test_two_people_cross():
    # A finer step than the boxes' width, so that they overlap fully in between.
    walk = {t: [(100 + 6 * t, 300), (700 - 6 * t, 320)] for t in range(100)}
    detections, who = video(walk)
    assert follows(track_people(detections), who)


def test_one_is_hidden_while_two_people_cross():
    walk = {t: [(100 + 6 * t, 300), (700 - 6 * t, 320)] for t in range(100)}
    for t in range(45, 56):
        walk[t][1] = None
    detections, who = video(walk)
    assert follows(track_people(detections), who)


def test_real_motion_with_missed_detections(cmu_test_clips):
    first, _, second, _ = [clip for clip in cmu_test_clips if clip.action == "salsa"][:4]
    rng = np.random.default_rng(0)
    frame, who, keypoints = [], [], []
    for t in range(400):
        for person in rng.permutation(2):
            if rng.random() > 0.1:
                frame.append(t)
                who.append(person)
                keypoints.append((first, second)[person].keypoints[t] + [300 * person, 0])
    assert follows(track_people(detections_of(frame, keypoints)), np.array(who))


def test_the_number_is_kept_for_as_long_as_patience_lasts():
    still = {t: [(200, 200)] for t in (0, 1, 2, 8)}
    assert track_people(video(still)[0], patience=5).tolist() == [0, 0, 0, 0]
    assert track_people(video(still)[0], patience=4).tolist() == [0, 0, 0, 1]


def test_a_hidden_person_is_not_expected_to_walk_on_for_ever():
    walk = {t: [(100 + 6 * t, 300)] for t in range(20)} | {70: [(214 + 150, 300)]}
    assert set(track_people(video(walk)[0])) == {0}


def test_numbers_count_in_the_order_of_appearance_from_left_to_right():
    detections, who = video({0: [(600, 200), (200, 200)], 1: [(600, 200), (200, 200), (400, 200)]})
    tracks = track_people(detections)
    assert [set(tracks[who == person]) for person in range(3)] == [{1}, {0}, {2}]


def test_the_tools_own_numbers_count():
    detections = detections_of([0, 0, 1, 1], [BODY, BODY + 500, BODY + 500, BODY], [7, 9, 7, 9])
    assert track_people(detections).tolist() == [7, 9, 7, 9]


@pytest.mark.parametrize("track", [[7, 9, 7, -1], [7, 7, 7, 9]], ids=["one without", "twice"])
def test_own_numbers_that_do_not_tell_people_apart_are_not_used(track):
    detections = detections_of([0, 0, 1, 1], [BODY, BODY + 500, BODY + 500, BODY], track)
    assert track_people(detections).tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("track", [None, [4, 5]])
def test_a_detection_without_keypoints_is_nobody(track):
    detections = detections_of([0, 1], [BODY, BODY], track)
    detections.scores[1] = 0
    assert track_people(detections).tolist() == [0 if track is None else 4, -1]
    detections.scores[0] = 0
    assert track_people(detections).tolist() == [-1, -1]


def test_a_frame_full_of_people_takes_no_memory():
    crowd = detections_of([0] + [4] * 501, [BODY] * 502)
    with pytest.raises(InputError, match=r"video.json: 501 people in frame 4; only up to 500"):
        track_people(crowd)


people = st.tuples(st.integers(0, 30), st.integers(0, 900), st.integers(0, 300))


@settings(max_examples=100, deadline=None)
@given(people=st.lists(people, min_size=1, max_size=40, unique=True), data=st.data())
def test_everyone_has_one_number_whatever_the_order_within_frames(people, data):
    people.sort()
    frame = [p[0] for p in people]
    detections = detections_of(frame, [BODY + p[1:] for p in people])
    tracks = track_people(detections)
    assert tracks.min() >= 0
    assert len(set(zip(frame, tracks.tolist(), strict=True))) == len(frame)
    shuffled = data.draw(st.permutations(range(len(frame))))
    order = np.array(sorted(shuffled, key=lambda row: frame[row]))
    assert (track_people(reordered(detections, order)) == tracks[order]).all()
