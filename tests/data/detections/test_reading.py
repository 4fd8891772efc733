import json
import pathlib
import types

import numpy as np
import pytest

from anatomy_tf.data.detections import text_files
from anatomy_tf.data.detections.reading import FORMATS, read_detections
from anatomy_tf.data.keypoint_sets import (
    BLAZEPOSE_33,
    BODY_25,
    COCO_17,
    HUMAN36M_17,
    convert,
)
from anatomy_tf.errors import InputError
from tests.data.detections.samples import (
    FILES,
    RESOLUTION,
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
