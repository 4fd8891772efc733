import zipfile

import pytest

from anatomy_tf.data.detections import openpose as reader
from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.data.keypoint_sets import BODY_25, COCO_18
from anatomy_tf.errors import InputError
from tests.data.detections.samples import (
    BODY_SAMPLE,
    assert_same,
    openpose,
    sample,
    write_folder,
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


SECOND = "walk_000000000002_keypoints.json"


def person(**values):
    return lambda files: files[SECOND]["people"][0].update(values)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (person(pose_keypoints_2d=[1.0] * 45), "2_keypoints.json'?: .* 45 numbers, neither 75"),
        (
            person(pose_keypoints_2d=[0.5] * 54),
            "frame 2 has 18 keypoints a person, others before 25",
        ),
        (person(pose_keypoints_2d=[0.5] * 74 + [-1]), "frame 2: a score is below 0"),
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
