import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.data.sets.human36m.community import read_shared_detections, takes_of_file
from anatomy_tf.data.sets.human36m.prepare import write_human36m
from anatomy_tf.data.sets.mocap_folder import open_mocap_folder
from anatomy_tf.errors import InputError
from tests.damage import changed, fuzz, reads_or_refuses
from tests.data.sets.human36m.files import (
    seen_by,
    with_32_joints,
    write_shared,
    write_shared_poses,
)


@pytest.fixture
def files(tmp_path, motion):
    """Poses, detections and scores of one take, as dicts to change and to write."""
    scores = np.random.default_rng(0).uniform(size=(4, len(motion), 17)).astype(np.float32)
    return {
        "poses": {"S9": {"Photo 1": with_32_joints(motion)}},
        "positions": {"S9": {"Photo 1": seen_by("S9", motion)}},
        "scores": {f"S9_Photo 1.{camera}": scores[camera] for camera in range(4)},
        "metadata": {},
    }


def read(folder):
    """Clips of subject S9, by way of a written folder."""
    takes = takes_of_file(folder / "data_3d_h36m.npz")
    detections = read_shared_detections(folder / "data_2d.npz", folder / "score.pkl")
    write_human36m(folder / "out", takes, detections)
    return open_mocap_folder(folder / "out").clips(["S9"])


def test_everything_is_read_equal(tmp_path, motion, files):
    write_shared(tmp_path, files)
    clips = read(tmp_path)
    assert [clip.name for clip in clips] == [f"S9/Photo 1/{camera}" for camera in range(4)]
    for camera, clip in enumerate(clips):
        np.testing.assert_allclose(clip.joints, motion, atol=1e-6)
        np.testing.assert_array_equal(clip.keypoints, files["positions"]["S9"]["Photo 1"][camera])
        np.testing.assert_array_equal(clip.visibility, files["scores"][f"S9_Photo 1.{camera}"])


def test_17_joints_are_taken_as_they_are(tmp_path, motion, files):
    files["poses"]["S9"]["Photo 1"] = motion
    write_shared(tmp_path, files)
    np.testing.assert_allclose(read(tmp_path)[0].joints, motion, atol=1e-6)


def test_names_of_takes_are_those_of_papers(tmp_path, files):
    (joints,) = files["poses"]["S9"].values()
    names = ["TakingPhoto", "Directions", "Directions 1", "WalkingDog 1", "_ALL"]
    path = write_shared_poses(
        tmp_path / "poses.npz", {s: dict.fromkeys(names, joints) for s in ("S9", "S11")}
    )
    read = {s: [take.name for take in takes] for s, takes in takes_of_file(path).items()}
    assert read["S9"] == ["Directions", "Directions 1", "Photo", "WalkDog 1"]
    assert read["S11"] == ["Directions 1", "Photo", "WalkDog 1"]  # the corrupt one is left out


def _each_camera(files, change):
    cameras = files["positions"]["S9"]["Photo 1"]
    cameras[:] = [change(keypoints) for keypoints in cameras]


def _each_score(files, change):
    for key, scores in files["scores"].items():
        files["scores"][key] = change(scores)


def test_extra_frames_are_dropped_and_missing_scores_repeated(tmp_path, motion, files):
    expected = files["positions"]["S9"]["Photo 1"][2].copy()
    scores = files["scores"]["S9_Photo 1.2"]
    _each_camera(files, lambda k: np.concatenate([k, k[:3] + 5]))
    _each_score(files, lambda s: s[:-2, :, np.newaxis] * np.float32(1.2))
    write_shared(tmp_path, files)
    clip = read(tmp_path)[2]
    np.testing.assert_array_equal(clip.keypoints, expected)
    expected = np.clip(scores * np.float32(1.2), 0, 1)
    np.testing.assert_array_equal(clip.visibility[:-2], expected[:-2])
    np.testing.assert_array_equal(clip.visibility[-2:], expected[[-3, -3]])


def test_without_scores_everything_is_visible(tmp_path, files):
    write_shared(tmp_path, files)
    takes = takes_of_file(tmp_path / "data_3d_h36m.npz")
    write_human36m(tmp_path / "out", takes, read_shared_detections(tmp_path / "data_2d.npz"))
    assert (open_mocap_folder(tmp_path / "out").clips(["S9"])[0].visibility == 1).all()


def test_detections_of_subjects_without_motion_are_no_matter(tmp_path, files):
    files["positions"]["S2"] = {"Walking": [np.zeros((5, 17, 2), np.float32)] * 4}
    write_shared(tmp_path, files)
    assert len(read(tmp_path)) == 4


def test_older_metadata_tells_sides_only(tmp_path, files):
    files["metadata"] = {
        "layout_name": "h36m",
        "keypoints_symmetry": [np.array([4, 5, 6, 11, 12, 13]), np.array([1, 2, 3, 14, 15, 16])],
    }
    write_shared(tmp_path, files)
    assert len(read(tmp_path)) == 4


def _with_nan(values):
    values = np.array(values)
    values[4, 0, 0] = np.nan
    return values


