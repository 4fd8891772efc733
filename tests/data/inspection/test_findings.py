import dataclasses
import json
import re

import numpy as np
import pytest

from anatomy_tf.data.inspection.findings import CHECKS, inspect_clips
from anatomy_tf.data.inspection.joint_checks import mirrored_body, up_in_world
from anatomy_tf.data.inspection.summary import summarise_clips
from anatomy_tf.data.sets.bodies import HUMANEVA_15, MPI_INF_3DHP_14, MPI_INF_3DHP_17
from anatomy_tf.geometry.camera import Camera
from anatomy_tf.skeleton import H36M_17

FLIP = H36M_17.flip_joints


@pytest.fixture(scope="module")
def clip(cmu_test_clips):
    return next(clip for clip in cmu_test_clips if clip.action == "walking")


def test_the_shipped_set_is_not_suspicious(cmu):
    assert inspect_clips(cmu.clips([*cmu.train_subjects, *cmu.test_subjects])) == []


def changed(field: str, change):
    """Puts `change` of a copy of the field into its place."""

    def alter(clip):
        values = getattr(clip, field).astype(np.float64)
        result = change(values)
        return dataclasses.replace(clip, **{field: values if result is None else result})

    return alter


def put(field: str, where, values):
    def change(array):
        array[where] = values

    return changed(field, change)


def swap_every_fourth_frame(keypoints):
    keypoints[::4] = keypoints[::4][:, FLIP]


def stretch_shin(joints, factor):
    joints[:, 6] = joints[:, 5] + factor * (joints[:, 6] - joints[:, 5])


def breathe(joints):
    factor = 1 + 0.1 * np.sin(np.arange(len(joints)))[:, np.newaxis]
    stretch_shin(joints, factor)


