"""Poses as programs of gait analysis read them; and what they share with those of animation."""

import csv
import dataclasses
import sys

import ezc3d
import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.poses.result import read_poses

KEPT = np.r_[5:20, 30:40]
FRAMES = 50


@pytest.fixture(scope="module")
def some(poses):
    """Poses in some frames of a video."""
    by_pose = ("person", "frame", "joints", "directions", "lengths", "keypoints", "scores")
    return dataclasses.replace(
        poses, num_frames=FRAMES, **{name: getattr(poses, name)[KEPT] for name in by_pose}
    )


def read_trc(path):
    """Header, names, times and points in metres, as OpenSim's documentation describes the file."""
    with path.open(newline="") as file:
        rows = list(csv.reader(file, delimiter="\t"))
    assert rows[0][:3] == ["PathFileType", "4", "(X/Y/Z)"]
    head = dict(zip(rows[1], rows[2], strict=True))
    names = [name for name in rows[3][2:] if name]
    assert rows[4][2:5] == ["X1", "Y1", "Z1"] and rows[5] == []
    assert [row[0] for row in rows[6:]] == [str(n + 1) for n in range(len(rows) - 6)]
    values = [[float(cell) if cell else np.nan for cell in row[1:]] for row in rows[6:]]
    values = np.array(values)
    return head, names, values[:, 0], values[:, 1:].reshape(len(values), len(names), 3)


def read_c3d(path):
    file = ezc3d.c3d(str(path))
    about = file["parameters"]["POINT"]
    assert about["UNITS"]["value"] == ["mm"]
    head = {"DataRate": about["RATE"]["value"][0], "NumFrames": about["FRAMES"]["value"][0]}
    points = file["data"]["points"][:3].transpose(2, 1, 0) / 1000
    times = np.arange(len(points)) / head["DataRate"]
    return head, list(about["LABELS"]["value"]), times, points


@pytest.mark.parametrize(("ending", "read"), [(".trc", read_trc), (".c3d", read_c3d)])
def test_points_are_the_joints_of_every_frame(ending, read, some, tmp_path):
    some.save(tmp_path / f"walk{ending}")
    head, names, times, points = read(tmp_path / f"walk{ending}")
    assert names == list(some.skeleton.joint_names)
    assert (float(head["DataRate"]), int(head["NumFrames"])) == (some.fps, FRAMES)
    np.testing.assert_allclose(times, np.arange(FRAMES) / some.fps, atol=1e-6)
    missing = np.setdiff1d(np.arange(FRAMES), KEPT)
    assert np.isnan(points[missing]).all()
    found = (points[KEPT] - points[KEPT, :1]) * [1, -1, -1]
    np.testing.assert_allclose(found, some.joints, atol=2e-6)
    assert np.nanmin(points[..., 1]) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("ending", [".bvh", ".trc", ".c3d"])
def test_people_come_one_by_one(ending, poses, tmp_path):
    two = dataclasses.replace(poses, person=(poses.frame % 2).astype(np.int32))
    path = tmp_path / f"walk{ending}"
    with pytest.raises(InputError, match=rf"walk{ending}: a {ending} file is of one person.* of 2"):
        two.save(path)
    assert not list(tmp_path.iterdir())
    two.of_person(1).save(path)
    assert path.is_file()
    with pytest.raises(InputError, match=r"poses are kept in .* .npz, .json, .csv$"):
        read_poses(path)


def test_without_ezc3d_it_says_what_to_install(poses, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ezc3d", None)
    with pytest.raises(InputError, match=r"walk.c3d: .c3d files take ezc3d: .*pip install"):
        poses.save(tmp_path / "walk.c3d")
    assert not list(tmp_path.iterdir())
