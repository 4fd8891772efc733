import numpy as np
import pytest

from anatomy_tf.data.sets.mocap_folder import open_mocap_folder
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.virtual_protocol import virtual_clips
from anatomy_tf.evaluation.world_report import LINES, evaluate_world, format_world
from tests.lifters import random_lifter
from tests.mocap_folder import write_mocap_folder


class Perfect:
    model = random_lifter()

    def __call__(self, clip):
        joints = clip.camera_joints()
        joints = joints - joints[:, :1]
        return {"joints": joints, "flip_distance": np.full(joints.shape[:2], 0.02, np.float32)}


@pytest.fixture(scope="module")
def still(tmp_path_factory, cmu):
    source = open_mocap_folder(write_mocap_folder(tmp_path_factory.mktemp("mocap"), cmu, 130))
    return virtual_clips(source.clips(["A01"]), cameras=6, still=True)


def test_still_cameras_stand_still_and_feet_with_them(still):
    for made in still:
        np.testing.assert_allclose(made.up, np.tile(made.up[:1], (len(made.up), 1)), atol=1e-6)
        feet = made.clip.camera_joints()[:, [3, 6]].astype(np.float64)
        slowest = np.linalg.norm(np.diff(feet, axis=0), axis=-1).min(axis=1) * made.clip.fps
        assert np.median(slowest) < 0.3


def test_a_perfect_pose_has_small_errors_and_every_line_is_told(still):
    report = evaluate_world(Perfect(), still)
    assert set(LINES) <= set(report)
    assert report["tilt"] < 10 and report["knee"] < 8
    assert report["contact_precision"] > 0.7
    assert report["slide_mm"] < report["slide_before_mm"]
    assert report["far_off"] == 0
    said = format_world(report)
    assert "contact, recall" in said and "nan" not in said.split("walks")[0]


def test_nothing_to_evaluate_is_refused(still):
    over = [
        made
        for made in still
        if made.up[0, 1] > -0.5  # whose camera is turned over
    ]
    with pytest.raises(InputError, match="no clips to evaluate on"):
        evaluate_world(Perfect(), over)
