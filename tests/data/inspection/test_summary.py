import json

import pytest

from anatomy_tf.data.inspection.summary import format_summary, summarise_clips, summarise_detections
from tests.data.inspection.test_findings_of_detections import video


def test_the_summary_of_clips(cmu, cmu_test_clips):
    summary = summarise_clips(cmu_test_clips)
    assert summary["frames"] == 37432
    assert summary["seconds"] == pytest.approx(37432 / 50)
    assert summary["resolutions"] == [(1000, 1000), (1000, 1002)]
    assert 5 < summary["reprojection_px"] < 6
    # What the set's README says of its actors.
    thigh = summary["subjects"]["A10"]["bones_mm"]["r_knee"]
    assert thigh["mean"] == pytest.approx(494, abs=1)
    assert thigh["sd"] < 1
    assert json.loads(json.dumps(summary))["subjects"]["A11"]["clips"] == 32
    text = format_summary(summary)
    assert "resolutions         1000x1000, 1000x1002" in text
    assert "\nr_knee                 494 (0.4)   418 (0.4)" in text


def test_the_summary_of_detections(cmu_test_clips):
    clip = cmu_test_clips[0]
    detections = video(clip)
    detections.scores[:3, :] = 0
    detections.scores[3:, :] = 0.5
    detections.scores[3:, 1] = 0.1
    summary = summarise_detections(detections)
    assert summary["frames_by_people"] == {"0": 8, "1": len(clip) - 3}
    assert summary["frames_by_person"] == {"0": len(clip) - 3}
    assert summary["missing_percent"] == pytest.approx(300 / len(clip), abs=0.1)
    assert summary["low_score_percent"] == pytest.approx(100 / 17, abs=0.2)
    assert "frames by people    0: 8, 1:" in format_summary(json.loads(json.dumps(summary)))
