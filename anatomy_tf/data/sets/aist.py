"""AIST++, dances seen by nine cameras, as its download has it: `docs/data_aist.md`."""

from __future__ import annotations

import dataclasses
import pathlib
import re
from collections.abc import Iterator, Sequence

import numpy as np

from anatomy_tf.data.checks import check_shape, check_subjects
from anatomy_tf.data.clip import Clip
from anatomy_tf.data.detections.gaps import fill_gaps
from anatomy_tf.data.detections.text_files import read_json, read_text
from anatomy_tf.data.files.pickled_arrays import read_pickle_file
from anatomy_tf.data.keypoint_sets import COCO_17, convert
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import Camera, camera_of_matrices
from anatomy_tf.skeleton import H36M_17, Skeleton

VIEWS = tuple(f"c0{number}" for number in range(1, 10))
UNUSABLE = {("gBR_sBM_cAll_d04_mBR0_ch01", "c05"), ("gJB_sBM_cAll_d07_mJB3_ch05", "c07")}
"""Views that the data set's own code leaves out: one out of step, one of another size."""

_SEQUENCE = re.compile(r"g(?P<genre>[A-Z]{2})_s[A-Z]{2}_cAll_(?P<dancer>d\d\d)_m[A-Z]{2}\d_ch\d\d")
_GENRES = {
    **{"BR": "break", "PO": "pop", "LO": "lock", "MH": "middle hip-hop", "LH": "LA hip-hop"},
    **{"HO": "house", "WA": "waack", "KR": "krump", "JS": "street jazz", "JB": "ballet jazz"},
}
_FPS = 60.0
_Z_UP = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""From the world of the data set, y up."""
_MAX_GAP = 30
_SHORTEST = 30
"""Frames: a shorter stretch in which all joints are known is left out."""


@dataclasses.dataclass(frozen=True)
class Aist:
    """What is in the folder, before any clip is read; `sequences` of a dancer by name."""

    path: pathlib.Path
    sequences: dict[str, list[str]]
    environments: dict[str, str]
    train_subjects: tuple[str, ...]
    test_subjects: tuple[str, ...]
    skeleton: Skeleton = H36M_17
    fps: float = _FPS

    def clips(self, subjects: Sequence[str]) -> list[Clip]:
        """A clip for every camera of every stretch in which all joints of the dancer are known.

        Raises:
          InputError: a subject that is not there, or unusable data; names file and place.
        """
        check_subjects(subjects, self.sequences, self.path)
        return [
            clip
            for subject, names in self.sequences.items()
            if subject in subjects
            for name in names
            for clip in self._clips_of(subject, name)
        ]

    def _clips_of(self, subject: str, name: str) -> Iterator[Clip]:
        joints = self._joints(name)
        path = self.path / "keypoints2d" / f"{name}.pkl"
        found = _array(path, "keypoints2d")
        check_shape(found, (len(VIEWS), len(joints), len(COCO_17), 3), f"{path}: keypoints2d")
        cameras = self._cameras(self.environments[name])
        action = _GENRES.get(name[1:3], name[1:3])
        for start, stop in _stretches(np.isfinite(joints).all(axis=(1, 2))):
            for view, camera, seen in zip(VIEWS, cameras, found[:, start:stop], strict=True):
                keypoints, scores = self._keypoints(seen)
                if (name, view) in UNUSABLE or not scores.any():
                    continue
                try:
                    yield Clip(
                        name=f"{subject}/{name}/{view}/{start}",
                        subject=subject,
                        action=action,
                        skeleton=self.skeleton,
                        resolution=camera.resolution,
                        fps=self.fps,
                        keypoints=keypoints,
                        visibility=scores,
                        joints=joints[start:stop],
                        camera=camera,
                    )
                except InputError as error:
                    raise InputError(f"{path}: {error}") from error

    def _joints(self, name: str) -> np.ndarray:
        """`(T, J, 3)` metres, z up; NaN where they are not known."""
        path = self.path / "keypoints3d" / f"{name}.pkl"
        stored = _array(path, "keypoints3d_optim", "keypoints3d")
        check_shape(stored, (None, len(COCO_17), 3), f"{path}: keypoints3d")
        known = np.isfinite(stored).all(axis=-1)
        joints, known = convert(
            np.nan_to_num(stored, posinf=0, neginf=0) / 100,
            known.astype(np.float32),
            COCO_17,
            self.skeleton.joint_names,
        )
        turned = joints @ _Z_UP.T.astype(np.float32)
        return np.where(known[..., np.newaxis] > 0, turned, np.nan)

    def _keypoints(self, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`(T, 17, 3)` COCO keypoints and scores -> those of the skeleton, gaps filled."""
        scores = np.where(np.isfinite(seen).all(axis=-1), np.clip(seen[..., 2], 0, 1), 0)
        keypoints, scores = convert(
            np.nan_to_num(seen[..., :2], posinf=0, neginf=0),
            scores,
            COCO_17,
            self.skeleton.joint_names,
        )
        if scores.any():
            keypoints = fill_gaps(keypoints, scores, self.skeleton, _MAX_GAP)
        return keypoints, scores

    def _cameras(self, environment: str) -> list[Camera]:
        path = self.path / "cameras" / f"{environment}.json"
        stored = read_json(path)
        if not isinstance(stored, list) or len(stored) != len(VIEWS):
            raise InputError(f"{path}: expected a list of {len(VIEWS)} cameras")
        return [
            _camera(entry, f"{path}: {view}") for entry, view in zip(stored, VIEWS, strict=True)
        ]


