"""Poses as JSON: a list of poses, and what they share.

{"format": "anatomy-tf poses", "version": 1,
"joint_names": ["pelvis", ...], "parents": [-1, ...], "left": [4, ...], "right": [1, ...],
"fps": 30.0, "num_frames": 120, "resolution": [1920, 1080],
"made_by": {"model": "cmu_27f", ...}, "notes": ["person 0: frames 0 to 119; ...", ...],
"units": {"joints": "metres, ...", ...},
"poses": [{"person": 0, "frame": 0, "joints": [[x, y, z], ...], "directions": [[x, y, z], ...],
"lengths": [...], "keypoints": [[x, y], ...], "scores": [...]}, ...]}
"""

from __future__ import annotations

import json
import pathlib

import numpy as np

from anatomy_tf.data.detections.text_files import read_json
from anatomy_tf.errors import InputError
from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.skeleton import Skeleton

NAME = "anatomy-tf poses"
VERSION = 1
_UNITS = {
    "joints": "metres, relative to the root; x right, y down, z forward",
    "directions": "unit vectors of the bones, in the order of their far joints",
    "lengths": "metres, of the bones",
    "keypoints": "pixels, origin at the top left, y down",
    "scores": "0 to 1; 0 where nothing was seen and the keypoint was filled in",
}
_DECIMALS = {"joints": 6, "directions": 7, "lengths": 6, "keypoints": 3, "scores": 4}


def write(poses: PoseData, path: pathlib.Path) -> None:
    """Writes the poses, rounded to a micrometre and a thousandth of a pixel."""
    head = {
        "format": NAME,
        "version": VERSION,
        **poses.skeleton.get_config(),
        "fps": poses.fps,
        "num_frames": poses.num_frames,
        "resolution": list(poses.resolution),
        "made_by": dict(poses.made_by),
        "notes": list(poses.notes),
        "units": _UNITS,
    }
    rounded = {
        name: np.round(getattr(poses, name).astype(np.float64), decimals).tolist()
        for name, decimals in _DECIMALS.items()
    }
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head, ensure_ascii=False)[:-1] + ',\n"poses": [\n')
        for row, (person, frame) in enumerate(
            zip(poses.person.tolist(), poses.frame.tolist(), strict=True)
        ):
            pose = {"person": person, "frame": frame}
            pose |= {name: values[row] for name, values in rounded.items()}
            file.write((",\n" if row else "") + json.dumps(pose, separators=(",", ":")))
        file.write("\n]}\n")


def read(path: pathlib.Path) -> PoseData:
    """What `write` wrote; raises an InputError for anything else."""
    content = read_json(path)
    if not isinstance(content, dict) or content.get("format") != NAME:
        raise InputError(f"not the JSON of {NAME}")
    if content.get("version") != VERSION:
        raise InputError(f"version {content.get('version')} of the format; {VERSION} is read")
    try:
        rows = content["poses"]
        columns = {name: np.array([r[name] for r in rows], np.float32) for name in _DECIMALS}
        numbers = {n: np.array([r[n] for r in rows], np.int32) for n in ("person", "frame")}
        sides = ("joint_names", "parents", "left", "right")
        width, height = content["resolution"]
        return PoseData(
            skeleton=Skeleton.from_config({name: content[name] for name in sides}),
            fps=float(content["fps"]),
            num_frames=int(content["num_frames"]),
            resolution=(int(width), int(height)),
            made_by=dict(content["made_by"]),
            notes=tuple(map(str, content["notes"])),
            **numbers,  # type: ignore[arg-type]
            **columns,  # type: ignore[arg-type]
        )
    except (TypeError, ValueError, LookupError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"not poses of this project, or damaged ({error!r})") from error
