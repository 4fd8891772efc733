import json

import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.error_report import format_report, write_report
from anatomy_tf.evaluation.evaluate import METRICS, evaluate
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.length_frames import LengthFrames
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17


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
    assert report["protocol"]["keypoints"] == ["simulated detections"]
    assert report["protocol"]["skipped_clips"] == 0


def test_table_and_json_hold_every_number(clips, small_lifter, tmp_path):
    report = evaluate(ScaledTruth(small_lifter), clips, "cmu")
    write_report(report, tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text()) == report
    table = format_report(report).splitlines()
    row = next(line for line in table if line.startswith("walking")).split()[1:]
    expected = [f"{report['actions']['walking'][name]:.1f}" for name in METRICS]
    assert set(METRICS) <= set(report)
    assert row == [*expected, str(report["actions"]["walking"]["frames"])]
    assert "test_time_flip off" in table[-1]


def test_a_set_of_joints(clips, small_lifter):
    class WristOff(ClipLifter):
        def __call__(self, clip):
            joints = ScaledTruth.__call__(self, clip)["joints"]
            joints[:, H36M_17.joint_names.index("l_wrist"), 0] += 0.34
            return {"joints": joints}

    clips = [clip for clip in clips if clip.action == "jumping"]
    everything = evaluate(WristOff(small_lifter), clips, "cmu")
    assert everything["mpjpe_mm"] == pytest.approx(340 / 17, rel=1e-4)
    assert everything["pck"] == pytest.approx(100 * 16 / 17)
    assert everything["auc"] == pytest.approx(100 * 16 / 17 * 30 / 31)
    assert everything["protocol"]["joints"] == "all 17"
    some = evaluate(WristOff(small_lifter), clips, "cmu", joints=["head", "l_wrist"])
    assert some["mpjpe_mm"] == pytest.approx(340 / 2, rel=1e-4)
    assert some["pck"] == pytest.approx(50)
    assert some["protocol"]["joints"] == ["head", "l_wrist"]
    with pytest.raises(InputError, match="joint tail: the skeleton has none of that name, but pel"):
        evaluate(WristOff(small_lifter), clips, "cmu", joints=["tail"])


def test_the_protocol_says_which_frames_give_the_lengths(clips, small_lifter):
    def protocol(lifter):
        return evaluate(lifter, clips[:1], "cmu")["protocol"]

    assert protocol(ClipLifter(small_lifter))["length_frames"] == "all"
    some = ClipLifter(small_lifter, length_frames=LengthFrames("random", 7))
    assert protocol(some)["length_frames"] == "random 7"
    baseline = AnatomyLifter(H36M_17, (3, 3), channels=4, assembly="joints")
    assert protocol(ClipLifter(baseline))["length_frames"] == "none"


def test_nothing_to_evaluate(small_lifter):
    with pytest.raises(InputError, match="no clips"):
        evaluate(ClipLifter(small_lifter), [], "cmu")
