"""Poses as one page to look at (`.html`): `page.html` with the poses in it. It needs no other file
and asks nobody for anything.
"""

from __future__ import annotations

import base64
import json
import pathlib

import numpy as np
import numpy.typing as npt

from anatomy_tf.poses.angles import angles_of_poses
from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.poses.writers.y_up import TO_Y_UP
from anatomy_tf.video.preview import preview
from anatomy_tf.world.body import body_of

_TEMPLATE = pathlib.Path(__file__).with_name("page.html")
_MILLIMETRES = 1000
_FARTHEST = 32_000
"""Millimetres from the root that 16 bits hold."""
_PARTS = 10_000
"""Of the picture's width, in which keypoints are told."""
_LONGEST_VIDEO = 600
"""Seconds; a page with more would be too large to open."""


def write(poses: PoseData, path: pathlib.Path) -> None:
    """Writes a page that shows everybody, rounded to a millimetre and to 1/255 of a score, beside
    the video where it is at hand.
    """
    world = poses.world
    points = poses.joints if world is None else world.joints * TO_Y_UP
    joints = np.round(_MILLIMETRES * points.astype(np.float64))
    joints = np.clip(joints, -_FARTHEST, _FARTHEST).astype("<i2")
    # A score above 0 stays so: 0 says that nothing was seen.
    scores = _octets(np.ceil(255 * poses.scores.astype(np.float64)))
    keypoints = poses.keypoints.astype(np.float64) * (_PARTS / poses.resolution[0])
    keypoints = np.clip(np.round(keypoints), -_FARTHEST, _FARTHEST).astype("<i2")
    notes = list(poses.notes)
    video = None
    if poses.video is not None and poses.num_frames <= _LONGEST_VIDEO * poses.fps:
        video = base64.b64encode(preview(poses.video, poses.fps)).decode("ascii")
    elif poses.video is not None:
        notes.append(f"the page is without the video, which is longer than {_LONGEST_VIDEO} s")
    angles = angles_of_poses(poses)
    people = []
    for person in poses.people:
        rows = poses.person == person
        people.append(
            {
                "name": f"person {person}",
                "frames": _text(poses.frame[rows].astype("<i4")),
                "joints": _text(joints[rows]),
                "scores": _text(scores[rows]),
                "angles": {
                    name: _text(np.round(10 * values[rows]).astype("<i2"))
                    for name, values in angles.items()
                },
                "keypoints": _text(keypoints[rows]) if video else "",
            }
        )
        if world is not None:
            people[-1]["confidence"] = _text(_octets(255 * world.confidence[rows]))
            people[-1]["stands"] = _text(world.stands[rows].astype("u1"))
    content = {
        **poses.skeleton.get_config(),
        "fps": poses.fps,
        "num_frames": poses.num_frames,
        "feet": None if world is None else list(body_of(poses.skeleton).feet),
        "people": people,
        "notes": notes,
        "video": video,
        "parts": _PARTS,
        "made": [f"{name}: {value}" for name, value in poses.made_by.items()],
    }
    # A name or a note must not end the script that it stands in.
    data = json.dumps(content).replace("<", "\\u003c")
    page = _TEMPLATE.read_text(encoding="utf-8")
    path.write_text(page.replace("@DATA@", data), encoding="utf-8")


def _octets(values: npt.NDArray[np.floating]) -> npt.NDArray[np.uint8]:
    return np.clip(values, 0, 255).astype(np.uint8)


def _text(values: npt.NDArray[np.generic]) -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")
