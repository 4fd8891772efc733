import dataclasses

import numpy as np
import pytest

from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.data.keypoint_sets import BLAZEPOSE_33, COCO_17
from anatomy_tf.errors import InputError
from tests.data.detections.samples import (
    BLAZEPOSE_SAMPLE,
    FPS,
    RESOLUTION,
    assert_same,
    by_frame,
    landmarks,
    sample,
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
    assert (read(write_json(tmp_path / "walk.json", frames)).scores[[0, 1, 3, 4]] == 1).all()


RESULTS = {
    "JavaScript": lambda people: {"poseLandmarks": people[0] if people else None, "image": {}},
    "JavaScript tasks": lambda people: {"landmarks": people, "worldLandmarks": []},
    "Python": lambda people: {"pose_landmarks": {"landmark": people[0]} if people else None},
    "Python tasks": lambda people: {"pose_landmarks": people, "pose_world_landmarks": []},
    "lists": lambda people: (
        [[p["x"], p["y"], p["z"], p["visibility"]] for p in people[0]] if people else None
    ),
}


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
@pytest.mark.parametrize("wrap", [lambda f: f, lambda f: {"frames": f}, lambda f: {"results": f}])
def test_results_of_every_interface(tmp_path, result, wrap):
    frames = [result(people) for people in landmarks(BLAZEPOSE_SAMPLE)]
    detections = read(write_json(tmp_path / "walk.json", wrap(frames)))
    assert detections.num_frames == 5
    first = detections.keypoints[np.unique(detections.frame, return_index=True)[1]]
    np.testing.assert_allclose(first, BLAZEPOSE_SAMPLE.keypoints[[0, 2, 3]], atol=1e-3)


@pytest.mark.parametrize("names", [BLAZEPOSE_33, COCO_17])
def test_keypoints_of_tensorflow_js(tmp_path, names):
    people = sample(names)
    frames = [
        [
            {"keypoints": [dict(zip(("x", "y", "score"), p, strict=True)) for p in points.tolist()]}
            for points in np.concatenate([people.keypoints, people.scores[..., None]], -1)[rows]
        ]
        for rows in by_frame(people)
    ]
    detections = read(write_json(tmp_path / "walk.json", frames))
    assert_same(detections, people)


def test_several_people_in_a_long_table(tmp_path):
    rows = [
        f"{frame},{person},{number},{p['x']},{p['y']},{p['visibility']}"
        for frame, people in enumerate(landmarks(BLAZEPOSE_SAMPLE))
        for person, points in enumerate(people)
        for number, p in enumerate(points)
    ]
    path = tmp_path / "walk.csv"
    path.write_text("\n".join(["frame,person_id,landmark,x,y,visibility", *rows]))
    tracks = np.array([0, 1, 0, 0, 1])
    assert_same(read(path), dataclasses.replace(BLAZEPOSE_SAMPLE, track=tracks))


@pytest.mark.parametrize("wrap", [lambda p: p, lambda p: {"poseLandmarks": p}, lambda p: [p]])
def test_an_image(tmp_path, wrap):
    (person, _), *_ = landmarks(BLAZEPOSE_SAMPLE)
    detections = read(write_json(tmp_path / "picture.json", wrap(person)))
    assert (detections.num_frames, len(detections.frame)) == (1, 1)


def test_results_that_name_their_frame_are_sorted(tmp_path):
    people = landmarks(BLAZEPOSE_SAMPLE)
    entries = [{"frame": f, "landmarks": people[f]} for f in (4, 2, 0)]
    detections = read(write_json(tmp_path / "walk.json", entries))
    assert_same(detections, BLAZEPOSE_SAMPLE)


def test_visibility_that_is_null_is_none(tmp_path):
    frames = landmarks(BLAZEPOSE_SAMPLE)
    frames[0][0][5]["visibility"] = None
    frames[0][0][6]["x"] = None
    frames[0][0][7] = None
    scores = read(write_json(tmp_path / "walk.json", frames)).scores[0]
    assert (scores[5], scores[6], scores[7]) == (1, 0, 0)


def test_pixels_where_shares_are_usual_are_noted(tmp_path):
    frames = landmarks(BLAZEPOSE_SAMPLE)
    for people in frames:
        for person in people:
            for point in person:
                point.update(x=point["x"] * RESOLUTION[0], y=point["y"] * RESOLUTION[1])
    detections = read(write_json(tmp_path / "walk.json", frames))
    assert_same(detections, BLAZEPOSE_SAMPLE)
    assert "taken as pixels" in detections.notes[0]


def test_landmarks_that_are_not_there_were_not_found(tmp_path):
    path = tmp_path / "walk.csv"
    path.write_text("\n".join([HEADER, *lines(landmarks(BLAZEPOSE_SAMPLE))[:-3], "7,,,,,"]))
    detections = read(path)
    assert detections.num_frames == 8
    assert np.flatnonzero(detections.scores[-1] == 0).tolist() == [30, 31, 32]
    assert detections.notes == ("frame 4 has 30 of 33 landmarks",)


def test_landmarks_may_be_named(tmp_path):
    renamed = {"l_mouth": "MOUTH_LEFT", "r_mouth": "MOUTH_RIGHT"}
    renamed |= {"l_big_toe": "LEFT_FOOT_INDEX", "r_big_toe": "RIGHT_FOOT_INDEX"}
    sides = {"l_": "LEFT_", "r_": "RIGHT_"}
    names = [renamed.get(n, sides.get(n[:2], n[:2]) + n[2:]).upper() for n in BLAZEPOSE_33]
    points = landmarks(BLAZEPOSE_SAMPLE)[0][0]
    long = [
        f"0,{n},{p['x']},{p['y']},{p['visibility']}" for n, p in zip(names, points, strict=True)
    ]
    path = tmp_path / "long.csv"
    path.write_text("\n".join(["frame,landmark_name,x,y,visibility", *long]))
    assert_same(read(path), first_frame(BLAZEPOSE_SAMPLE))
    header = ",".join(f"{n}_x,{n}_y,{n}_z,{n}_visibility" for n in names)
    cells = ",".join(f"{p['x']},{p['y']},0,{p['visibility']}" for p in points)
    path.write_text(f"{header}\n{cells}")
    assert_same(read(path), first_frame(BLAZEPOSE_SAMPLE))


def first_frame(detections):
    fields = {f: getattr(detections, f)[:1] for f in ("frame", "track", "keypoints", "scores")}
    return dataclasses.replace(detections, num_frames=1, **fields)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("name", "first"), [("{c}{n}", 0), ("{c}{n}", 1), ("landmark_{n}_{c}", 0), ("{c}_{n}", 0)]
)
@pytest.mark.parametrize("framed", [False, True])
def test_wide_tables(tmp_path, separator, name, first, framed):
    columns = ("x", "y", "z", "v")
    header = [name.format(c=c, n=n + first) for n in range(33) for c in columns]
    rows = []
    for people in landmarks(BLAZEPOSE_SAMPLE):
        points = people[0] if people else [dict.fromkeys(("x", "y", "z", "visibility"), "")] * 33
        rows.append([p[k] for p in points for k in ("x", "y", "z", "visibility")])
    if framed:
        header = ["Frame", *header]
        rows = [[frame, *row] for frame, row in enumerate(rows)]
    text = "\n".join(separator.join(map(str, line)) for line in [header, *rows])
    path = tmp_path / "walk.csv"
    path.write_text(text if separator == "," else text.replace(".", ","))
    detections = read(path)
    assert (detections.num_frames, detections.frame.tolist()) == (5, [0, 2, 4])
    expected = BLAZEPOSE_SAMPLE.keypoints[[0, 2, 3]]
    np.testing.assert_allclose(detections.keypoints, expected, atol=1e-3)


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
        (lambda f: f[2][0][5].update(visibility=-2), "frame 2: a score is far below 0"),
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
        ("2,33,0,0,0,1", "line 101: landmark 33 is above 32"),
        ("2,5,0,0,0,1", "line 101: landmark 5 is there twice"),
        ("3,0,0,0,0", "line 101: 5 values, expected 6"),
        ("3,0,inf,0,0,1", "line 101: x is 'inf', not a number"),
        ("3,tail,0,0,0,1", "line 101: landmark is 'tail', not a number"),
        ("a,0,0,0,0,1", "line 101: frame is 'a', not a number"),
        ("-3,0,0,0,0,1", "line 101: frame: expected a whole number from 0, found -3.0"),
    ],
)
def test_mistakes_in_a_table_are_named_by_file_and_line(tmp_path, line, message):
    path = tmp_path / "walk.csv"
    path.write_text("\n".join([HEADER, *lines(landmarks(BLAZEPOSE_SAMPLE)), line]))
    with pytest.raises(InputError, match=r"walk\.csv: " + message):
        read(path)
