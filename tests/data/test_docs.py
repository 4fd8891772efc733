"""The reader that docs/data.md shows works as it stands there."""

import pathlib
import re

import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import project
from tests.data.training import train_two_steps

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "data.md"


@pytest.fixture
def studio():
    code = re.search(r"```python\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]
    names = {}
    exec(compile(code, str(PAGE), "exec"), names)
    return names["Studio"]


def test_the_reader_of_the_docs(studio, cmu_test_clips, tmp_path):
    joints = cmu_test_clips[0].joints[:60]
    points = studio.camera.world_to_camera(joints.astype(np.float64))
    keypoints = np.stack(project(points, studio.camera.intrinsics), axis=-1)
    assert (np.abs(keypoints - (960, 540)) < (960, 540)).mean() > 0.9
    for subject in ("anna", "ben"):
        scores = np.ones(keypoints.shape[:2], np.float32)
        np.savez(tmp_path / f"{subject}.npz", joints=joints, keypoints=keypoints, scores=scores)
    source = studio(tmp_path)
    train_two_steps(source.clips(source.train_subjects))
    with pytest.raises(InputError, match=r"carl.npz: file not found"):
        source.clips(["carl"])
    with pytest.raises(InputError, match="no subject dora"):
        source.clips(["dora"])
