"""Writes clips as a folder that `mocap_folder` opens: `docs/mocap_folder.md`
describes the layout.
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import zipfile
from collections.abc import Iterable, Sequence

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.files import new_folder
from anatomy_tf.geometry.camera import Camera
from anatomy_tf.skeleton import Skeleton

UNITS_PER_METRE = 1000


def write_mocap_folder(
    folder: pathlib.Path | str,
    clips: Iterable[Clip],
    train_subjects: Sequence[str],
    test_subjects: Sequence[str],
    exact: bool = False,
) -> None:
    """Writes the folder in full or not at all, holding no more than two clips at a time.

    Args:
      clips: named SUBJECT/TAKE/CAMERA; the cameras of a take follow one another and count from 0.
        They agree in skeleton, fps and source of keypoints, and those of a take in action and
        joints.
      train_subjects, test_subjects: the split that the folder proposes.
      exact: joints keep float32 precision; by default they are rounded to millimetres where 16 bits
        hold them, which halves their size, but shows in velocities and in the spread of bone
        lengths.

    Raises:
      InputError: clips that do not fit together or lack joints or a camera, a subject without
        clips, or a folder that is there already or cannot be written. Names the clip.
    """
    takes: dict[str, dict] = {}
    previous = None
    with new_folder(folder) as partial, contextlib.ExitStack() as stack:
        poses, detections = (
            stack.enter_context(zipfile.ZipFile(partial / name, "w", zipfile.ZIP_DEFLATED))
            for name in ("poses_3d.npz", "detections_2d.npz")
        )
        for clip in clips:
            take = _checked_take(clip, previous, takes)
            if take not in takes:
                takes[take] = {"action": clip.action, "cameras": []}
                _write(poses, take, _in_units(clip.joints, exact))
            seen = np.concatenate([clip.keypoints, clip.visibility[..., np.newaxis]], axis=-1)
            _write(detections, clip.name, seen.astype(np.float32))
            takes[take]["cameras"].append(_camera_entry(clip.camera))
            previous = clip
        if previous is None:
            raise InputError(f"{folder}: there are no clips to write")
        subjects = {take.split("/")[0] for take in takes}
        for subject in (*train_subjects, *test_subjects):
            if subject not in subjects:
                raise InputError(f"{folder}: there is no clip of subject {subject} to write")
        _write(poses, "unit_m", np.float64(1 / UNITS_PER_METRE))
        _write(poses, "fps", np.float64(previous.fps))
        _write(poses, "joint_names", np.array(previous.skeleton.joint_names))
        _write(poses, "parents", np.array(previous.skeleton.parents))
        _write(poses, "subjects_train", np.array(train_subjects, np.str_))
        _write(poses, "subjects_test", np.array(test_subjects, np.str_))
        _write(detections, "keypoints_from", np.array(previous.keypoints_from))
        _write(detections, "px_per_unit", np.float64(1))
        _write(detections, "score_per_unit", np.float64(1))
        (partial / "cameras.json").write_text(json.dumps(takes, indent=1), encoding="utf-8")


def _checked_take(clip: Clip, previous: Clip | None, takes: dict[str, dict]) -> str:
    """SUBJECT/TAKE of a clip that may come next.

    Raises:
      InputError: it may not.
    """
    where = f"clip {clip.name}"
    names = clip.name.split("/")
    if len(names) != 3 or not all(names) or not clip.name.isprintable():
        raise InputError(f"{where}: a clip to write is named SUBJECT/TAKE/CAMERA")
    if names[0] != clip.subject:
        raise InputError(f"{where}: its name begins with another subject than {clip.subject}")
    for field in ("joints", "camera"):
        if getattr(clip, field) is None:
            raise InputError(f"{where}: {field} is needed here, and the clip has none")
    if tuple(clip.resolution) != tuple(clip.camera.resolution):
        raise InputError(f"{where}: its resolution is not its camera's")
    skeleton = clip.skeleton
    if skeleton != Skeleton.from_names(skeleton.joint_names, skeleton.parents):
        raise InputError(f"{where}: the names of its joints do not tell left from right")
    for field in ("skeleton", "fps", "keypoints_from"):
        if previous and getattr(clip, field) != getattr(previous, field):
            raise InputError(f"{where}: {field} differs from that of clip {previous.name}")
    take = "/".join(names[:2])
    cameras = len(takes[take]["cameras"]) if take in takes else 0
    follows = not cameras or previous.name.startswith(f"{take}/")
    if names[2] != str(cameras) or not follows:
        raise InputError(f"{where}: cameras of a take must follow one another and count from 0")
    if cameras and not (
        clip.action == previous.action and np.array_equal(clip.joints, previous.joints)
    ):
        raise InputError(f"{where}: action or joints differ from those of clip {previous.name}")
    return take


def _in_units(joints: np.ndarray, exact: bool) -> np.ndarray:
    values = joints * np.float32(UNITS_PER_METRE)
    if exact or np.abs(values).max() > np.iinfo(np.int16).max:
        return values.astype(np.float32)
    return np.rint(values).astype(np.int16)


def _camera_entry(camera: Camera) -> dict:
    width, height = camera.resolution
    return {
        "res_w": int(width),
        "res_h": int(height),
        **{
            field: [float(value) for value in getattr(camera, field)]
            for field in (
                *("focal_length", "center", "radial_distortion", "tangential_distortion"),
                *("orientation", "translation"),
            )
        },
    }


def _write(archive: zipfile.ZipFile, key: str, values: np.ndarray) -> None:
    with archive.open(f"{key}.npy", "w", force_zip64=True) as entry:
        np.lib.format.write_array(entry, np.asanyarray(values), allow_pickle=False)
