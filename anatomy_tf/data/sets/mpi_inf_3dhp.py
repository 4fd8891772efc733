"""MPI-INF-3DHP as its download has it: `docs/data_mpi_inf_3dhp.md`."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator, Sequence

import numpy as np

from anatomy_tf.data.checks import check_shape, check_subjects
from anatomy_tf.data.clip import Clip
from anatomy_tf.data.files.matlab import read_array, read_cells
from anatomy_tf.data.sets.bodies import MPI_INF_3DHP_17
from anatomy_tf.data.sets.skeletool import read_lenses
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import Camera
from anatomy_tf.skeleton import Skeleton

TRAIN_CAMERAS = (0, 1, 2, 4, 5, 6, 7, 8)
"""Those of 14 that the field trains on: five at the height of the chest, two of the head, one of
the knees.
"""

_ANNOTATED = (
    *("spine3", "spine4", "spine2", "spine", "pelvis", "thorax", "neck", "head"),
    *("l_clavicle", "l_shoulder", "l_elbow", "l_wrist", "l_hand"),
    *("r_clavicle", "r_shoulder", "r_elbow", "r_wrist", "r_hand"),
    *("l_hip", "l_knee", "l_ankle", "l_foot", "l_toe"),
    *("r_hip", "r_knee", "r_ankle", "r_foot", "r_toe"),
)
"""The joints of the training set, in the order of `annot.mat`, which calls the last of the first
row "neck", "head" and "head_top".
"""

_SEQUENCES = {
    "S1": ((25, 6416), (50, 12430)),
    "S2": ((25, 6502), (25, 6081)),
    "S3": ((50, 12488), (50, 12283)),
    "S4": ((25, 6171), (25, 6675)),
    "S5": ((50, 12820), (50, 12312)),
    "S6": ((25, 6188), (25, 6145)),
    "S7": ((25, 6239), (25, 6320)),
    "S8": ((25, 6468), (25, 6054)),
}
"""Frames per second and frames of `Seq1` and `Seq2`; annotations may go on after the video's end.
"""

_STUDIO = Camera((2048, 2048), (1500.172, 1500.172), (1017.387, 1043.032))
_OUTDOORS = Camera((1920, 1080), (1683.983, 1683.983), (939.858, 560.140))
_TEST = {
    **dict.fromkeys(("TS1", "TS2"), ("green screen", _STUDIO)),
    **dict.fromkeys(("TS3", "TS4"), ("no green screen", _STUDIO)),
    **dict.fromkeys(("TS5", "TS6"), ("outdoors", _OUTDOORS)),
}
"""Scene and lens of the test sequences; the lens as published, good to a few pixels."""

_TEST_FPS = 25.0  # the rate of most training sequences; none is published for the test set
_TEST_FOLDER = "mpi_inf_3dhp_test_set"  # where the download's script puts the test set


@dataclasses.dataclass(frozen=True)
class ScoredSequence:
    """A sequence of the test set: the whole of it for context, of which some frames are scored.

    Attributes:
      clip: all `T` frames, and which of them are scored.
      activity: `(T,)` int, 1 to 7.
    """

    clip: Clip
    activity: np.ndarray


@dataclasses.dataclass(frozen=True)
class MpiInf3dhp:
    """What is in the folder, before any clip is read."""

    path: pathlib.Path
    test_path: pathlib.Path
    skeleton: Skeleton
    universal: bool
    cameras: tuple[int, ...]
    train_subjects: tuple[str, ...]
    test_subjects: tuple[str, ...]

    def clips(self, subjects: Sequence[str]) -> list[Clip]:
        """A clip for every camera of every sequence of these subjects; a test sequence has one
        camera.

        Raises:
          InputError: a subject that is not there, or unusable data; names file and place.
        """
        present = (*self.train_subjects, *self.test_subjects)
        check_subjects(subjects, present, self.path)
        return [
            clip
            for subject in present
            if subject in subjects
            for clip in (
                [self.scored_sequence(subject).clip]
                if subject in _TEST
                else self._training_clips(subject)
            )
        ]

    def scored_sequence(self, subject: str) -> ScoredSequence:
        """A sequence of the test set, `subject` one of `test_subjects`.

        Raises:
          InputError: unusable data; names file and place.
        """
        path = self.test_path / subject / "annot_data.mat"
        scene, camera = _TEST[subject]
        names = MPI_INF_3DHP_17.joint_names
        values = []
        for key, size in (("annot2", 2), (self._joints_key, 3)):
            stored = read_array(path, key)
            check_shape(stored, (size, len(names), 1, None), f"{path}: {key}")
            values.append(self._picked(stored.T[:, 0], names))
        clip = self._clip(path, subject, scene, _TEST_FPS, *values, camera)
        marks = []
        for key in ("valid_frame", "activity_annotation"):
            marks.append(read_array(path, key).ravel())
            if len(marks[-1]) != len(clip):
                raise InputError(f"{path}: {key} is of {len(marks[-1])} frames, not {len(clip)}")
            if not np.isfinite(marks[-1]).all():
                raise InputError(f"{path}: {key} is not finite")
        scored, activity = marks
        return ScoredSequence(
            dataclasses.replace(clip, scored=scored != 0), activity.astype(np.int32)
        )

    def _training_clips(self, subject: str) -> Iterator[Clip]:
        for number, (fps, frames) in enumerate(_SEQUENCES[subject], start=1):
            folder = self.path / subject / f"Seq{number}"
            path = folder / "annot.mat"
            lenses = read_lenses(folder / "camera.calibration")
            keypoints = read_cells(path, "annot2")
            joints = read_cells(path, self._joints_key)
            for camera in self.cameras:
                if camera not in lenses:
                    raise InputError(f"{folder}/camera.calibration: camera {camera} is missing")
                values = [
                    self._of_camera(cells, camera, size, f"{path}: {key}")[:frames]
                    for key, cells, size in (
                        ("annot2", keypoints, 2),
                        (self._joints_key, joints, 3),
                    )
                ]
                name = f"{subject}/Seq{number}/{camera}"
                yield self._clip(path, name, f"Seq{number}", fps, *values, lenses[camera])

    def _of_camera(self, cells: list[np.ndarray], camera: int, size: int, where: str) -> np.ndarray:
        if camera >= len(cells):
            raise InputError(f"{where} has {len(cells)} cells, none for camera {camera}")
        rows = cells[camera]
        check_shape(rows, (None, len(_ANNOTATED) * size), f"{where}: camera {camera}")
        return self._picked(rows.reshape(len(rows), len(_ANNOTATED), size), _ANNOTATED)

    @property
    def _joints_key(self) -> str:
        return "univ_annot3" if self.universal else "annot3"

    def _picked(self, values: np.ndarray, names: Sequence[str]) -> np.ndarray:
        """The skeleton's joints out of those called `names`, `(T, J, ...)` float32."""
        with np.errstate(over="ignore"):  # what is too large becomes infinite, which a clip refuses
            return values[:, [names.index(name) for name in self.skeleton.joint_names]].astype(
                np.float32
            )

    def _clip(
        self,
        path: pathlib.Path,
        name: str,
        action: str,
        fps: float,
        keypoints: np.ndarray,
        joints: np.ndarray,
        camera: Camera,
    ) -> Clip:
        try:
            return Clip(
                name=name,
                subject=name.split("/")[0],
                action=action,
                skeleton=self.skeleton,
                resolution=camera.resolution,
                fps=float(fps),
                keypoints=keypoints,
                visibility=np.ones(keypoints.shape[:2], np.float32),
                joints=joints / 1000,
                camera=camera,
                keypoints_from="annotations",
            )
        except InputError as error:
            raise InputError(f"{path}: {error}") from error


