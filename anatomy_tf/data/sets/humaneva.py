"""HumanEva-I as VideoPose3D's scripts convert it: `docs/data_humaneva.md`."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Sequence

import numpy as np

from anatomy_tf.data.checks import check_shape, check_subjects
from anatomy_tf.data.clip import Clip
from anatomy_tf.data.files.pickled_arrays import read_object_archive
from anatomy_tf.data.keypoint_sets import COCO_17, HUMAN36M_17, MPII_16, convert
from anatomy_tf.data.sets.bodies import HUMANEVA_15
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import Camera
from anatomy_tf.skeleton import Skeleton

ACTIONS = ("Walking", "Jog", "Box")
"""Those of the published tables; the others are Gestures and ThrowCatch."""

_CAMERAS = pathlib.Path(__file__).with_name("humaneva_cameras.json")
_SUBJECTS = ("S1", "S2", "S3")
_FPS = 60.0
_RESOLUTION = (640, 480)
_LAYOUTS = {
    "humaneva15": HUMANEVA_15.joint_names,
    "coco": COCO_17,
    "h36m": HUMAN36M_17,
    "mpii": MPII_16,
}
"""Keypoints by the name that the archive's `metadata` gives their layout."""


@dataclasses.dataclass(frozen=True)
class HumanEva:
    """What is in the two archives, not yet checked clip by clip."""

    path: pathlib.Path
    keypoints_path: pathlib.Path
    positions: dict
    keypoints: dict
    keypoint_names: tuple[str, ...]
    actions: tuple[str, ...]
    cameras: dict[str, list[Camera]]
    train_subjects: tuple[str, ...]
    test_subjects: tuple[str, ...]
    keypoints_from: str
    skeleton: Skeleton = HUMANEVA_15
    fps: float = _FPS

    def clips(self, subjects: Sequence[str]) -> list[Clip]:
        """A clip for every camera of every unbroken piece ("chunk") of motion of these subjects.

        Raises:
          InputError: a subject that is not there, or unusable data; names file and place.
        """
        present = (*self.train_subjects, *self.test_subjects)
        check_subjects(subjects, present, self.path)
        return [
            clip
            for subject in present
            if subject in subjects
            for take in self._takes(subject)
            if take.split(" ")[0] in self.actions
            for clip in self._clips_of_take(subject, take)
        ]

    def _takes(self, subject: str) -> list[str]:
        takes = _dict(self.positions[subject], f"{self.path}: {subject}")
        for take in takes:
            if not isinstance(take, str) or not take.isprintable():
                raise InputError(f"{self.path}: {subject}: a take is called {take!r}")
        return sorted(takes)

    def _clips_of_take(self, subject: str, take: str) -> list[Clip]:
        name = f"{subject}/{take}"
        shape = (None, self.skeleton.num_joints, 3)
        joints = _numbers(self.positions[subject][take], shape, f"{self.path}: {name}")
        where = f"{self.keypoints_path}: {name}"
        views = _dict(self.keypoints.get(subject), where).get(take)
        cameras = self.cameras[subject.split("/")[1]]
        if isinstance(views, np.ndarray) and views.ndim:  # as equal shapes may have been stored
            views = list(views)
        if not isinstance(views, list) or len(views) != len(cameras):
            raise InputError(f"{where}: expected keypoints of {len(cameras)} cameras")
        clips = []
        for number, (view, camera) in enumerate(zip(views, cameras, strict=True)):
            shape = (len(joints), len(self.keypoint_names), 2)
            found = _numbers(view, shape, f"{where}/{number}")
            scores = np.ones(shape[:2], np.float32)
            keypoints, scores = convert(
                found, scores, self.keypoint_names, self.skeleton.joint_names
            )
            try:
                clip = Clip(
                    name=f"{name}/{number}",
                    subject=subject,
                    action=take.split(" ")[0],
                    skeleton=self.skeleton,
                    resolution=camera.resolution,
                    fps=self.fps,
                    keypoints=keypoints,
                    visibility=scores,
                    joints=joints,
                    camera=camera,
                    keypoints_from=self.keypoints_from,
                )
            except InputError as error:
                raise InputError(f"{self.path.parent}: {error}") from error
            clips.append(clip)
        return clips


def open_humaneva(
    path: pathlib.Path | str, keypoints: str = "gt", actions: Sequence[str] = ACTIONS
) -> HumanEva:
    """Opens `data_3d_humaneva15.npz` and `data_2d_humaneva15_<keypoints>.npz`.

    Args:
      path: the folder of both.
      keypoints: whose 2D poses: `gt`, `detectron_pt_coco`, or another archive's name.
      actions: which to take of Walking, Jog, Box, Gestures, ThrowCatch.

    Raises:
      InputError: a file is missing, damaged, or lacks an array.
    """
    folder = pathlib.Path(path)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    path = folder / "data_3d_humaneva15.npz"
    keypoints_path = folder / f"data_2d_humaneva15_{keypoints}.npz"
    positions = _dict(read_object_archive(path).get("positions_3d"), f"{path}: positions_3d")
    archive = read_object_archive(keypoints_path)
    metadata = _dict(archive.get("metadata"), f"{keypoints_path}: metadata")
    layout = metadata.get("layout_name")
    if not isinstance(layout, str) or layout not in _LAYOUTS:
        raise InputError(
            f"{keypoints_path}: metadata: layout_name must be one of {', '.join(_LAYOUTS)}"
        )
    train, test = (
        tuple(f"{split}/{name}" for name in _SUBJECTS if f"{split}/{name}" in positions)
        for split in ("Train", "Validate")
    )
    if not train + test:
        raise InputError(f"{path}: positions_3d has none of Train/S1 to Validate/S3")
    return HumanEva(
        path=path,
        keypoints_path=keypoints_path,
        positions=positions,
        keypoints=_dict(archive.get("positions_2d"), f"{keypoints_path}: positions_2d"),
        keypoint_names=_LAYOUTS[layout],
        actions=tuple(actions),
        cameras=humaneva_cameras(),
        train_subjects=train,
        test_subjects=test,
        keypoints_from="ground truth" if keypoints == "gt" else keypoints,
    )


def humaneva_cameras() -> dict[str, list[Camera]]:
    """The three colour cameras by subject."""
    stored = json.loads(_CAMERAS.read_text(encoding="utf-8"))
    return {
        subject: [Camera(resolution=_RESOLUTION, **camera) for camera in cameras]
        for subject, cameras in stored.items()
    }


def _dict(value: object, where: str) -> dict:
    if not isinstance(value, dict):
        raise InputError(f"{where}: missing, or not the dictionary that it should be")
    return value


def _numbers(value: object, shape: tuple[int | None, ...], where: str) -> np.ndarray:
    """Numbers of this shape as float32; an axis of None has any length."""
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "iuf":
        raise InputError(f"{where}: no array of numbers")
    check_shape(value, shape, where)
    with np.errstate(over="ignore"):  # what is too large becomes infinite, which a clip refuses
        return value.astype(np.float32)