def open_aist(path: pathlib.Path | str) -> Aist:
    """Opens the folder with `cameras`, `keypoints2d`, `keypoints3d` and `ignore_list.txt`, and, for
    who is for training and who for test, `splits/pose_train.txt` and `splits/pose_test.txt`.

    A dancer is a subject. Without splits all are for training.

    Raises:
      InputError: a file is missing, or nothing is left.
    """
    path = pathlib.Path(path)
    if not path.is_dir():
        raise InputError(f"{path}: no such folder")
    mapping = [line.split() for line in _lines(path / "cameras" / "mapping.txt")]
    for number, words in enumerate(mapping, start=1):
        if len(words) != 2 or not _SEQUENCE.fullmatch(words[0]) or not words[1].isalnum():
            where = path / "cameras" / "mapping.txt"
            raise InputError(f"{where}: line {number} is no sequence and its setting")
    ignored = set(_lines(path / "ignore_list.txt"))
    environments = {
        name: setting
        for name, setting in mapping
        if name not in ignored and (path / "keypoints3d" / f"{name}.pkl").is_file()
    }
    sequences: dict[str, list[str]] = {}
    for name in sorted(environments, key=lambda name: (_dancer(name), name)):
        sequences.setdefault(_dancer(name), []).append(name)
    if not sequences:
        raise InputError(f"{path / 'keypoints3d'}: no .pkl file of a sequence in mapping.txt")
    test = {_dancer(name) for name in _split(path, "test")}
    train = {_dancer(name) for name in _split(path, "train")} or set(sequences) - test
    return Aist(
        path=path,
        sequences=sequences,
        environments=environments,
        train_subjects=tuple(name for name in sequences if name in train - test),
        test_subjects=tuple(name for name in sequences if name in test),
    )


def _dancer(name: str) -> str:
    return next((part for part in name.split("_") if re.fullmatch(r"d\d\d", part)), "")


def _split(path: pathlib.Path, split: str) -> list[str]:
    file = path / "splits" / f"pose_{split}.txt"
    return _lines(file) if file.is_file() else []


def _stretches(known: np.ndarray) -> list[tuple[int, int]]:
    """Where `(T,)` frames are known one after the other: first frame and the one past the last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]])))
    return [
        (int(start), int(stop))
        for start, stop in edges.reshape(-1, 2)
        if stop - start >= min(_SHORTEST, len(known))
    ]


def _camera(entry: object, where: str) -> Camera:
    """As aniposelib writes one, in centimetres; `rotation` is the axis times the angle."""
    try:
        fields = {
            name: np.array(entry[name], np.float64).reshape(shape)
            for name, shape in {
                **{"size": (2,), "matrix": (3, 3), "rotation": (3,), "translation": (3,)},
                "distortions": (5,),
            }.items()
        }
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{where}: not a camera with size, matrix, rotation, ...") from error
    if not np.isfinite(fields["size"]).all() or np.abs(fields["rotation"]).max() > 100:
        raise InputError(f"{where}: size or rotation is none")
    k1, k2, p1, p2, k3 = fields["distortions"]
    if p1 or p2:
        raise InputError(f"{where}: a lens with tangential distortion is not read")
    width, height = fields["size"]
    try:
        return camera_of_matrices(
            (int(width), int(height)),
            fields["matrix"],
            _rotation(fields["rotation"]) @ _Z_UP.T,
            fields["translation"] / 100,
            (k1, k2, k3),
        )
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def _rotation(axis_angle: np.ndarray) -> np.ndarray:
    angle = np.linalg.norm(axis_angle)
    x, y, z = axis_angle / max(angle, 1e-12)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)


def _array(path: pathlib.Path, *keys: str) -> np.ndarray:
    """The first of `keys` that the pickle has, as float32."""
    stored = read_pickle_file(path)
    for key in keys:
        values = stored.get(key) if isinstance(stored, dict) else None
        if isinstance(values, np.ndarray) and values.dtype.kind == "f":
            with np.errstate(over="ignore"):  # what is infinite is taken as not known
                return values.astype(np.float32)
    raise InputError(f"{path}: no array of numbers {' or '.join(keys)}")


def _lines(path: pathlib.Path) -> list[str]:
    return [line.strip() for line in read_text(path).splitlines() if line.strip()]
