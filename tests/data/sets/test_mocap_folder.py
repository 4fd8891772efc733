import json
import pathlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.data.sets.mocap_folder import open_mocap_folder
from anatomy_tf.data.sources import open_source
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17
from tests.damage import Gadget, damaged, fuzz
from tests.mocap_folder import rewrite


def read_all(folder):
    source = open_mocap_folder(folder)
    return source.clips([*source.train_subjects, *source.test_subjects])


def test_the_shipped_set_is_what_its_readme_says(cmu):
    train = cmu.clips(cmu.train_subjects)
    test = cmu.clips(cmu.test_subjects)
    assert sum(map(len, train)) == 184944
    assert sum(map(len, test)) == 37432
    assert len({clip.action for clip in train}) == 10
    assert len({clip.action for clip in test}) == 9
    assert cmu.skeleton == H36M_17
    assert {clip.fps for clip in test} == {50}


def test_subjects_and_actions_come_from_the_folder(mocap_folder):
    clips = read_all(mocap_folder)
    assert [clip.subject for clip in clips] == ["A01"] * 4 + ["A10"] * 2
    assert all(len(clip) == 60 for clip in clips)


def test_unknown_names_are_refused(mocap_folder, tmp_path):
    with pytest.raises(InputError, match="no subject A99; there are A01, A10"):
        open_mocap_folder(mocap_folder).clips(["A99"])
    with pytest.raises(InputError, match="no such folder"):
        open_mocap_folder(tmp_path / "nowhere")
    with pytest.raises(InputError, match="name its folder with --data_dir"):
        open_source("human36m")


HOSTILE = Gadget(pathlib.Path.touch, (pathlib.Path("hostile-code-ran"),))


def _first(path: pathlib.Path, contains: str) -> str:
    with np.load(path) as archive:
        return next(key for key in sorted(archive.files) if contains in key)


def _nan(path: pathlib.Path, key: str):
    with np.load(path) as archive:
        values = archive[key].astype(np.float32)
    values[7, 3, 1] = np.nan
    rewrite(path, **{key: values})


def _change_cameras(folder: pathlib.Path, change):
    path = folder / "cameras.json"
    takes = json.loads(path.read_text())
    change(takes[sorted(takes)[0]])
    path.write_text(json.dumps(takes))


