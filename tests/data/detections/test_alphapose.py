import math

import numpy as np
import pytest

from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.data.detections.tracking import track_people
from anatomy_tf.data.keypoint_sets import COCO_17, COCO_23, HALPE_26
from anatomy_tf.errors import InputError
from tests.data.detections.samples import alphapose, assert_same, sample, write_json


@pytest.fixture
def read(tmp_path):
    return lambda content, **options: read_detections(
        write_json(tmp_path / "alphapose-results.json", content), **options
    )


@pytest.mark.parametrize("names", [COCO_17, HALPE_26])
@pytest.mark.parametrize("tracked", [False, True])
def test_what_alphapose_wrote_is_read(read, names, tracked):
    detections = sample(names, tracked)
    assert_same(read(alphapose(detections, tracked)), detections)


@pytest.mark.parametrize(
    "name", ["{}.jpg", "frame_{:06}.png", "cam.2_{:03}.jpeg", "{}", "{:012}.jpg"]
)
def test_the_frame_is_the_number_at_the_end_of_the_image_name(read, name):
    entries = alphapose(sample())
    for entry, frame in zip(entries, sample().frame, strict=True):
        entry["image_id"] = name.format(frame)
    assert_same(read(entries), sample())


def test_image_numbers_and_entries_without_box_are_the_form_of_coco_results(read):
    entries = [
        {"image_id": int(frame), "category_id": 1, "keypoints": e["keypoints"], "score": 1.5}
        for e, frame in zip(alphapose(sample()), sample().frame, strict=True)
    ]
    assert_same(read(entries), sample())


def test_merged_detections_have_the_number_of_the_first(read):
    entries = alphapose(sample())
    for entry, index in zip(entries, [[3.0], [8.0, 9.0], [8.0], [8.0, 5.0], [3.0]], strict=True):
        entry["idx"] = index
    assert_same(read(entries), sample(tracked=True))


def test_scores_above_1_count_as_1(read):
    entries = alphapose(sample())
    entries[2]["keypoints"][2] = 1.07
    assert read(entries).scores[2, 0] == 1


def change(entry, **values):
    return lambda entries: entries[entry].update(values)


def keypoint(entry, index, value):
    return lambda entries: entries[entry]["keypoints"].__setitem__(index, value)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (change(0, keypoints=[1.0] * 63), "frame 0: 21 keypoints, which is none of 16, 17, 18, "),
        (change(0, keypoints=[1.0] * 50), "frame 0: keypoints: 50 numbers, not x, y, score for"),
        (change(2, keypoints=[0.5] * 78), "frame 2 has 26 keypoints a person, others before 17"),
        (change(2, keypoints="no"), "frame 2: keypoints: expected a list, found 'no'"),
        (change(2, image_id="last.jpg"), "entry 2: image_id 'last.jpg' has no frame number"),
        (change(2, image_id=-1), "entry 2: image_id: expected a whole number from 0, found -1"),
        (change(2, image_id=2.5), "entry 2: image_id: expected a whole number from 0, found 2.5"),
        (change(2, image_id="99999999999.jpg"), "frame 99999999999: no video has that many"),
        (change(1, image_id="b_0.jpg"), "images of several videos: '' and 'b_'"),
        (change(3, idx="a"), "entry 3: idx: expected a whole number from 0, found 'a'"),
        (keypoint(2, 5, -1.1), "frame 2: a score is far below 0"),
        (keypoint(2, 4, "7"), "frame 2: keypoints: expected 51 numbers, .* with '7' in it"),
        (keypoint(2, 4, True), "frame 2: keypoints: expected 51 numbers, found a list of 51"),
        (keypoint(2, 4, 10**400), "frame 2: keypoints: expected 51 numbers, found a list of 51"),
        (keypoint(2, 4, 1e9), "frame 2: a keypoint is a million pixels away"),
        (lambda entries: entries[2].pop("keypoints"), "frame 2: keypoints: keypoints is missing"),
        (lambda entries: entries.__setitem__(2, 5), "entry 2: expected an object with image_id"),
        (
            lambda entries: [
                e["keypoints"].__setitem__(slice(2, None, 3), [0.0] * 17) for e in entries
            ],
            "nobody",
        ),
    ],
)
def test_mistakes_are_named_by_file_and_frame(read, damage, message):
    entries = alphapose(sample(tracked=True), tracked=True)
    damage(entries)
    with pytest.raises(InputError, match=r"alphapose-results\.json: .*" + message) as error:
        read(entries)
    assert "\n" not in str(error.value)


def test_one_number_for_two_people_of_a_frame_is_noted_and_people_are_followed(read):
    entries = alphapose(sample(tracked=True), tracked=True)
    entries[4]["idx"] = 8
    detections = read(entries)
    assert detections.track.tolist() == [3, 8, 8, 8, 8]
    (note,) = detections.notes
    assert "number 8 is there twice in frame 4: numbers are left aside" in note
    assert sorted(track_people(detections)[3:]) != [8, 8]


def test_a_person_written_twice_counts_once(read):
    entries = alphapose(sample(tracked=True), tracked=True)
    detections = read([*entries[:2], *entries[1:]])
    assert_same(detections, sample(tracked=True))
    assert detections.notes == ("1 people written twice count once, first in frame 0",)


def test_entries_may_be_in_any_order(read):
    entries = alphapose(sample(tracked=True), tracked=True)
    assert_same(read([entries[i] for i in (3, 0, 4, 2, 1)]), sample(tracked=True))


@pytest.mark.parametrize("nest", [lambda n: [[n], [n]], lambda n: [[[n, 7.0]]], lambda n: [n]])
def test_numbers_may_be_nested(read, nest):
    entries = alphapose(sample(tracked=True), tracked=True)
    for entry in entries:
        entry["idx"] = nest(float(entry["idx"]))
    assert_same(read(entries), sample(tracked=True))


@pytest.mark.parametrize("nothing", [None, math.nan, 0.0])
def test_keypoints_and_people_that_were_not_found(read, nothing):
    entries = alphapose(sample())
    entries[1]["keypoints"][6:9] = [nothing] * 3
    entries[2]["keypoints"] = [nothing] * 51
    entries[3]["keypoints"] = []
    detections = read(entries)
    assert detections.frame.tolist() == [0, 0, 4]
    assert np.flatnonzero(detections.scores[1] == 0).tolist() == [2]
    assert detections.keypoints[1, 2].tolist() == [0, 0]


@pytest.mark.parametrize("score", [-0.02, None, math.nan])
def test_a_score_a_little_below_0_or_none_is_not_found(read, score):
    entries = alphapose(sample())
    entries[0]["keypoints"][5] = score
    assert np.flatnonzero(read(entries).scores[0] == 0).tolist() == [1]


def test_of_whole_bodies_the_body_is_read(read):
    for names, points in ((COCO_23, 133), (HALPE_26, 136)):
        entries = alphapose(sample(names))
        for entry in entries:
            entry["keypoints"] += [5.0, 6.0, 0.9] * (points - len(names))
        assert_same(read(entries), sample(names))


def test_a_file_without_people_says_so(read):
    with pytest.raises(InputError, match="there is nobody in any frame"):
        read([])