def open_mpi_inf_3dhp(
    path: pathlib.Path | str,
    skeleton: Skeleton = MPI_INF_3DHP_17,
    universal: bool = True,
    cameras: Sequence[int] = TRAIN_CAMERAS,
) -> MpiInf3dhp:
    """Opens the folder with `S1` to `S8` and `TS1` to `TS6`, as many as are there.

    Every clip's world is the space of its camera, as the annotations have it. Keypoints are the
    annotated ones.

    Args:
      path: the test set lies there too, or in `mpi_inf_3dhp_test_set` below.
      skeleton: of any of the joints of `MPI_INF_3DHP_17`, such as `H36M_17`.
      universal: joints of a body scaled to the height that all subjects of Human3.6M are given
        (`univ_annot3`), which the data set's own evaluation compares with; else the true size
        (`annot3`). Only the true ones project onto the keypoints.
      cameras: which of the 14 to take of the training set.

    Raises:
      InputError: no such folder or nothing in it, a joint or a camera that there is not.
    """
    path = pathlib.Path(path)
    if not path.is_dir():
        raise InputError(f"{path}: no such folder")
    for name in skeleton.joint_names:
        if name not in MPI_INF_3DHP_17.joint_names:
            raise InputError(f"joint {name}: MPI-INF-3DHP has none of that name")
    if not cameras or not set(cameras) <= set(range(14)):
        raise InputError(f"cameras {list(cameras)}: MPI-INF-3DHP has 0 to 13")
    test_path = path / _TEST_FOLDER if (path / _TEST_FOLDER).is_dir() else path
    train = tuple(name for name in _SEQUENCES if (path / name).is_dir())
    test = tuple(name for name in _TEST if (test_path / name).is_dir())
    if not train + test:
        raise InputError(f"{path}: no folder S1 to S8 or TS1 to TS6")
    return MpiInf3dhp(path, test_path, skeleton, universal, tuple(cameras), train, test)
