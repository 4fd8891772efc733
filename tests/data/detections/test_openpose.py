import dataclasses
import json
import zipfile

import numpy as np
import pytest

from anatomy_tf.data.detections import frame_files as reader
from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.data.keypoint_sets import BODY_25, BODY_25B, COCO_17, COCO_18, HALPE_26, convert
from anatomy_tf.errors import InputError
from tests.data.detections.samples import (
    BODY_SAMPLE,
    FILES,
    RESOLUTION,
    assert_same,
    openpose,
    sample,
    write_folder,
    write_json,
    write_zip,
)


@pytest.mark.parametrize("names", [BODY_25, COCO_18])
@pytest.mark.parametrize("tracked", [False, True])
def test_a_folder_and_a_zip_of_it_are_read(tmp_path, names, tracked):
    detections = sample(names, tracked)
    files = openpose(detections)
    assert_same(read_detections(write_folder(tmp_path / "out", files)), detections)
    assert_same(read_detections(write_zip(tmp_path / "out.zip", files)), detections)
    packed = write_zip(tmp_path / "packed.ZIP", files, compression=zipfile.ZIP_DEFLATED)
    assert_same(read_detections(packed), detections)


def test_order_in_the_zip_and_other_files_do_not_matter(tmp_path):
    files = {f"out/{name}": file for name, file in reversed(openpose(BODY_SAMPLE).items())}
    files |= {"out/": b"", "readme.txt": b"hello", "__MACOSX/out/._w_0_keypoints.json": b"\0\1"}
    assert_same(read_detections(write_zip(tmp_path / "out.zip", files)), BODY_SAMPLE)


def test_frames_without_a_body_at_the_end_count(tmp_path):
    files = openpose(BODY_SAMPLE)
    files["walk_000000000007_keypoints.json"] = {
        "people": [{"person_id": [-1], "pose_keypoints_2d": []}]
    }
    assert read_detections(write_folder(tmp_path / "out", files)).num_frames == 8


def test_a_missing_person_id_is_no_number(tmp_path):
    files = openpose(BODY_SAMPLE)
    for file in files.values():
        for person in file["people"]:
            del person["person_id"]
    assert_same(read_detections(write_folder(tmp_path / "out", files)), BODY_SAMPLE)


def renamed(name):
    """The files of the sample with the name of each frame."""
    return {name(frame): file for frame, file in enumerate(openpose(BODY_SAMPLE).values())}


@pytest.mark.parametrize("first", [0, 7, 98])
@pytest.mark.parametrize(
    "name",
    [
        *("{}_keypoints.json", "{:04}_keypoints.json", "cam2_{}_keypoints.json", "{}.json"),
        *("2_{}_keypoints.json", "2_{:03}.json", "2024-05-01 {}.json", "walk{}.json"),
        *("v1.2_{:06}.json", "frame_{}_pose.json", "w {}_keypoints.json", "{}.jpg.json"),
    ],
)
@pytest.mark.parametrize("write", [write_folder, write_zip])
def test_all_digits_in_one_place_are_the_number(tmp_path, name, first, write):
    files = renamed(lambda frame: name.format(first + frame))
    detections = read_detections(write(tmp_path / "out.zip", files))
    assert detections.frame.tolist() == (BODY_SAMPLE.frame + first).tolist()
    assert detections.num_frames == first + 5


def test_gaps_in_the_numbers_stay(tmp_path):
    numbers = (9, 10, 11, 100, 159)
    files = renamed(lambda frame: f"{numbers[frame]}_keypoints.json")
    detections = read_detections(write_folder(tmp_path / "out", files))
    assert detections.frame.tolist() == [9, 9, 11, 159, 159]


def test_a_file_alone_is_a_frame(tmp_path):
    (name, content), *_ = openpose(BODY_SAMPLE).items()
    for path in ("25_keypoints.json", "picture.json", name):
        detections = read_detections(write_json(tmp_path / path, content))
        assert set(detections.frame) == {25 if path.startswith("25") else 0}
    folder = write_folder(tmp_path / "out", {"picture.json": content})
    assert read_detections(folder).frame.tolist() == [0, 0]


@pytest.mark.parametrize("names", [COCO_17, HALPE_26])
def test_pose2sim_writes_the_same_with_other_keypoints(tmp_path, names):
    files = {f"walk_{frame:06}.json": f for frame, f in enumerate(openpose(sample(names)).values())}
    assert_same(read_detections(write_folder(tmp_path / "walk_json", files)), sample(names))


@pytest.mark.parametrize("nothing", [None, float("nan"), 0])
def test_a_person_who_was_not_found(tmp_path, nothing):
    files = openpose(BODY_SAMPLE)
    files[SECOND]["people"] = [
        None,
        {"pose_keypoints_2d": [nothing] * 75},
        {"pose_keypoints_2d": None},
    ]
    files["walk_000000000003_keypoints.json"]["people"] = None
    files["walk_000000000001_keypoints.json"] = []
    detections = read_detections(write_folder(tmp_path / "out", files))
    assert detections.frame.tolist() == [0, 0, 4, 4]


