"""Poses as an `.npz` file without pickles: an array a field."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from typing import Any

import numpy as np

from anatomy_tf.data.files.archive import Archive
from anatomy_tf.errors import InputError
from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.poses.world import World
from anatomy_tf.skeleton import Skeleton

_ARRAYS = ("person", "frame", "joints", "directions", "lengths", "keypoints", "scores")
_SIDES = ("left", "right")


def write(poses: PoseData, path: pathlib.Path) -> None:
    """The fields of `PoseData` by name; the skeleton as `joint_names`, `parents`, `left`, `right`,
    `made_by` as JSON, `filled`, which follows from the scores, and the fields of the world as
    `world_joints` and so on, where it is known.
    """
    arrays: dict[str, Any] = {
        **{name: np.array(getattr(poses.skeleton, name), np.int32) for name in _SIDES},
        **{name: getattr(poses, name) for name in _ARRAYS},
    }
    if poses.world is not None:
        fields = dataclasses.fields(World)
        arrays |= {f"world_{field.name}": getattr(poses.world, field.name) for field in fields}
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            joint_names=np.array(poses.skeleton.joint_names),
            parents=np.array(poses.skeleton.parents, np.int32),
            fps=poses.fps,
            num_frames=poses.num_frames,
            resolution=np.array(poses.resolution, np.int32),
            made_by=json.dumps(dict(poses.made_by)),
            notes=np.array(poses.notes, np.str_),
            filled=poses.filled,
            **arrays,
        )


def read(path: pathlib.Path) -> PoseData:
    """What `write` wrote; raises an InputError for anything else."""
    archive = Archive(path)
    try:
        world = None
        if "world_joints" in archive.keys:
            fields: dict[str, Any] = {
                field.name: archive.read(f"world_{field.name}")
                for field in dataclasses.fields(World)
            }
            world = World(**fields | {"focal": float(fields["focal"])})
        return PoseData(
            skeleton=Skeleton(
                tuple(map(str, archive.read("joint_names"))),
                *(tuple(map(int, archive.read(name))) for name in ("parents", *_SIDES)),
            ),
            fps=float(archive.read("fps")),
            num_frames=int(archive.read("num_frames")),
            resolution=tuple(map(int, archive.read("resolution"))),  # type: ignore[arg-type]
            made_by=json.loads(str(archive.read("made_by"))),
            notes=tuple(map(str, archive.read("notes"))),
            world=world,
            **{name: archive.read(name) for name in _ARRAYS},  # type: ignore[arg-type]
        )
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"not poses of this project, or damaged ({error})") from error
