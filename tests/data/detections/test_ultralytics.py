import json

import numpy as np
import pytest

from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.errors import InputError
from tests.data.detections.samples import (
    FPS,
    RESOLUTION,
    assert_same,
    labels,
    sample,
    ultralytics,
    write_folder,
    write_json,
    write_zip,
)

SAMPLE = sample(tracked=True)


def read(path):
    return read_detections(path, resolution=RESOLUTION, fps=FPS)


def write_labels(folder, **fields):
    folder.mkdir()
    for name, text in labels(SAMPLE, **fields).items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("as_text", [False, True])
def test_json_of_all_frames(tmp_path, as_text):
    frames = ultralytics(SAMPLE)
    frames = [json.dumps(people) for people in frames] if as_text else frames
    assert_same(read(write_json(tmp_path / "walk.json", frames)), SAMPLE)


@pytest.mark.parametrize("write", [write_folder, write_zip])
def test_json_of_one_image_each(tmp_path, write):
    files = {f"walk_{frame}.json": people for frame, people in enumerate(ultralytics(SAMPLE))}
    assert_same(read(write(tmp_path / "out.zip", files)), SAMPLE)


def test_json_of_one_image(tmp_path):
    detections = read(write_json(tmp_path / "picture.json", ultralytics(SAMPLE)[0]))
    assert (detections.num_frames, detections.frame.tolist()) == (1, [0, 0])


def test_normalised_json_is_scaled(tmp_path):
    frames = ultralytics(SAMPLE)
    for people in frames:
        for person in people:
            for axis, size in zip("xy", RESOLUTION, strict=True):
                values = person["keypoints"][axis]
                person["keypoints"][axis] = [value / size for value in values]
    detections = read(write_json(tmp_path / "walk.json", frames))
    np.testing.assert_allclose(detections.keypoints, SAMPLE.keypoints, atol=1e-3)


@pytest.mark.parametrize("confidence", [False, True])
@pytest.mark.parametrize("tracked", [False, True])
def test_labels(tmp_path, confidence, tracked):
    folder = write_labels(tmp_path / "labels", confidence=confidence, tracked=tracked)
    detections = read(folder)
    assert detections.track.tolist() == (SAMPLE.track.tolist() if tracked else [-1] * 5)
    assert_same(read(folder), sample(tracked=tracked))
    assert_same(read(tmp_path), sample(tracked=tracked))  # the folder that holds labels


def test_labels_without_scores_count_and_without_a_place_do_not(tmp_path):
    detections = read(write_labels(tmp_path / "labels", scores=False))
    assert detections.scores[2, 3] == 0
    assert detections.scores.sum() == 5 * 17 - 1


def test_labels_of_one_image(tmp_path):
    path = tmp_path / "walk_12.txt"
    path.write_text(labels(SAMPLE)["walk_0.txt"])
    assert read(path).frame.tolist() == [12, 12]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: f[2][0].pop("keypoints"), "boxes without keypoints: use a model for poses"),
        (lambda f: f[2][0]["keypoints"].pop("x"), "frame 2: x is missing"),
        (lambda f: f[2][0]["keypoints"]["y"].pop(), "frame 2: keypoints: y: expected 17 numbers"),
        (lambda f: f[2][0].pop("name"), "frame 2: name is missing"),
    ],
)
def test_mistakes_are_named_by_file_and_frame(tmp_path, damage, message):
    frames = ultralytics(SAMPLE)
    damage(frames)
    with pytest.raises(InputError, match=r"walk\.json: .*" + message):
        read(write_json(tmp_path / "walk.json", frames))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 0.5 0.5 0.2 0.8 0.1", "6 values in a line: expected a class, a box and 17 keypoints"),
        ("0 0.5 0.5 0.2 0.8 a", "no file of a tool that is known; seems to be text"),
        ("1.5 hello", "no file of a tool that is known; seems to be text"),
    ],
)
def test_mistakes_in_labels(tmp_path, text, message):
    (tmp_path / "walk_0.txt").write_text(text)
    with pytest.raises(InputError, match=message):
        read(tmp_path)


def test_other_things_than_people_are_left_alone(tmp_path):
    frames = ultralytics(SAMPLE)
    frames[0].insert(0, frames[0][0] | {"name": "dog"})
    assert_same(read(write_json(tmp_path / "walk.json", frames)), SAMPLE)


def test_labels_may_begin_with_a_blank_line(tmp_path):
    path = tmp_path / "walk_0.txt"
    path.write_text("\n" + labels(SAMPLE)["walk_0.txt"])
    with pytest.raises(InputError, match="walk_0.txt: no file of a tool that is known"):
        read(path)
