"""Poses as JSON: a list of poses, and what they share.

{"format": "anatomy-tf poses", "version": 1,
"joint_names": ["pelvis", ...], "parents": [-1, ...], "left": [4, ...], "right": [1, ...],
"fps": 30.0, "num_frames": 120, "resolution": [1920, 1080],
"made_by": {"model": "cmu_27f", ...}, "notes": ["person 0: frames 0 to 119; ...", ...],
"units": {"joints": "metres, ...", ...},
"poses": [{"person": 0, "frame": 0, "joints": [[x, y, z], ...], "directions": [[x, y, z], ...],
"lengths": [...], "keypoints": [[x, y], ...], "scores": [...]}, ...]}

Where a level world is known, there is also "world": {"axes": [[x, y, z], ...], "camera": [x, y, z],
"focal": 1632.0, "feet": [3, 6]}, and every pose has "world": {"joints": [[x, y, z], ...],
"stands": [1, 0], "confidence": [...], "reprojection": 12.3}.
"""

from __future__ import annotations

import json
import pathlib
from typing import Any

import numpy as np

from anatomy_tf.data.detections.text_files import read_json
from anatomy_tf.errors import InputError
from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.poses.world import World
from anatomy_tf.skeleton import Skeleton
from anatomy_tf.world.body import body_of

NAME = "anatomy-tf poses"
VERSION = 1
_UNITS = {
    "joints": "metres, relative to the root; x right, y down, z forward",
    "directions": "unit vectors of the bones, in the order of their far joints",
    "lengths": "metres, of the bones",
    "keypoints": "pixels, origin at the top left, y down",
    "scores": "0 to 1; 0 where nothing was seen and the keypoint was filled in",
}
_WORLD_UNITS = {
    "world": "metres; x the camera's right, y up from the floor, z towards the camera",
    "axes": "from camera space into the world",
    "confidence": "the chance of a joint to be within 15 cm of the truth",
    "reprojection": "pixels, the median of the pose",
}
_WORLD_DECIMALS = {"joints": 6, "stands": 0, "confidence": 4, "reprojection": 2}
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
    rounded = _rounded(poses, _DECIMALS)
    in_world = None
    if poses.world is not None:
        head["units"] = _UNITS | _WORLD_UNITS
        head["world"] = {
            "axes": poses.world.axes.tolist(),
            "camera": poses.world.camera.tolist(),
            "focal": float(poses.world.focal),
            "feet": list(body_of(poses.skeleton).feet),
        }
        in_world = _rounded(poses.world, _WORLD_DECIMALS)
        in_world["stands"] = poses.world.stands.astype(int).tolist()
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head, ensure_ascii=False)[:-1] + ',\n"poses": [\n')
        for row, (person, frame) in enumerate(
            zip(poses.person.tolist(), poses.frame.tolist(), strict=True)
        ):
            pose = {"person": person, "frame": frame}
            pose |= {name: values[row] for name, values in rounded.items()}
            if in_world is not None:
                pose["world"] = {name: values[row] for name, values in in_world.items()}
            file.write((",\n" if row else "") + json.dumps(pose, separators=(",", ":")))
        file.write("\n]}\n")


def _rounded(source: PoseData | World, decimals: dict[str, int]) -> dict[str, Any]:
    return {
        name: np.round(getattr(source, name).astype(np.float64), places).tolist()
        for name, places in decimals.items()
    }


def _world(content: dict[str, Any]) -> World | None:
    if "world" not in content:
        return None
    rows = [row["world"] for row in content["poses"]]
    types = dict.fromkeys(_WORLD_DECIMALS, np.float32) | {"stands": np.bool_}
    about = content["world"]
    return World(
        axes=np.array(about["axes"], np.float32),
        camera=np.array(about["camera"], np.float32),
        focal=float(about["focal"]),
        **{
            name: np.array([row[name] for row in rows], kind)  # type: ignore[arg-type]
            for name, kind in types.items()
        },
    )


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
        numbers = {n: np.array([r[n] for r in rows], np.int64) for n in ("person", "frame")}
        sides = ("joint_names", "parents", "left", "right")
        width, height = content["resolution"]
        return PoseData(
            skeleton=Skeleton.from_config({name: content[name] for name in sides}),
            fps=float(content["fps"]),
            num_frames=int(content["num_frames"]),
            resolution=(int(width), int(height)),
            made_by=dict(content["made_by"]),
            notes=tuple(map(str, content["notes"])),
            world=_world(content),
            **numbers,  # type: ignore[arg-type]
            **columns,  # type: ignore[arg-type]
        )
    except (TypeError, ValueError, LookupError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"not poses of this project, or damaged ({error!r})") from error