def test_byte_order_marks(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    for number, (name, content) in enumerate(openpose(BODY_SAMPLE).items()):
        encoding = ("utf-8-sig", "utf-16")[number % 2]
        (folder / name).write_bytes(json.dumps(content).encode(encoding))
    assert_same(read_detections(folder), BODY_SAMPLE)


@pytest.mark.parametrize("joints", [range(25), range(8), (0, 2, 3, 5, 6, 15, 16, 17, 18)])
@pytest.mark.parametrize("names", [BODY_25, BODY_25B])
def test_the_poses_tell_the_two_sets_of_25(tmp_path, names, joints):
    """Of real keypoints, also where only the upper body was found."""
    real = read_detections(FILES / "balance_openpose.zip")
    keypoints, scores = convert(real.keypoints, real.scores, BODY_25, names)
    missing = [names.index(n) for n in set(BODY_25) - {BODY_25[j] for j in joints} if n in names]
    scores[:, missing] = 0
    detections = dataclasses.replace(real, joint_names=names, keypoints=keypoints, scores=scores)
    found = read_detections(write_folder(tmp_path / "out", openpose(detections)))
    assert found.joint_names == names
    assert len(found.notes) == (names == BODY_25B)


@pytest.mark.parametrize(
    ("scale", "reach"),
    [
        (lambda points: points / RESOLUTION, "0 to 1"),
        (lambda points: 2 * points / RESOLUTION - 1, "-1 to 1"),
    ],
)
def test_shares_of_the_image_are_scaled(tmp_path, scale, reach):
    shares = np.where(BODY_SAMPLE.scores[..., np.newaxis] > 0, scale(BODY_SAMPLE.keypoints), 0)
    files = openpose(dataclasses.replace(BODY_SAMPLE, keypoints=shares.astype(np.float32)))
    folder = write_folder(tmp_path / "out", files)
    detections = read_detections(folder, resolution=RESOLUTION)
    assert_same(dataclasses.replace(detections, keypoints=BODY_SAMPLE.keypoints), BODY_SAMPLE)
    np.testing.assert_allclose(detections.keypoints, BODY_SAMPLE.keypoints, atol=1e-3)
    assert f"taken as shares of the image, {reach}, and scaled to 640x480" in detections.notes[0]
    with pytest.raises(InputError, match="shares of the image; give its size"):
        read_detections(folder)


SECOND = "walk_000000000002_keypoints.json"


def person(**values):
    return lambda files: files[SECOND]["people"][0].update(values)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (person(pose_keypoints_2d=[1.0] * 45), "frame 2: 15 keypoints, which is none of 16, 17"),
        (
            person(pose_keypoints_2d=[0.5] * 54),
            "frame 2 has 18 keypoints a person, others before 25",
        ),
        (person(pose_keypoints_2d=[0.5] * 74 + [-2]), "frame 2: a score is far below 0"),
        (person(pose_keypoints_2d=["a"] * 75), "2_keypoints.json'?: expected 75 numbers"),
        (person(person_id=["x"]), "2_keypoints.json'?: person_id: expected a whole number"),
        (lambda files: files[SECOND].pop("people"), "2_keypoints.json'?: people is missing"),
        (
            lambda files: files.update({SECOND: [1]}),
            "2_keypoints.json'?: expected an object with people",
        ),
        (lambda files: files.update({"walk_2_keypoints.json": {}}), "two files for frame 2"),
        (
            lambda files: files.update({"run_9_keypoints.json": {}}),
            "several videos: 'run_?' and 'walk_'",
        ),
        (lambda files: files.clear(), "no files that end with _keypoints.json"),
        (lambda files: [file["people"].clear() for file in files.values()], "nobody in any frame"),
    ],
)
@pytest.mark.parametrize("write", [write_folder, write_zip])
def test_mistakes_are_named_by_file(tmp_path, damage, message, write):
    files = openpose(BODY_SAMPLE)
    damage(files)
    with pytest.raises(InputError, match=r"openpose\.zip.*" + message) as error:
        read_detections(write(tmp_path / "openpose.zip", files))
    assert "\n" not in str(error.value)


def test_files_of_the_same_name_in_two_folders_of_a_zip_are_refused(tmp_path):
    files = openpose(BODY_SAMPLE)
    path = write_zip(
        tmp_path / "out.zip", {f"{camera}/{name}": files[name] for camera in "ab" for name in files}
    )
    with pytest.raises(InputError, match="two files for frame 0"):
        read_detections(path)


def test_a_zip_bomb_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "MAX_UNPACKED_BYTES", 2**24)
    bomb = {f"w_{frame}_keypoints.json": b" " * 2**18 for frame in range(65)}
    path = write_zip(tmp_path / "bomb.zip", bomb, compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 2**15
    with pytest.raises(InputError, match="unpacks to more than 16 MiB"):
        read_detections(path)


def test_an_absurdly_large_frame_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "_MAX_MEMBER_BYTES", 100)
    path = write_zip(tmp_path / "out.zip", openpose(BODY_SAMPLE))
    with pytest.raises(InputError, match="walk_000000000000_keypoints.json'?: larger than"):
        read_detections(path)


def test_unusual_compression_and_other_files_are_refused(tmp_path):
    files = openpose(BODY_SAMPLE)
    path = write_zip(tmp_path / "out.zip", files, compression=zipfile.ZIP_LZMA)
    with pytest.raises(InputError, match="compressed in an unusual way"):
        read_detections(path)
    path.write_bytes(b"hello")
    with pytest.raises(InputError, match="truncated, damaged, or not a zip"):
        read_detections(path)
    path.unlink()
    with pytest.raises(InputError, match="out.zip: file not found"):
        read_detections(path)


def test_names_in_a_zip_are_never_paths(tmp_path, monkeypatch):
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    files = {f"../../{name}": file for name, file in openpose(BODY_SAMPLE).items()}
    assert_same(read_detections(write_zip(tmp_path / "out.zip", files)), BODY_SAMPLE)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["out.zip", "work"]
