import copy
import json
import pathlib
import types
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.data.detections import text_files
from anatomy_tf.data.detections.plain import write_plain_csv, write_plain_npz
from anatomy_tf.data.detections.reading import FORMATS, read_detections
from anatomy_tf.data.keypoint_sets import (
    BLAZEPOSE_33,
    BODY_25,
    COCO_17,
    HALPE_26,
    HUMAN36M_17,
    convert,
)
from anatomy_tf.errors import InputError
from tests.damage import changed
from tests.data.detections.samples import (
    BLAZEPOSE_SAMPLE,
    BODY_SAMPLE,
    FILES,
    RESOLUTION,
    alphapose,
    detectron2,
    labels,
    landmarks,
    mmpose,
    openpose,
    rtmlib,
    sample,
    sports2d,
    ultralytics,
    write_folder,
    write_json,
    write_npz,
    write_zip,
)

DOCUMENT = pathlib.Path(__file__).parents[3] / "docs" / "detections.md"
EXAMPLES = {
    "balance_alphapose-results.json": "alphapose",
    "balance_detectron2.npz": "detectron2",
    "balance_mediapipe33.npz": "mediapipe",
    "balance_mmpose-inferencer.json": "mmpose",
    "balance_mmpose.json": "mmpose",
    "balance_openpose.zip": "openpose",
}
JSON = {
    "alphapose": alphapose(sample(tracked=True), tracked=True),
    "mmpose": {"meta_info": {}, "instance_info": mmpose(sample())},
    "inferencer": mmpose(sample(), first=0),
    "image": mmpose(sample(), first=0)[0]["instances"],
    "rtmlib": rtmlib(sample()),
    "ultralytics": ultralytics(sample(tracked=True)),
    "javascript": [
        {"poseLandmarks": people[0] if people else []} for people in landmarks(BLAZEPOSE_SAMPLE)
    ],
    "mediapipe": landmarks(BLAZEPOSE_SAMPLE),
}


@pytest.fixture(scope="module")
def small_files(tmp_path_factory):
    """A small valid file of every format and kind."""
    folder = tmp_path_factory.mktemp("small")
    files = {name: write_json(folder / f"{name}.json", content) for name, content in JSON.items()}
    files["zip"] = write_zip(folder / "frames.zip", openpose(BODY_SAMPLE))
    files["frame"] = write_folder(folder / "frames", openpose(BODY_SAMPLE))
    files["detectron2"] = write_npz(folder / "detectron2.npz", **detectron2(sample()))
    for name, write in (("csv", write_plain_csv), ("npz", write_plain_npz)):
        files[name] = folder / f"plain.{name}"
        write(files[name], sample())
    files["landmarks"] = folder / "landmarks.csv"
    rows = [f"0,{number},0.5,0.{number},0.9" for number in range(33)]
    files["landmarks"].write_text("\n".join(["frame,landmark,x,y,visibility", *rows]))
    files["wide"] = folder / "wide.csv"
    header = ",".join(f"x{number},y{number},v{number}" for number in range(33))
    files["wide"].write_text("\n".join([header, *[",".join(["0.5,0.25,0.9"] * 33)] * 5]))
    files["trc"] = folder / "walk_px_person01.trc"
    files["trc"].write_text(sports2d(sample(HALPE_26)))
    files["labels"] = folder / "labels"
    files["labels"].mkdir()
    for name, text in labels(sample()).items():
        (files["labels"] / name).write_text(text)
    positions = {"walk.mp4": {"custom": [np.ones((5, 17, 2)) * 7]}}
    metadata = {"layout_name": "coco", "video_metadata": {"walk.mp4": {"w": 640, "h": 480}}}
    files["data_set"] = write_npz(
        folder / "data_set.npz", positions_2d=np.array(positions), metadata=np.array(metadata)
    )
    points = np.ones((1, 5, 17, 2)) * 7
    files["lifter"] = write_npz(folder / "lifter.npz", reconstruction=points)
    return files


@pytest.mark.parametrize("target", [COCO_17, HUMAN36M_17], ids=["coco", "human36m"])
def test_all_layouts_of_one_video_agree(target):
    found = {}
    for name in EXAMPLES:
        detections = read_detections(FILES / name)
        assert detections.num_frames == 100
        assert detections.frame.tolist() == list(range(100))
        assert (detections.track == -1).all()
        found[name] = convert(
            detections.keypoints, detections.scores, detections.joint_names, target
        )
    keypoints, scores = found["balance_mediapipe33.npz"]
    assert scores.min() > 0.4
    assert np.ptp(keypoints, axis=(0, 1)).min() > 500
    for other, other_scores in found.values():
        np.testing.assert_allclose(other, keypoints, atol=1e-3)
        np.testing.assert_allclose(other_scores, scores, atol=1e-3)


