import dataclasses

import numpy as np
import pytest

from anatomy_tf.data.detections.plain import write_plain_csv, write_plain_npz
from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.data.keypoint_sets import COCO_17, HALPE_26
from anatomy_tf.errors import InputError
from tests.data.detections.samples import BODY_SAMPLE, assert_same, openpose, sample, write_folder


def one_of(number, names=COCO_17):
    detections = sample(names, tracked=True)
    rows = detections.track == number
    fields = {f: getattr(detections, f)[rows] for f in ("frame", "track", "keypoints", "scores")}
    return dataclasses.replace(detections, **fields)


@pytest.mark.parametrize("name", ["walk_person{}.csv", "person-{:02}.npz", "Walk_ID{}.CSV"])
def test_the_number_in_the_name_is_the_persons(tmp_path, name):
    write = write_plain_npz if name.endswith("npz") else write_plain_csv
    for number in (3, 8):
        everyone = np.zeros_like(one_of(number).track)
        write(tmp_path / name.format(number), dataclasses.replace(one_of(number), track=everyone))
    (tmp_path / "notes.txt").write_text("hello")
    expected = sample(tracked=True)
    order = np.lexsort((expected.track, expected.frame))
    fields = ("frame", "track", "keypoints", "scores")
    expected = dataclasses.replace(expected, **{f: getattr(expected, f)[order] for f in fields})
    assert_same(read_detections(tmp_path), expected)


def test_a_video_that_is_called_person_has_frames(tmp_path):
    files = {f"person_{frame}.json": f for frame, f in enumerate(openpose(BODY_SAMPLE).values())}
    assert_same(read_detections(write_folder(tmp_path / "out", files)), BODY_SAMPLE)


def test_names_that_only_end_like_those_of_people_are_others(tmp_path):
    for number in (1, 2):
        write_plain_csv(tmp_path / f"grid{number}.csv", one_of(3))
    with pytest.raises(InputError, match="no files that end with _keypoints.json, "):
        read_detections(tmp_path)


def test_mistakes_are_named(tmp_path):
    write_plain_npz(tmp_path / "a_person1.npz", one_of(3))
    write_plain_npz(tmp_path / "a_person2.npz", one_of(3, HALPE_26))
    with pytest.raises(InputError, match="has 26 keypoints a person, others before 17"):
        read_detections(tmp_path)
    write_plain_npz(tmp_path / "b_person1.npz", one_of(3))
    with pytest.raises(InputError, match="two files for person 1"):
        read_detections(tmp_path)
