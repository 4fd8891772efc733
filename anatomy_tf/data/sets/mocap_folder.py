"""A folder of motion capture with cameras and detections: `docs/mocap_folder.md` describes it.

`poses_3d.npz` has an array per subject and take, `cameras.json` the cameras that saw it, and
`detections_2d.npz` the keypoints in every camera. The CMU set shipped with the package has this
layout.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Sequence

import numpy as np

from anatomy_tf.data.checks import check_finite, check_shape, check_subjects
from anatomy_tf.data.clip import Clip
from anatomy_tf.data.files.archive import Archive
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import Camera
from anatomy_tf.skeleton import Skeleton


@dataclasses.dataclass(frozen=True)
class MocapFolder:
    """What is in a folder, before any clip is read."""

    path: pathlib.Path
    skeleton: Skeleton
    fps: float
    metres_per_unit: float
    pixels_per_unit: float
    score_per_unit: float
    train_subjects: tuple[str, ...]
    test_subjects: tuple[str, ...]
    poses: Archive
    detections: Archive
    takes: dict[str, dict]
    keypoints_from: str

    def clips(self, subjects: Sequence[str]) -> list[Clip]:
        """One clip for every camera of every take of these subjects, in the order of their names.

        Raises:
          InputError: a subject that is not there, or unusable data; names file, clip and field.
        """
        check_subjects(subjects, sorted({take.split("/")[0] for take in self.takes}), self.path)
        return [
            clip
            for take in sorted(self.takes)
            if take.split("/")[0] in subjects
            for clip in self._clips_of_take(take)
        ]

    def _clips_of_take(self, take: str) -> list[Clip]:
        shape = (None, self.skeleton.num_joints, 3)
        joints = _numbers(self.poses, take, shape) * np.float32(self.metres_per_unit)
        clips = []
        for number, entry in enumerate(self._cameras(take)):
            key = f"{take}/{number}"
            detections = _numbers(self.detections, key, (len(joints), *shape[1:]))
            camera = camera_of_entry(entry, f"{self.path}/cameras.json: {key}")
            clips.append(
                Clip(
                    name=key,
                    subject=take.split("/")[0],
                    action=str(self.takes[take]["action"]),
                    skeleton=self.skeleton,
                    resolution=camera.resolution,
                    fps=self.fps,
                    keypoints=detections[..., :2] * np.float32(self.pixels_per_unit),
                    visibility=detections[..., 2] * np.float32(self.score_per_unit),
                    joints=joints,
                    camera=camera,
                    keypoints_from=self.keypoints_from,
                )
            )
        return clips

    def _cameras(self, take: str) -> list[dict]:
        entry = self.takes[take]
        cameras = entry.get("cameras") if isinstance(entry, dict) else None
        if not isinstance(cameras, list) or not cameras or "action" not in entry:
            raise InputError(f"{self.path}/cameras.json: {take}: needs action and cameras")
        return cameras


def open_mocap_folder(path: pathlib.Path | str, keypoints_from: str = "detections") -> MocapFolder:
    """Opens the folder; clips are read by `MocapFolder.clips`.

    Args:
      keypoints_from: how reports call the source of the keypoints, if the folder does not say.

    Raises:
      InputError: a file is missing, damaged, or lacks a field.
    """
    path = pathlib.Path(path)
    if not path.is_dir():
        raise InputError(f"{path}: no such folder")
    poses = Archive(path / "poses_3d.npz")
    detections = Archive(path / "detections_2d.npz")
    try:
        takes = json.loads((path / "cameras.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path}/cameras.json: file not found") from error
    except (ValueError, OSError, RecursionError) as error:
        raise InputError(f"{path}/cameras.json: {error}") from error
    if not isinstance(takes, dict) or not takes:
        raise InputError(f"{path}/cameras.json: expected one entry for every take")
    return MocapFolder(
        path=path,
        skeleton=_skeleton(poses),
        fps=_scalar(poses, "fps"),
        metres_per_unit=_scalar(poses, "unit_m"),
        pixels_per_unit=_scalar(detections, "px_per_unit"),
        score_per_unit=_scalar(detections, "score_per_unit"),
        train_subjects=_names(poses, "subjects_train"),
        test_subjects=_names(poses, "subjects_test"),
        poses=poses,
        detections=detections,
        takes=takes,
        keypoints_from=_keypoints_from(detections) or keypoints_from,
    )


def _keypoints_from(detections: Archive) -> str | None:
    if "keypoints_from" not in detections.keys:
        return None
    text = str(detections.read("keypoints_from"))
    if not text.isprintable() or len(text) > 100:
        raise InputError(f"{detections.path}: keypoints_from is not a short text")
    return text


def _skeleton(poses: Archive) -> Skeleton:
    names = _names(poses, "joint_names")
    parents = _numbers(poses, "parents", (len(names),))
    try:
        return Skeleton.from_names(names, parents)
    except InputError as error:
        raise InputError(f"{poses.path}: {error}") from error


def camera_of_entry(entry: dict, where: str) -> Camera:
    """A camera as `cameras.json` has it.

    Raises:
      InputError: a field is missing or unusable; starts with `where`.
    """
    fields = [field.name for field in dataclasses.fields(Camera) if field.name != "resolution"]
    try:
        size = (entry["res_w"], entry["res_h"])
        return Camera(resolution=size, **{field: entry[field] for field in fields})
    except KeyError as error:
        raise InputError(f"{where}: {error} is missing") from error
    except TypeError as error:
        raise InputError(f"{where}: not a camera") from error
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def _names(archive: Archive, key: str) -> tuple[str, ...]:
    values = archive.read(key)
    if values.ndim != 1:
        raise InputError(f"{archive.path}: {key} must be a list of names")
    return tuple(str(value) for value in values)


def _numbers(archive: Archive, key: str, shape: tuple[int | None, ...]) -> np.ndarray:
    """Finite numbers of this shape as float32; an axis of None has any length but 0."""
    values = archive.read(key)
    where = f"{archive.path}: {key}"
    if values.dtype.kind not in "iuf":
        raise InputError(f"{where} holds {values.dtype}, not numbers")
    check_shape(values, shape, where)
    if 0 in values.shape:
        raise InputError(f"{where}: the clip has no frames")
    values = values.astype(np.float32)
    check_finite(values, where)
    return values


def _scalar(archive: Archive, key: str) -> float:
    values = archive.read(key)
    number = values.dtype.kind in "iuf" and values.size == 1
    if not (number and np.isfinite(values).all() and values.item() > 0):
        raise InputError(f"{archive.path}: {key} must be one positive number")
    return float(values.item())