POSES, DETECTIONS = "poses_3d.npz", "detections_2d.npz"
DAMAGE = {
    "missing poses": (lambda f: (f / POSES).unlink(), "poses_3d.npz: file not found"),
    "missing cameras": (lambda f: (f / "cameras.json").unlink(), "cameras.json: file not found"),
    "cut short": (
        lambda f: (f / DETECTIONS).write_bytes((f / DETECTIONS).read_bytes()[:5000]),
        "detections_2d.npz: truncated, damaged, or not an .npz archive",
    ),
    "not an archive": (
        lambda f: (f / POSES).write_text("hello"),
        "poses_3d.npz: truncated, damaged, or not an .npz archive",
    ),
    "no JSON": (lambda f: (f / "cameras.json").write_text("{"), "cameras.json: "),
    "deep JSON": (lambda f: (f / "cameras.json").write_text("[" * 100_000), "cameras.json: "),
    "a bomb": (
        lambda f: np.savez_compressed(f / POSES, fps=np.zeros(20_000_000)),
        "poses_3d.npz: claims 160,000,128 bytes of arrays in a file of",
    ),
    "pickled objects": (
        lambda f: rewrite(f / POSES, fps=np.array([HOSTILE], dtype=object)),
        "poses_3d.npz: fps: holds pickled objects",
    ),
    "no fps": (lambda f: rewrite(f / POSES, fps=None), "array fps is missing"),
    "fps zero": (lambda f: rewrite(f / POSES, fps=np.array(0)), "fps must be one positive number"),
    "text for numbers": (
        lambda f: rewrite(f / POSES, **{_first(f / POSES, "A01/"): np.array(["a"])}),
        "poses_3d.npz: A01/.* holds <U1, not numbers",
    ),
    "NaN": (
        lambda f: _nan(f / POSES, _first(f / POSES, "A01/")),
        "poses_3d.npz: A01/.* is not finite in frame 7",
    ),
    "NaN detections": (
        lambda f: _nan(f / DETECTIONS, _first(f / DETECTIONS, "A01/")),
        "detections_2d.npz: A01/.*/0 is not finite in frame 7",
    ),
    "fewer joints": (
        lambda f: rewrite(f / POSES, **{_first(f / POSES, "A01/"): np.zeros((60, 16, 3))}),
        r"poses_3d.npz: A01/.* has shape \(60, 16, 3\), expected \(frames, 17, 3\)",
    ),
    "fewer frames": (
        lambda f: rewrite(f / POSES, **{_first(f / POSES, "A01/"): np.zeros((59, 17, 3))}),
        r"detections_2d.npz: A01/.*/0 has shape \(60, 17, 3\), expected \(59, 17, 3\)",
    ),
    "flat detections": (
        lambda f: rewrite(f / DETECTIONS, **{_first(f / DETECTIONS, "A01/"): np.zeros((60, 51))}),
        r"detections_2d.npz: A01/.*/0 has shape \(60, 51\), expected \(60, 17, 3\)",
    ),
    "no frames": (
        lambda f: (
            rewrite(f / POSES, **{_first(f / POSES, "A01/"): np.zeros((0, 17, 3))}),
            rewrite(f / DETECTIONS, **{_first(f / DETECTIONS, "A01/"): np.zeros((0, 17, 3))}),
        ),
        "poses_3d.npz: A01/.*: the clip has no frames",
    ),
    "detections of a take missing": (
        lambda f: rewrite(f / DETECTIONS, **{_first(f / DETECTIONS, "A01/"): None}),
        "detections_2d.npz: array A01/.*/0 is missing",
    ),
    "no action": (
        lambda f: _change_cameras(f, lambda take: take.pop("action")),
        "cameras.json: A01/.*: needs action and cameras",
    ),
    "no focal length": (
        lambda f: _change_cameras(f, lambda take: take["cameras"][0].pop("focal_length")),
        "cameras.json: A01/.*/0: 'focal_length' is missing",
    ),
    "a camera of words": (
        lambda f: _change_cameras(f, lambda take: take["cameras"][0].update(center="middle")),
        "cameras.json: A01/.*/0: camera: center must be 2 numbers",
    ),
    "a camera with one centre": (
        lambda f: _change_cameras(f, lambda take: take["cameras"][0].update(center=5)),
        "cameras.json: A01/.*/0: camera: center must be 2 numbers",
    ),
    "a ragged camera": (
        lambda f: _change_cameras(f, lambda t: t["cameras"][0].update(translation=[1, [2], 3])),
        "cameras.json: A01/.*/0: camera: translation must be 3 numbers",
    ),
    "a list for a camera": (
        lambda f: _change_cameras(f, lambda take: take.update(cameras=[[1, 2]])),
        "cameras.json: A01/.*/0: not a camera",
    ),
    "a number for a clip": (
        lambda f: rewrite(f / POSES, **{_first(f / POSES, "A01/"): np.array(1.0)}),
        r"poses_3d.npz: A01/.* has shape \(\), expected \(frames, 17, 3\)",
    ),
    "one name": (
        lambda f: rewrite(f / POSES, subjects_train=np.array("A01")),
        "poses_3d.npz: subjects_train must be a list of names",
    ),
    "parents of words": (
        lambda f: rewrite(f / POSES, parents=np.array(["a"] * 17)),
        "poses_3d.npz: parents holds <U1, not numbers",
    ),
    "parents not finite": (
        lambda f: rewrite(f / POSES, parents=np.full(17, np.nan)),
        "poses_3d.npz: parents is not finite",
    ),
    "two roots": (
        lambda f: rewrite(f / POSES, parents=np.full(17, -1)),
        "poses_3d.npz: skeleton: exactly one joint",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_named_by_file_clip_and_field(mocap_folder, name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    damage, message = DAMAGE[name]
    damage(mocap_folder)
    with pytest.raises(InputError, match=message) as error:
        read_all(mocap_folder)
    assert "\n" not in str(error.value)
    assert not pathlib.Path("hostile-code-ran").exists()


def test_whole_numbers_make_a_camera_too(mocap_folder):
    whole = {"focal_length": [1145, 1143], "center": [512, 515], "translation": [1, 5, 2]}
    whole |= {"radial_distortion": [0, 0, 0], "tangential_distortion": [0, 0]}
    _change_cameras(mocap_folder, lambda take: take["cameras"][0].update(whole))
    camera = read_all(mocap_folder)[0].camera
    assert camera.screen_intrinsics[0] == pytest.approx(2 * 1145 / camera.resolution[0])


@fuzz(max_examples=66)
@given(data=st.data(), name=st.sampled_from([POSES, DETECTIONS, "cameras.json"]))
def test_a_file_with_changed_bytes_is_read_or_refused(mocap_folder, data, name):
    with damaged(data, mocap_folder / name):
        read_all(mocap_folder)
