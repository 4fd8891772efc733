"""Poses as one page to look at (`.html`): `page.html` with the poses in it. It needs no other file
and asks nobody for anything.
"""

from __future__ import annotations

import base64
import json
import pathlib

import numpy as np
import numpy.typing as npt

from anatomy_tf.poses.pose_data import PoseData

_TEMPLATE = pathlib.Path(__file__).with_name("page.html")
_MILLIMETRES = 1000
_FARTHEST = 32_000
"""Millimetres from the root that 16 bits hold."""


def write(poses: PoseData, path: pathlib.Path) -> None:
    """Writes a page that shows everybody, rounded to a millimetre and to 1/255 of a score."""
    joints = np.round(_MILLIMETRES * poses.joints.astype(np.float64))
    joints = np.clip(joints, -_FARTHEST, _FARTHEST).astype("<i2")
    # A score above 0 stays so: 0 says that nothing was seen.
    scores = np.clip(np.ceil(255 * poses.scores.astype(np.float64)), 0, 255).astype("u1")
    people = []
    for person in dict.fromkeys(poses.person.tolist()):
        rows = poses.person == person
        people.append(
            {
                "name": f"person {person}",
                "frames": _text(poses.frame[rows].astype("<i4")),
                "joints": _text(joints[rows]),
                "scores": _text(scores[rows]),
            }
        )
    content = {
        **poses.skeleton.get_config(),
        "fps": poses.fps,
        "num_frames": poses.num_frames,
        "people": people,
        "notes": list(poses.notes),
        "made": [f"{name}: {value}" for name, value in poses.made_by.items()],
    }
    # A name or a note must not end the script that it stands in.
    data = json.dumps(content).replace("<", "\\u003c")
    page = _TEMPLATE.read_text(encoding="utf-8")
    path.write_text(page.replace("@DATA@", data), encoding="utf-8")


def _text(values: npt.NDArray[np.generic]) -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")
