import dataclasses

import numpy as np
import pytest

from anatomy_tf.data.sets.mocap_folder import open_mocap_folder
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.robustness import (
    ROBUSTNESS_METRICS,
    evaluate_robustness,
    format_robustness,
)
from anatomy_tf.evaluation.virtual_protocol import FRAMES, virtual_clips
from anatomy_tf.inference.lift import ClipLifter
from tests.lifters import random_lifter
from tests.mocap_folder import write_mocap_folder


@pytest.fixture(scope="module")
def takes(tmp_path_factory, cmu):
    source = open_mocap_folder(write_mocap_folder(tmp_path_factory.mktemp("mocap"), cmu, 130))
    return source.clips(["A01"])


@pytest.fixture(scope="module")
def virtual(takes):
    return virtual_clips(takes, cameras=24)


def test_cameras_are_the_same_for_everyone_however_many_there_are(takes, virtual):
    for one, again in zip(virtual_clips(takes, cameras=3), virtual, strict=False):
        np.testing.assert_array_equal(one.clip.keypoints, again.clip.keypoints)
        assert one.facts == again.facts
    assert len({made.facts["distance (m)"] for made in virtual}) == 24


def test_clips_are_what_their_cameras_see(virtual):
    found = []
    for made in virtual:
        clip = made.clip
        assert len(clip) <= FRAMES
        joints = clip.camera_joints()
        lens = np.radians(made.facts["lens (degrees)"])
        true_focal = 0.5 * max(clip.resolution) / np.tan(lens / 2)
        exact = joints[..., :2] / joints[..., 2:] * true_focal + np.array(clip.resolution) / 2
        inside = ((exact > 0) & (exact < clip.resolution)).all(axis=-1) & (joints[..., 2] > 0.3)
        error = np.linalg.norm(clip.keypoints - exact, axis=-1)[inside]
        height = true_focal * made.facts["stature (m)"] / made.facts["distance (m)"]
        found.append(np.median(error) / height if inside.any() else 0)
    assert np.median(found) < 0.04
    focal = [made.clip.screen_focal() for made in virtual]
    assert len(set(focal)) == 24


def test_facts_are_within_what_is_drawn(virtual):
    for made in virtual:
        facts = made.facts
        assert 0.9 < facts["stature (m)"] < 2.2
        assert 29 < facts["lens (degrees)"] < 101
        assert 1 < facts["distance (m)"] < 14
        assert 0 <= facts["missing (% of joints)"] <= 100


def test_a_perfect_model_has_no_error_and_any_other_has(virtual):
    class Perfect:
        model = random_lifter()

        def __call__(self, clip):
            joints = clip.camera_joints()
            return {"joints": joints - joints[:, :1]}

    report = evaluate_robustness(Perfect(), virtual)
    assert set(report["overall"]) == {*ROBUSTNESS_METRICS, "clips"}
    for name in ROBUSTNESS_METRICS:
        assert report["overall"][name] == pytest.approx(0, abs=0.1)
    assert all(
        sum(errors["clips"] for errors in classes.values()) == 24
        for classes in report["by"].values()
    )
    lifter = ClipLifter(random_lifter(keypoint_frame="person"))
    worse = evaluate_robustness(lifter, virtual[:3])["overall"]
    assert worse["mpjpe_mm"] > 100 and worse["limbs_deg"] > 10
    assert "overall" in format_robustness(report)


def test_takes_that_are_too_short_are_refused(takes):
    short = [
        dataclasses.replace(
            clip,
            keypoints=clip.keypoints[:50],
            visibility=clip.visibility[:50],
            joints=clip.joints[:50],
        )
        for clip in takes
    ]
    with pytest.raises(InputError, match="no take of 100 frames"):
        virtual_clips(short, cameras=2)
