import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.data.sets.aspset import open_aspset
from anatomy_tf.errors import InputError
from tests.damage import changed, fuzz, reads_or_refuses
from tests.data.sets.aspset_files import LABELS, LENS, SPLITS, write, write_c3d
from tests.data.training import train_two_steps

FRAMES = 24


@pytest.fixture(scope="module")
def motion(cmu):
    """`(T, 17, 3)` metres of Human3.6M's joints, z up, 6 m ahead of the left camera, along y."""
    joints = cmu.clips(["A10"])[0].joints[:FRAMES].astype(np.float64)
    return joints - joints[:1, :1] + [0, 6, 0]


def test_clips_are_what_three_cameras_saw(tmp_path, motion):
    source = open_aspset(write(tmp_path, motion))
    assert (source.train_subjects, source.test_subjects) == (("04ac",), ("1e28",))
    clips = source.clips(["04ac", "1e28"])
    assert [clip.name for clip in clips] == [
        *("04ac/0026/left", "04ac/0026/mid", "04ac/0026/right"),
        *("04ac/0031/mid", "1e28/0001/right"),
    ]
    for clip in clips:
        assert (clip.fps, clip.resolution, len(clip)) == (50, (3840, 2160), FRAMES)
        assert clip.keypoints_from == "projected joints"
        np.testing.assert_allclose(clip.joints, motion, atol=1e-5)
        x, y, z = np.moveaxis(motion, -1, 0)
        if clip.name.endswith("left"):
            right, down, ahead = x, -z, y
        else:
            right, down, ahead = y - 6, -z, 6 - x
        expected = np.stack([4600 * right / ahead + 1920, 4600 * down / ahead + 1080], axis=-1)
        np.testing.assert_allclose(clip.keypoints, expected, atol=0.02)


def test_without_joints_of_the_test_set_the_validation_set_is_for_test(tmp_path, motion):
    write(tmp_path, motion)
    (tmp_path / "test" / "joints_3d").rename(tmp_path / "elsewhere")
    assert open_aspset(tmp_path).test_subjects == ("2f9a",)


def test_a_model_trains_on_it(tmp_path, motion):
    train_two_steps(open_aspset(write(tmp_path, motion)).clips(["04ac"]))


def _c3d(folder):
    return folder / "trainval" / "joints_3d" / "04ac" / "04ac-0026.c3d"


def _camera(folder):
    return folder / "trainval" / "cameras" / "04ac" / "04ac-mid.json"


MISTAKES = {
    "no joints": (
        lambda folder, motion: write_c3d(_c3d(folder), motion, tuple(LABELS)[1:]),
        "04ac-0026.c3d: expected one point called right_ankle",
    ),
    "twice": (
        lambda folder, motion: write_c3d(_c3d(folder), motion, (*LABELS, "spine")),
        "04ac-0026.c3d: expected one point called spine",
    ),
    "units": (
        lambda folder, motion: write_c3d(_c3d(folder), motion, units="m"),
        "04ac-0026.c3d: points are in 'm', not in mm",
    ),
    "text": (
        lambda folder, _: _c3d(folder).write_text("hello"),
        "04ac-0026.c3d: damaged, or without what it should hold",
    ),
    "missing": (lambda folder, _: _c3d(folder).unlink(), "04ac-0026.c3d: cannot be read (No such"),
    "no camera": (lambda folder, _: _camera(folder).unlink(), "04ac-mid.json: file not found"),
    "no matrix": (
        lambda folder, _: _camera(folder).write_text('{"intrinsic_matrix": [1]}'),
        "04ac-mid.json: no intrinsic_matrix and extrinsic_matrix",
    ),
    "a mirror": (
        lambda folder, _: _camera(folder).write_text(
            json.dumps(
                {
                    "intrinsic_matrix": np.ravel(LENS).tolist(),
                    "extrinsic_matrix": np.diag([-1, 1, 1, 1]).ravel().tolist(),
                }
            )
        ),
        "04ac-mid.json: camera: its rotation is none",
    ),
    "row": (
        lambda folder, _: (folder / "splits.csv").write_text("../x,1,train,all\n"),
        "splits.csv: line 1 is no subject, clip, split and camera",
    ),
    "both": (
        lambda folder, _: (folder / "splits.csv").write_text("a,1,train,all\na,2,test,all\n"),
        "splits.csv: line 2: a is in train as well",
    ),
    "empty": (lambda folder, _: (folder / "splits.csv").write_text(""), "splits.csv: empty"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_named_by_file_and_place(tmp_path, motion, name):
    change, message = MISTAKES[name]
    change(write(tmp_path, motion), motion)
    with pytest.raises(InputError) as error:
        open_aspset(tmp_path).clips(["04ac"])
    assert message in str(error.value)
    assert str(error.value).startswith(str(tmp_path))
    assert "\n" not in str(error.value)


def test_motion_with_changed_bytes_is_read_or_refused(tmp_path, motion):
    """Many takes of one subject, as each is read on its own in one process."""
    write(tmp_path, motion)
    takes = 40
    rng = np.random.default_rng(0)
    whole = _c3d(tmp_path).read_bytes()
    rows = []
    for number in range(takes):
        damaged = bytearray(whole)
        for _ in range(rng.integers(1, 5)):
            damaged[rng.integers(0, min(len(damaged), 1500))] = rng.integers(256)
        if number % 3 == 0:
            del damaged[rng.integers(1, len(damaged)) :]
        _c3d(tmp_path).with_name(f"04ac-{number}.c3d").write_bytes(damaged)
        rows.append(f"04ac,{number},train,left\n")
    for row in rows[:3]:
        (tmp_path / "splits.csv").write_text(row)
        with reads_or_refuses():
            open_aspset(tmp_path).clips(["04ac"])
    (tmp_path / "splits.csv").write_text("".join(rows))
    with reads_or_refuses():
        open_aspset(tmp_path).clips(["04ac"])


@pytest.fixture(scope="module")
def cameras(tmp_path_factory, motion):
    return write(tmp_path_factory.mktemp("whole"), motion)


@fuzz(max_examples=40)
@given(data=st.data())
def test_a_table_with_changed_bytes_is_read_or_refused(cameras, data):
    (cameras / "splits.csv").write_bytes(changed(data, SPLITS.encode()))
    with reads_or_refuses():
        source = open_aspset(cameras)
        assert all(name.isalnum() for name in source.split_of)