BROKEN = {
    "millimetres": (
        changed("joints", lambda joints: 1000 * joints),
        "units_of_joints",
        r"the body measures [12]\d\d\d m.* Likely: millimetres that were read as metres",
    ),
    "centimetres": (
        changed("joints", lambda joints: 100 * joints),
        "units_of_joints",
        "Likely: centimetres that were read as metres",
    ),
    "inches": (
        changed("joints", lambda joints: 39.37 * joints),
        "units_of_joints",
        "Likely: inches that were read as metres",
    ),
    "metres taken for millimetres": (
        changed("joints", lambda joints: joints / 1000),
        "units_of_joints",
        r"measures 0.00[12]\d+ m.* Likely: metres that were read as millimetres",
    ),
    "half the size of a doll": (
        changed("joints", lambda joints: joints / 9),
        "units_of_joints",
        "Likely: joints that are not metres",
    ),
    "keypoints from 0 to 1": (
        changed("keypoints", lambda keypoints: keypoints / 1000),
        "units_of_keypoints",
        "keypoints reach from 0.* to 0.* Likely: keypoints as shares of the image",
    ),
    "keypoints from -1 to 1": (
        changed("keypoints", lambda keypoints: keypoints / 500 - 1),
        "units_of_keypoints",
        "keypoints reach from -0.* to 0.* Likely: keypoints as shares of the image",
    ),
    "percent": (
        changed("visibility", lambda scores: 100 * scores),
        "units_of_keypoints",
        "scores reach from .* to 100. Likely: scores in another unit",
    ),
    "y up": (
        changed("joints", lambda joints: joints[..., [1, 2, 0]]),
        "up_in_world",
        "from feet to head the body points along y, where z is up",
    ),
    "z down": (
        changed("joints", lambda joints: joints * [1, -1, -1]),
        "up_in_world",
        "points along -z, where z is up",
    ),
    "image y up": (
        changed("keypoints", lambda keypoints: [0, 1000] + keypoints * [1, -1]),
        "up_in_image",
        "the head is below the feet in 100% of the frames. Likely: y counted upwards",
    ),
    "joints mirrored": (
        changed("joints", lambda joints: joints * [-1, 1, 1]),
        "mirrored_body",
        r"the knees bend backwards in \d\d+% of the frames. Likely: left and right",
    ),
    "sides of joints swapped": (
        changed("joints", lambda joints: joints[:, FLIP]),
        "mirrored_body",
        "the knees bend backwards",
    ),
    "sides of keypoints swapped": (
        changed("keypoints", lambda keypoints: keypoints[:, FLIP]),
        "reprojection",
        "pixels apart .* Likely: left and right swapped in keypoints or joints",
    ),
    "sides swapped now and then": (
        changed("keypoints", swap_every_fourth_frame),
        "swapping_sides",
        r"change places in \d\d.\d% of the frames. Likely: a detector that confuses",
    ),
    "a shin that breathes": (
        changed("joints", breathe),
        "bones",
        r"the length of the bone to l_ankle varies by 7% \(sd\)",
    ),
    "uneven shins": (
        changed("joints", lambda joints: stretch_shin(joints, 1.2)),
        "bones",
        r"the bone to \w_ankle has \d+ mm, its mirror image \d+ mm",
    ),
    "a shin without length": (
        changed("joints", lambda joints: stretch_shin(joints, 0)),
        "bones",
        "the bone to l_ankle has no length. Likely: two joints that are the same",
    ),
    "all joints in one place": (
        changed("joints", lambda joints: joints * 0),
        "bones",
        "has no length",
    ),
    "frozen": (
        put("keypoints", slice(40, 50), 300.0),
        "frozen_frames",
        r"\d.\d% of the frames repeat the one before, first frame 41\. Likely: a detector",
    ),
    "another resolution": (
        lambda clip: dataclasses.replace(clip, resolution=(300, 300)),
        "outside_image",
        "lie outside the image of 300x300. Likely: the resolution of another video",
    ),
    "never found": (
        put("visibility", (slice(None), slice(1, 7)), 0),
        "missing_keypoints",
        "35% of the keypoints were not found, r_hip, .*, l_ankle never. Likely: a detector",
    ),
    "rarely found": (
        put("visibility", slice(None, None, 2), 0),
        "missing_keypoints",
        "50% of the keypoints were not found. Likely: a person who is far away",
    ),
    "another camera": (
        lambda clip: dataclasses.replace(
            clip, camera=dataclasses.replace(clip.camera, translation=(0.0, 9.0, 1.0))
        ),
        "reprojection",
        "pixels apart .* Likely: the camera or the frames of another clip",
    ),
    "frames that do not match": (
        changed("joints", lambda joints: np.roll(joints, 60, axis=0)),
        "reprojection",
        "pixels apart",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_found(clip, name):
    breaks, check, message = BROKEN[name]
    findings = {finding.check: finding for finding in inspect_clips([clip, breaks(clip)])}
    assert check in findings
    assert findings[check].where == f"{clip.name} (1 of 2 clips)"
    assert re.search(message, str(findings[check]))


def test_every_check_is_tested():
    assert {check for _, check, _ in BROKEN.values()} == {check.__name__ for check in CHECKS}


def test_a_mistake_in_many_clips_is_one_finding(cmu_test_clips):
    clips = [changed("joints", lambda j: 1000 * j)(clip) for clip in cmu_test_clips[:8]]
    findings = [f for f in inspect_clips(clips) if f.check == "units_of_joints"]
    assert [f.where for f in findings] == [f"{clips[0].name} (8 of 8 clips)"]


def test_width_and_height_swapped(clip):
    portrait = dataclasses.replace(clip, resolution=(1080, 1920), camera=None)
    tall = changed("keypoints", lambda keypoints: keypoints * [1, 1.9])(portrait)
    assert inspect_clips([tall]) == []
    (finding,) = inspect_clips([dataclasses.replace(tall, resolution=(1920, 1080))])
    assert finding.cause == "width and height swapped"


def test_a_world_that_is_the_cameras_space_has_y_down(clip):
    camera = dataclasses.replace(
        clip.camera, orientation=(1.0, 0.0, 0.0, 0.0), translation=(0.0, 0.0, 0.0)
    )
    inside = dataclasses.replace(clip, joints=clip.camera_joints(), camera=camera)
    assert inspect_clips([inside]) == []
    upside_down = changed("joints", lambda joints: joints * [-1, -1, 1])(inside)
    assert "points along y, where -y is up" in up_in_world(upside_down).seen


@pytest.mark.parametrize("skeleton", [MPI_INF_3DHP_17, MPI_INF_3DHP_14, HUMANEVA_15])
def test_other_bodies_are_understood(clip, skeleton):
    order = [H36M_17.joint_names.index(name) for name in skeleton.joint_names]
    fields = ("keypoints", "visibility", "joints")
    other = dataclasses.replace(
        clip, skeleton=skeleton, **{f: getattr(clip, f)[:, order] for f in fields}
    )
    assert inspect_clips([other]) == []
    assert mirrored_body(changed("joints", lambda j: j * [-1, 1, 1])(other))
    assert up_in_world(changed("joints", lambda j: j * [1, 1, -1])(other))


def test_nothing_found_anywhere_and_everything_behind_the_camera(clip, recwarn):
    blind = dataclasses.replace(clip, visibility=np.zeros_like(clip.visibility))
    assert {finding.check for finding in inspect_clips([blind])} == {"missing_keypoints"}
    behind = changed("joints", lambda joints: joints + [0, 1000, 0])(clip)
    turned = dataclasses.replace(
        behind, camera=Camera((1000, 1000), (1000.0, 1000.0), (500.0, 500.0))
    )
    for one in (blind, turned):
        inspect_clips([one])
        json.dumps(summarise_clips([one]), allow_nan=False)
    assert not recwarn.list