def test_keypoints_of_one_name_are_one_place():
    body, blazepose = (
        read_detections(FILES / name)
        for name in ("balance_openpose.zip", "balance_mediapipe33.npz")
    )
    common = [name for name in BODY_25 if name in BLAZEPOSE_33]
    assert {"l_big_toe", "r_big_toe", "l_heel", "r_heel"} < set(common)
    for name in common:
        np.testing.assert_allclose(
            body.keypoints[:, BODY_25.index(name)],
            blazepose.keypoints[:, BLAZEPOSE_33.index(name)],
            atol=1e-3,
        )
    missing = np.flatnonzero((body.scores == 0).all(axis=0))
    assert [BODY_25[joint] for joint in missing] == ["l_small_toe", "r_small_toe"]


def documented(language, holding):
    """The code block of the documentation that holds a text."""
    blocks = DOCUMENT.read_text().split("```")[1::2]
    return next(
        block.removeprefix(language)
        for block in blocks
        if block.startswith(language) and holding in block
    )


def test_the_documented_lines_save_what_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    point = types.SimpleNamespace(x=0.5, y=0.25, visibility=0.75)
    people = iter([types.SimpleNamespace(landmark=[point] * 33), None])
    pose = types.SimpleNamespace(
        process=lambda image: types.SimpleNamespace(pose_landmarks=next(people))
    )
    exec(documented("python", "pose.process"), {"pose": pose, "video": "ab", "json": json})
    detections = read_detections("walk.json", resolution=RESOLUTION)
    assert detections.num_frames == 2
    assert detections.keypoints[0, 32].tolist() == [320, 120]

    people = {"a": np.ones((2, 26, 2)), "b": np.ones((0, 26, 2))}
    model = {image: (found, found[..., 0]) for image, found in people.items()}
    exec(documented("python", "model(image)"), {"model": model.get, "video": "ab", "json": json})
    detections = read_detections("walk.json")
    assert (detections.num_frames, detections.frame.tolist()) == (2, [0, 0])
    assert (detections.resolution, detections.fps) == ((1920, 1080), 50)

    (tmp_path / "walk.csv").write_text(documented("text", "0,0,nose").lstrip())
    assert read_detections("walk.csv").keypoints[0, 0].tolist() == pytest.approx([509.3, 444.1])


def test_every_format_is_recognised_and_can_be_named(small_files):
    for name, path in small_files.items():
        found = read_detections(path, resolution=RESOLUTION)
        assert len(found.frame) in (1, 2, 3, 5), name
    for name, format in EXAMPLES.items():
        named = read_detections(FILES / name, format=format)
        np.testing.assert_array_equal(named.keypoints, read_detections(FILES / name).keypoints)
    others = {"auto", "plain", "rtmlib", "sports2d", "ultralytics", "lifters"}
    assert set(EXAMPLES.values()) | others == set(FORMATS)


