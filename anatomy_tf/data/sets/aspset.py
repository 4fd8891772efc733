"""ASPset-510, sports outdoors seen by three cameras, as its download has it:
`docs/data_aspset.md`.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import pathlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence

import numpy as np

from anatomy_tf.data.checks import check_subjects
from anatomy_tf.data.clip import Clip
from anatomy_tf.data.detections.text_files import read_json, read_text
from anatomy_tf.data.files.apart import arrays_of, read_apart
from anatomy_tf.data.sets.projected import project_keypoints
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import Camera, camera_of_matrices
from anatomy_tf.installation import check_installed
from anatomy_tf.skeleton import H36M_17, Skeleton

CAMERAS = ("left", "mid", "right")

_RESOLUTION = (3840, 2160)
_SPLITS = ("train", "val", "test")
_OWN_NAMES = {"thorax": "neck", "neck": "head", "head": "head_top"}
"""What the data set calls these joints of Human3.6M; the other names differ in spelling only."""
_Z_UP = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
"""From the world of the data set, which is the space of the left camera, held level."""


@dataclasses.dataclass(frozen=True)
class Aspset:
    """What `splits.csv` lists: the split of every subject, and `(clip, cameras)` of each."""

    path: pathlib.Path
    split_of: dict[str, str]
    takes: dict[str, list[tuple[str, tuple[str, ...]]]]
    skeleton: Skeleton = H36M_17

    @property
    def train_subjects(self) -> tuple[str, ...]:
        return self._subjects("train")

    @property
    def test_subjects(self) -> tuple[str, ...]:
        """Those of the test set where its joints are there, else of the validation set."""
        has_joints = (self.path / "test" / "joints_3d").is_dir()
        return self._subjects("test" if has_joints else "val")

    def _subjects(self, split: str) -> tuple[str, ...]:
        return tuple(name for name, of in self.split_of.items() if of == split)

    def clips(self, subjects: Sequence[str]) -> list[Clip]:
        """A clip for every camera of every take of these subjects; keypoints are the joints as the
        camera sees them.

        Raises:
          InputError: a subject that is not there, or unusable data; names file and place.
        """
        check_subjects(subjects, self.split_of, self.path)
        return [
            clip
            for subject in self.split_of
            if subject in subjects
            for clip in self._clips_of(subject)
        ]

    def _clips_of(self, subject: str) -> Iterator[Clip]:
        folder = self.path / ("test" if self.split_of[subject] == "test" else "trainval")
        where = {
            take: folder / "joints_3d" / subject / f"{subject}-{take}.c3d"
            for take, _ in self.takes[subject]
        }
        cameras = {
            name: _camera(folder / "cameras" / subject / f"{subject}-{name}.json")
            for name in {name for _, names in self.takes[subject] for name in names}
        }
        motion = _read_motion(where, folder)
        for take, names in self.takes[subject]:
            joints, fps = motion[take]
            for name in names:
                try:
                    clip = Clip(
                        name=f"{subject}/{take}/{name}",
                        subject=subject,
                        action=take,
                        skeleton=self.skeleton,
                        resolution=_RESOLUTION,
                        fps=fps,
                        keypoints=np.zeros((*joints.shape[:2], 2), np.float32),
                        visibility=np.ones(joints.shape[:2], np.float32),
                        joints=joints,
                        camera=cameras[name],
                    )
                    yield project_keypoints(clip)
                except InputError as error:
                    raise InputError(f"{where[take]}: {error}") from error


def open_aspset(path: pathlib.Path | str) -> Aspset:
    """Opens the folder with `splits.csv`, `trainval` and `test`.

    Raises:
      InputError: there is no `splits.csv`, it is damaged, or ezc3d is missing.
    """
    check_installed("ezc3d", "c3d", "ASPset-510's .c3d files take ezc3d")
    path = pathlib.Path(path)
    table = path / "splits.csv"
    split_of: dict[str, str] = {}
    takes: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    try:
        rows = list(csv.reader(io.StringIO(read_text(table))))
    except csv.Error as error:
        raise InputError(f"{table}: damaged, or no table ({error})") from error
    for number, row in enumerate(rows, start=1):
        if not row:
            continue
        subject, take, split, camera = row if len(row) == 4 else 4 * [""]
        # Names become parts of paths.
        known = split in _SPLITS and camera in (*CAMERAS, "all")
        if not known or not all(re.fullmatch(r"[0-9A-Za-z]+", name) for name in (subject, take)):
            raise InputError(f"{table}: line {number} is no subject, clip, split and camera")
        if split_of.setdefault(subject, split) != split:
            raise InputError(f"{table}: line {number}: {subject} is in {split_of[subject]} as well")
        names = CAMERAS if camera == "all" else (camera,)
        takes.setdefault(subject, []).append((take, names))
    if not split_of:
        raise InputError(f"{table}: empty")
    return Aspset(path, split_of, takes)


def _read_motion(
    files: dict[str, pathlib.Path], folder: pathlib.Path
) -> dict[str, tuple[np.ndarray, float]]:
    """`(T, J, 3)` metres, z up, and frames per second of every take."""
    motion = {}
    with tempfile.TemporaryDirectory() as scratch:
        copies = {take: pathlib.Path(scratch) / f"{n}.c3d" for n, take in enumerate(files)}
        for take, copy in copies.items():
            try:
                shutil.copyfile(files[take], copy)
            except OSError as error:
                raise InputError(f"{files[take]}: cannot be read ({error.strerror})") from error
        read_apart(pathlib.Path(scratch), folder)
        for take, copy in copies.items():
            motion[take] = _joints(arrays_of(copy, str(files[take])), files[take])
    return motion


def _joints(stored: dict[str, np.ndarray], path: pathlib.Path) -> tuple[np.ndarray, float]:
    labels = stored["labels"].tolist()
    order = []
    for name in H36M_17.joint_names:
        own = _OWN_NAMES.get(name, re.sub("^([lr])_", _side, name))
        if labels.count(own) != 1 or labels.index(own) >= stored["points"].shape[1]:
            raise InputError(f"{path}: expected one point called {own}")
        order.append(labels.index(own))
    if stored["units"] != "mm":
        raise InputError(f"{path}: points are in {str(stored['units'])!a}, not in mm")
    metres = stored["points"][:, order].transpose(2, 1, 0) / 1000
    with np.errstate(over="ignore", invalid="ignore"):  # a clip refuses what is not finite
        return (metres @ _Z_UP.T).astype(np.float32), float(stored["rate"])


def _side(match: re.Match) -> str:
    return {"l": "left_", "r": "right_"}[match[1]]


def _camera(path: pathlib.Path) -> Camera:
    stored = read_json(path)
    try:
        lens, place = (
            np.array(stored[name], np.float64).reshape(shape)
            for name, shape in (("intrinsic_matrix", (3, 4)), ("extrinsic_matrix", (4, 4)))
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{path}: no intrinsic_matrix and extrinsic_matrix") from error
    try:
        return camera_of_matrices(
            _RESOLUTION, lens[:, :3], place[:3, :3] @ _Z_UP.T, place[:3, 3] / 1000
        )
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
