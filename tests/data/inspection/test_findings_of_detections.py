import dataclasses
import json
import pathlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.data.inspection.findings import Finding, inspect_detections
from anatomy_tf.data.inspection.summary import format_summary, summarise_detections
from anatomy_tf.data.keypoint_sets import convert
from anatomy_tf.data.sets.bodies import HUMANEVA_15
from anatomy_tf.skeleton import H36M_17
from tests.data.inspection.test_findings import changed, swap_every_fourth_frame

FILES = pathlib.Path(__file__).parents[1] / "detections" / "files"


@pytest.fixture(scope="module")
def clip(cmu_test_clips):
    return next(clip for clip in cmu_test_clips if clip.action == "walking")


def video(clip, **fields) -> Detections:
    fields = {"resolution": clip.resolution, "fps": clip.fps} | fields
    return Detections(
        source="video.json",
        joint_names=H36M_17.joint_names,
        num_frames=len(clip) + 5,
        frame=np.arange(len(clip)),
        track=np.full(len(clip), -1),
        keypoints=clip.keypoints,
        scores=np.maximum(clip.visibility, 0.01),
        **fields,
    )


def garbage(detections: Detections) -> list[Finding]:
    """What is found in the keypoints, the fatal first."""
    _, findings = inspect_detections(detections)
    of_keypoints = [f for f in findings if f.check not in ("fps", "resolution", "clips")]
    return sorted(of_keypoints, key=lambda finding: finding.severity != "fatal")


def test_detections(clip):
    clips, findings = inspect_detections(video(clip))
    assert findings == []
    assert [len(c) for c in clips] == [len(clip) + 5]
    broken = changed("keypoints", swap_every_fourth_frame)(clip)
    _, findings = inspect_detections(video(broken))
    assert [finding.check for finding in findings] == ["swapping_sides"]


def test_what_detections_do_not_tell_is_a_finding(clip):
    clips, findings = inspect_detections(video(clip, fps=None, resolution=None))
    assert len(clips) == 1
    assert [str(finding) for finding in findings] == [
        "video.json: does not tell its fps. Likely: a format without it; give --fps",
        "video.json: does not tell its resolution. Likely: a format without it; "
        "give --resolution=WxH",
    ]


def test_a_few_frames_are_inspected(clip):
    short = dataclasses.replace(
        clip, **{f: getattr(clip, f)[:5] for f in ("keypoints", "visibility", "joints")}
    )
    clips, findings = inspect_detections(dataclasses.replace(video(short), num_frames=5))
    assert [len(c) for c in clips] == [5]
    assert findings == []


def test_garbage_is_what_no_lifting_survives(clip):
    assert garbage(video(clip, fps=None)) == []
    shares = dataclasses.replace(clip, keypoints=clip.keypoints / 1000)
    assert [(f.check, f.severity) for f in garbage(video(shares))] == [
        ("units_of_keypoints", "fatal")
    ]
    broken = changed("keypoints", swap_every_fourth_frame)(clip)
    assert [(f.check, f.severity) for f in garbage(video(broken))] == [
        ("swapping_sides", "warning")
    ]
    elsewhere = dataclasses.replace(clip, keypoints=clip.keypoints + 5000)
    assert ("outside_image", "fatal") in [(f.check, f.severity) for f in garbage(video(elsewhere))]


def test_keypoints_of_coco_under_the_names_of_human36m_are_garbage():
    detections = read_detections(FILES / "balance_alphapose-results.json")
    assert "joint_order" not in [finding.check for finding in garbage(detections)]
    mistaken = dataclasses.replace(detections, joint_names=H36M_17.joint_names)
    first, *_ = garbage(mistaken)
    assert (first.check, first.severity) == ("joint_order", "fatal")
    assert "look like those of coco17" in first.seen


def test_keypoints_of_another_set_are_not_suspicious(clip):
    """Pelvis and spine have to be made; the neck cannot be, and lies on the thorax."""
    keypoints, scores = convert(
        clip.keypoints, clip.visibility, H36M_17.joint_names, HUMANEVA_15.joint_names[1:]
    )
    detections = dataclasses.replace(
        video(clip), joint_names=HUMANEVA_15.joint_names[1:], keypoints=keypoints, scores=scores
    )
    _, findings = inspect_detections(detections)
    assert findings == []


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_whatever_can_be_read_can_be_inspected(data):
    detections = read_detections(FILES / "balance_alphapose-results.json")
    keypoints, scores = detections.keypoints.copy(), detections.scores.copy()
    extremes = st.sampled_from([0.0, -1e30, 1e30, 1e-30, 5e3])
    for _ in range(data.draw(st.integers(1, 20))):
        row, joint = data.draw(st.integers(0, 99)), data.draw(st.integers(0, 16))
        keypoints[row, joint] = data.draw(extremes), data.draw(extremes)
        scores[data.draw(st.integers(0, 99))] = data.draw(st.sampled_from([0.0, 1e-30, 1.0]))
    frame = np.sort(data.draw(st.permutations(range(100)))) * data.draw(st.sampled_from([0, 1, 7]))
    strange = dataclasses.replace(
        detections, keypoints=keypoints, scores=scores, frame=frame, num_frames=700
    )
    _, findings = inspect_detections(strange)
    assert all("\n" not in str(finding) for finding in findings)
    text = json.dumps(summarise_detections(strange), allow_nan=False)
    assert format_summary(json.loads(text))