def test_resolution_and_fps_are_added_or_confirmed():
    path = FILES / "balance_alphapose-results.json"
    assert read_detections(path).resolution is None
    detections = read_detections(path, resolution=(1080, 1920), fps=60)
    assert (detections.resolution, detections.fps) == ((1080, 1920), 60)
    path = FILES / "balance_detectron2.npz"
    assert read_detections(path, resolution=(1080, 1920), fps=60).resolution == (1080, 1920)
    with pytest.raises(InputError, match=r"resolution is \(1080, 1920\) in the file, but \(1920, "):
        read_detections(path, resolution=(1920, 1080))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("walk.dat", b"", "expected a folder or a file that ends with .json, .npz, .csv, .tsv, "),
        ("walk.txt", b"hello", "seems to be text without the numbers of any tool"),
        ("walk.mp4", b"", "seems to be a video: run a 2D detector on it first"),
        ("walk.pkl", b"", "seems to be a pickle, .*: save JSON or .npz"),
        ("walk.bvh", b"", "seems to be motion capture, .*: tools/prepare_mocap.py reads it"),
        ("walk.json", b"", "truncated, or not JSON"),
        ("walk.json", b"[1, 2", "truncated, or not JSON"),
        ("walk.json", b"[[Infinity]]", "Infinity is no number"),
        ("walk.json", b"[[[1.0, 2.0]]]", "numbers in lists 3 deep, which do not say what they are"),
        ("walk.json", b'{"images": [], "annotations": []}', "seems to be COCO annotations"),
        ("walk.json", b'{"0.jpg": {"bodies": []}}', "seems to be AlphaPose's --format cmu"),
        ("walk.json", b'[{"bbox": [1], "image_id": 0}]', "seems to be boxes without keypoints"),
        ("walk.csv", b"scorer,DLC,DLC", "seems to be a table of DeepLabCut"),
        ("walk.csv", b"frame,x0,y0,x1,y1", "seems to be a table of frame, x0, y0, x1, y1"),
        ("walk.json", b"\xff\xfe", "truncated, or not JSON"),
        ("walk.json", b"[" * 100_000, "deeper than any detections"),
        ("walk.json", b"{}", "no file of a tool that is known; seems to be an empty object"),
        ("walk.json", b'[{"joints": 1}]', "seems to be a list of objects with joints"),
        ("walk.json", b"[]", "nobody in any frame"),
        ("walk.json", b"[null, [], null]", "nobody in any frame"),
        ("walk.json", b"[" + b"9" * 5000 + b"]", "truncated, or not JSON"),
        ("walk.csv", b"frame,x\n\xff\xfe", "walk.csv: line [01]: .*codec can't decode"),
        ("walk.npz", b"hello", "walk.npz"),
    ],
)
def test_files_of_no_format_are_refused(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as error:
        read_detections(tmp_path / name)
    assert "\n" not in str(error.value)


def test_missing_files_and_wrong_names_of_formats_are_refused(tmp_path, small_files):
    for name in ("no.json", "no.npz", "no.csv", "no.zip"):
        with pytest.raises(InputError, match=name + ": file not found"):
            read_detections(tmp_path / name)
    with pytest.raises(
        InputError, match="yolo: no such format of detections; there are auto, alpha"
    ):
        read_detections(small_files["csv"], format="yolo")
    with pytest.raises(InputError, match=r"plain.csv: not of openpose, but of plain"):
        read_detections(small_files["csv"], format="openpose")
    with pytest.raises(InputError, match="plain.csv: not of mediapipe, but of plain"):
        read_detections(small_files["csv"], format="mediapipe", resolution=RESOLUTION)


def test_a_file_larger_than_hours_of_video_is_refused(small_files, monkeypatch):
    monkeypatch.setattr(text_files, "MAX_BYTES", 2**10)
    with pytest.raises(InputError, match="larger than 0 MiB; split the video"):
        read_detections(small_files["mmpose"])


def test_a_file_of_more_values_than_hours_of_video_is_refused(small_files, monkeypatch):
    monkeypatch.setattr(text_files, "MAX_VALUES", 100)
    with pytest.raises(InputError, match="more than 100 values; split the video"):
        read_detections(small_files["mmpose"])


def read_or_refuse(path, format="auto"):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            read_detections(path, format=format, resolution=RESOLUTION)
    except InputError as error:
        assert "\n" not in str(error)
        assert path.name in str(error)


KINDS = (*JSON, "zip", "frame", "detectron2", "csv", "npz", "landmarks", "wide", "trc", "labels")
KINDS += ("data_set", "lifter")


@pytest.mark.parametrize("name", KINDS)
def test_a_file_with_changed_bytes_is_read_or_refused(small_files, name):
    whole = path = small_files[name]
    if whole.is_dir():
        path = sorted(whole.iterdir())[-1]
    original = path.read_bytes()

    @settings(max_examples=60, deadline=None)
    @given(data=st.data())
    def check(data):
        path.write_bytes(changed(data, original))
        read_or_refuse(whole)

    try:
        check()
    finally:
        path.write_bytes(original)


JUNK = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        2.5,
        1e300,
        1e308,
        -1e-300,
        10**400,
        "",
        "7",
        "x" * 100,
        "\n",
        [],
        {},
        [[]],
        [{}],
    ]
)


def _places(node):
    """Every container in parsed JSON with each of its keys or indices."""
    if isinstance(node, dict | list):
        for key in node if isinstance(node, dict) else range(len(node)):
            yield node, key
            yield from _places(node[key])


@pytest.mark.parametrize("name", JSON)
def test_json_with_any_value_changed_is_read_or_refused(tmp_path, name):
    format = {"inferencer": "mmpose", "image": "mmpose", "javascript": "mediapipe"}.get(name, name)

    @settings(max_examples=100, deadline=None)
    @given(data=st.data(), junk=JUNK, named=st.booleans(), remove=st.booleans())
    def check(data, junk, named, remove):
        content = copy.deepcopy(JSON[name])
        places = list(_places(content))
        # The first places are the outer ones, of which there are few.
        last = data.draw(st.sampled_from([20, len(places) - 1]))
        container, key = places[data.draw(st.integers(0, last))]
        if remove:
            del container[key]
        else:
            container[key] = junk
        (tmp_path / "changed.json").write_text(json.dumps(content))
        read_or_refuse(tmp_path / "changed.json", format if named else "auto")

    check()
