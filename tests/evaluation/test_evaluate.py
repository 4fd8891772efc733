import json

import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.evaluate import METRICS, evaluate
from anatomy_tf.evaluation.report import format_report, write_report
from anatomy_tf.inference.lift import ClipLifter


class ScaledTruth(ClipLifter):
    """Predicts the true joints, a tenth too large in one action."""

    def __call__(self, clip):
        joints = clip.camera_joints()
        joints = joints - joints[:, :1]
        return {"joints": joints * (1.1 if clip.action == "walking" else 1.0)}


@pytest.fixture(scope="module")
def clips(cmu):
    wanted = ("walking", "jumping")
    return [clip for clip in cmu.clips(["A10"]) if clip.action in wanted and clip.name[-1] == "0"]


def test_errors_by_action_and_their_mean(clips, small_lifter):
    report = evaluate(ScaledTruth(small_lifter), clips, "cmu")
    walking, jumping = report["actions"]["walking"], report["actions"]["jumping"]
    distances = np.concatenate(
        [
            np.linalg.norm(c.camera_joints() - c.camera_joints()[:, :1], axis=-1)
            for c in clips
            if c.action == "walking"
        ]
    )
    assert walking["mpjpe_mm"] == pytest.approx(100 * distances.mean(), rel=1e-4)
    assert walking["n_mpjpe_mm"] == pytest.approx(0, abs=1e-3)
    assert walking["p_mpjpe_mm"] == pytest.approx(0, abs=1e-3)
    assert 0 < walking["bone_std_mm"] < 1.5
    assert jumping["mpjpe_mm"] == pytest.approx(0, abs=1e-3)
    assert report["mpjpe_mm"] == pytest.approx((walking["mpjpe_mm"] + jumping["mpjpe_mm"]) / 2)
    assert report["frames"] == walking["frames"] + jumping["frames"] == sum(map(len, clips))
    assert report["protocol"]["subjects"] == ["A10"]
    assert report["protocol"]["average"] == "mean of actions"


def test_table_and_json_hold_every_number(clips, small_lifter, tmp_path):
    report = evaluate(ScaledTruth(small_lifter), clips, "cmu")
    write_report(report, tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text()) == report
    table = format_report(report).splitlines()
    row = next(line for line in table if line.startswith("walking")).split()[1:]
    expected = [f"{report['actions']['walking'][name]:.1f}" for name in METRICS]
    assert row == [*expected, str(report["actions"]["walking"]["frames"])]
    assert "test_time_flip off" in table[-1]


def test_nothing_to_evaluate(small_lifter):
    with pytest.raises(InputError, match="no clips"):
        evaluate(ClipLifter(small_lifter), [], "cmu")
