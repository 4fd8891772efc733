import numpy as np
import pytest

from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.errors import InputError
from tests.data.detections.samples import (
    BLAZEPOSE_SAMPLE,
    FPS,
    RESOLUTION,
    assert_same,
    landmarks,
    write_json,
    write_npz,
)

HEADER = "frame,landmark,x,y,z,visibility"


def read(path):
    return read_detections(path, resolution=RESOLUTION, fps=FPS)


def first_people(frames):
    """One person, or nobody, per frame, as the older interface gives them."""
    return [people[0] if people else None for people in frames]


def lines(frames):
    return [
        f"{frame},{number},{point['x']},{point['y']},0.1,{point['visibility']}"
        for frame, points in enumerate(first_people(frames))
        for number, point in enumerate(points or [])
    ]


def test_landmarks_of_several_people_become_pixels(tmp_path):
    detections = read(write_json(tmp_path / "walk.json", landmarks(BLAZEPOSE_SAMPLE)))
    assert_same(detections, BLAZEPOSE_SAMPLE)
    assert (detections.resolution, detections.fps) == (RESOLUTION, FPS)


def test_json_csv_and_arrays_of_one_person_agree(tmp_path):
    frames = landmarks(BLAZEPOSE_SAMPLE)
    json_file = write_json(tmp_path / "walk.json", first_people(frames))
    csv_file = tmp_path / "walk.csv"
    csv_file.write_text("\n".join([HEADER, *reversed(lines(frames)), ""]))
    points = np.zeros((5, 33, 3))
    points[[0, 2, 4], :, :2] = BLAZEPOSE_SAMPLE.keypoints[[0, 2, 3]]
    points[[0, 2, 4], :, 2] = BLAZEPOSE_SAMPLE.scores[[0, 2, 3]]
    arrays = write_npz(tmp_path / "walk.npz", keypoints=points, resolution=RESOLUTION, fps=FPS)
    expected = read_detections(arrays)
    np.testing.assert_allclose(expected.keypoints, BLAZEPOSE_SAMPLE.keypoints[[0, 2, 3]])
    assert (expected.resolution, expected.fps) == (RESOLUTION, FPS)
    assert_same(read(json_file), expected)
    assert_same(read(csv_file), expected)


def test_landmarks_without_visibility_are_visible(tmp_path):
    frames = landmarks(BLAZEPOSE_SAMPLE)
    for people in frames:
        for points in people:
            for point in points:
                del point["visibility"]
    assert (read(write_json(tmp_path / "walk.json", frames)).scores == 1).all()


@pytest.mark.parametrize("name", ["walk.json", "walk.csv"])
def test_the_resolution_has_to_be_given(tmp_path, name):
    path = tmp_path / name
    if name == "walk.json":
        write_json(path, landmarks(BLAZEPOSE_SAMPLE))
    else:
        path.write_text("\n".join([HEADER, *lines(landmarks(BLAZEPOSE_SAMPLE))]))
    with pytest.raises(InputError, match=name + ": .*give its size, as in --resolution=1920x1080"):
        read_detections(path)


def test_a_resolution_that_contradicts_the_file_is_refused(tmp_path):
    path = write_npz(tmp_path / "walk.npz", keypoints=np.ones((2, 33, 3)), resolution=(1, 2), fps=5)
    with pytest.raises(
        InputError, match=r"resolution is \(1, 2\) in the file, but \(640, 480\) given"
    ):
        read_detections(path, resolution=RESOLUTION)
    with pytest.raises(InputError, match=r"fps is 5.0 in the file, but 30.0 given"):
        read_detections(path, fps=FPS)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: f[2][0].pop(), "frame 2: landmarks: expected 33 x 3 numbers"),
        (lambda f: f[2][0][5].pop("x"), "frame 2: x is missing"),
        (lambda f: f[2][0][5].update(x="1"), "frame 2: landmarks: expected 33 x 3 numbers"),
        (lambda f: f[2][0][5].update(visibility=-1), "frame 2: a score is below 0"),
        (lambda f: f[2].__setitem__(0, 5), "frame 2: expected a list"),
        (lambda f: f.__setitem__(2, 5), "frame 2: expected a list"),
        (lambda f: f[2][0].__setitem__(3, [1, 2]), "frame 2: expected an object with x"),
        (lambda f: [people.clear() for people in f], "there is nobody in any frame"),
    ],
)
def test_mistakes_in_json_are_named_by_file_and_frame(tmp_path, damage, message):
    frames = landmarks(BLAZEPOSE_SAMPLE)
    damage(frames)
    with pytest.raises(InputError, match=r"walk\.json: " + message) as error:
        read(write_json(tmp_path / "walk.json", frames))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2,33,0,0,0,1", "line 101: landmark 33 is twice there, or above 32"),
        ("2,5,0,0,0,1", "line 101: landmark 5 is twice there, or above 32"),
        ("3,0,0,0,0,1", "frame 3 has 1 of 33 landmarks"),
        ("3,0,0,0,0", "line 101: 5 values, expected 6"),
        ("3,0,nan,0,0,1", "line 101: x is 'nan', not a number"),
        ("a,0,0,0,0,1", "line 101: frame is 'a', not a number"),
        ("-3,0,0,0,0,1", "line 101: frame: expected a whole number from 0, found -3.0"),
    ],
)
def test_mistakes_in_a_table_are_named_by_file_and_line(tmp_path, line, message):
    path = tmp_path / "walk.csv"
    path.write_text("\n".join([HEADER, *lines(landmarks(BLAZEPOSE_SAMPLE)), line]))
    with pytest.raises(InputError, match=r"walk\.csv: " + message):
        read(path)
