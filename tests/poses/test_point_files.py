"""Poses as points, as programs of gait analysis read them."""

import csv

import ezc3d
import numpy as np
import pytest


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
    assert (float(head["DataRate"]), int(head["NumFrames"])) == (some.fps, 50)
    np.testing.assert_allclose(times, np.arange(50) / some.fps, atol=1e-6)
    missing = np.setdiff1d(np.arange(50), some.frame)
    assert np.isnan(points[missing]).all()
    found = (points[some.frame] - points[some.frame, :1]) * [1, -1, -1]
    np.testing.assert_allclose(found, some.joints, atol=2e-6)
    assert np.nanmin(points[..., 1]) == pytest.approx(0, abs=1e-6)