TAKE = "S9/Photo 1"
MISTAKES = {
    "subject": (lambda f: f["poses"].update({"S2": {}}), "data_3d_h36m.npz: 'S2' is no subject"),
    "number": (lambda f: f["poses"].update({5: {}}), "data_3d_h36m.npz: 5 is no subject"),
    "lines": (
        lambda f: f["poses"].update({"a\nb": {}}),
        r"data_3d_h36m.npz: 'a\\nb' is no subject",
    ),
    "action": (lambda f: f["poses"]["S9"].update({"Jump": 1}), "S9: 'Jump' is no take"),
    "no takes": (lambda f: f["poses"].update(S9=[1]), "S9: expected poses by take"),
    "empty": (lambda f: f["poses"].clear(), "positions_3d is missing, or not poses by subject"),
    "joints": (
        lambda f: f["poses"]["S9"].update({"Photo 1": np.zeros((40, 16, 3))}),
        f"data_3d_h36m.npz: {TAKE}: 16 joints, neither 17 nor 32",
    ),
    "text": (
        lambda f: f["poses"]["S9"].update({"Photo 1": np.array(["a"])}),
        f"{TAKE}: not an array of numbers",
    ),
    "no frames": (
        lambda f: f["poses"]["S9"].update({"Photo 1": np.zeros((0, 17, 3))}),
        rf"{TAKE}: shape \(0, 17, 3\), expected \(any, any, 3\)",
    ),
    "millimetres": (
        lambda f: f["poses"]["S9"].update({"Photo 1": np.full((40, 17, 3), 900.0)}),
        f"{TAKE}: a joint is 900 m away; not in metres",
    ),
    "NaN": (
        lambda f: f["poses"]["S9"].update({"Photo 1": _with_nan(np.zeros((40, 17, 3)))}),
        f"data_3d_h36m.npz: {TAKE}: not finite in frame 4",
    ),
    "no detections": (
        lambda f: f["positions"]["S9"].clear(),
        f"data_2d.npz: {TAKE}/0: there are not keypoints of four cameras",
    ),
    "three cameras": (
        lambda f: f["positions"]["S9"]["Photo 1"].pop(),
        f"data_2d.npz: {TAKE}/0: there are not keypoints of four cameras",
    ),
    "shorter": (
        lambda f: _each_camera(f, lambda k: k[:-1]),
        f"data_2d.npz: {TAKE}/0: 39 frames, but the take has 40",
    ),
    "16 keypoints": (
        lambda f: _each_camera(f, lambda k: k[:, 1:]),
        rf"{TAKE}/0: shape \(40, 16, 2\), expected \(any, 17, any\)",
    ),
    "x only": (lambda f: _each_camera(f, lambda k: k[..., :1]), "keypoints have no x and y"),
    "NaN in 2D": (lambda f: _each_camera(f, _with_nan), f"{TAKE}/0: not finite in frame 4"),
    "COCO": (
        lambda f: f["metadata"].update(layout_name="coco"),
        "data_2d.npz: keypoints are laid out as 'coco'",
    ),
    "sides": (
        lambda f: f["metadata"].update(keypoints_symmetry=[[1, 2, 3], [4, 5, 6]]),
        "data_2d.npz: keypoints have other sides",
    ),
    "no score": (
        lambda f: f["scores"].pop("S9_Photo 1.3"),
        "score.pkl: S9_Photo 1.3: not an array of numbers",
    ),
    "no scores": (lambda f: f.update(scores=[1]), "score.pkl: expected scores by the names"),
    "far too few scores": (
        lambda f: (
            f["poses"]["S9"].update({"Photo 1": np.zeros((99, 17, 3))}),
            _each_camera(f, lambda k: np.zeros((99, 17, 2))),
        ),
        "score.pkl: S9_Photo 1.0: 40 frames, but the take has 99",
    ),
    "percent": (
        lambda f: _each_score(f, lambda s: 100 * s),
        "score.pkl: S9_Photo 1.0: scores from .* not 0 to 1",
    ),
    "scores of 16": (
        lambda f: _each_score(f, lambda s: s[:, 1:]),
        r"S9_Photo 1.0: shape \(40, 16\), expected \(any, 17\)",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_and_nothing_is_written(name, tmp_path, files):
    change, message = MISTAKES[name]
    change(files)
    write_shared(tmp_path, files)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InputError, match=message) as error:
        read(tmp_path)
    assert "\n" not in str(error.value)
    assert sorted(tmp_path.iterdir()) == before


def test_an_archive_of_other_things(tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, a=np.zeros(3))
    with pytest.raises(InputError, match="positions_3d is missing"):
        takes_of_file(path)
    np.savez(path, positions_2d=np.array({"S9": {}}, dtype=object))
    with pytest.raises(InputError, match="metadata is missing"):
        read_shared_detections(path)


@fuzz(max_examples=100)
@given(data=st.data(), name=st.sampled_from(["data_3d_h36m.npz", "data_2d.npz", "score.pkl"]))
def test_a_file_with_changed_bytes_is_read_or_refused(data, name, tmp_path, files):
    write_shared(tmp_path, files)
    path = tmp_path / name
    entries = {} if name == "score.pkl" else read_entries(path)
    # Changes inside an entry, as its checksum would find those of the packed bytes.
    entry = data.draw(st.sampled_from([*entries, None]))
    damaged = changed(data, entries[entry] if entry else path.read_bytes(), within=2000)
    if entry:
        write_entries(path, entries | {entry: damaged})
    else:
        path.write_bytes(damaged)
    with reads_or_refuses():
        for takes in takes_of_file(tmp_path / "data_3d_h36m.npz").values():
            list(takes)
        read_shared_detections(tmp_path / "data_2d.npz", tmp_path / "score.pkl")


def read_entries(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_entries(path, entries):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
