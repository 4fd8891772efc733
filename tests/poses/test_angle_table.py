"""How far joints are bent, as a table."""

import csv

import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.flexion import flexions
from tests.poses.test_formats import some_poses


def test_a_line_for_every_pose(few, tmp_path):
    path = tmp_path / "walk.angles.csv"
    assert few.save(path) == [path]
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    expected = flexions(few.joints, few.skeleton)
    assert list(rows[0]) == ["person", "frame", "time", *expected]
    for name, values in expected.items():
        np.testing.assert_allclose([float(row[name]) for row in rows], values, atol=0.051)
    assert [float(row["time"]) for row in rows] == pytest.approx(few.frame / few.fps)


def test_a_skeleton_without_limbs_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"walk\.angles\.csv: angles: the skeleton has no knees"):
        some_poses().save(tmp_path / "walk.angles.csv")
    assert not any(tmp_path.iterdir())
