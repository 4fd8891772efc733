"""The files of Human3.6M that papers share: `data_3d_h36m.npz`, `data_2d_h36m_*.npz` and
`score.pkl`.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.files.pickled_arrays import read_object_archive, read_pickle_file
from anatomy_tf.data.sets.human36m.takes import SUBJECTS, Take, numbers, standard_joints, take_name
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17

MAX_PADDED = 50
"""Frames that scores may lack at the end of a video; they lack one here and there."""
SCORE_RANGE = (-0.5, 1.5)
"""Peaks of a heat map: meant to be 0 to 1, but a little beyond is no mistake."""


def takes_of_file(path: pathlib.Path | str) -> dict[str, Iterator[Take]]:
    """The takes in `data_3d_h36m.npz` by subject.

    Raises:
      InputError: the file is missing, damaged, or not laid out as that one is; and, when its turn
        comes, a take that is not usable; names take and field.
    """
    positions = _entry(path, "positions_3d")
    for subject in positions:
        if subject not in SUBJECTS:
            raise InputError(f"{path}: {subject!r:.50} is no subject with published motion")
    return {subject: _takes(subject, positions[subject], path) for subject in positions}


def _takes(subject: str, takes: object, path: pathlib.Path | str) -> Iterator[Take]:
    for name, joints in _by_take(takes, subject, path).items():
        yield Take(subject, name, standard_joints(joints, f"{path}: {subject}/{name}"))


@dataclasses.dataclass(frozen=True)
class SharedDetections:
    """Keypoints in the four cameras by subject and take, and their scores by clip where there are
    some.

    Args:
      path, scores_path: how messages call the files.
    """

    path: pathlib.Path | str
    positions: dict[str, dict[str, list]]
    scores_path: pathlib.Path | str | None = None
    scores: dict[str, object] | None = None

    def seen_in(self, clip: Clip) -> Clip:
        """`clip`, which is named SUBJECT/TAKE/CAMERA, with the keypoints and scores that are here
        for it.

        Extra frames at the end of a video are dropped, as everywhere with this data set.

        Raises:
          InputError: there are none, too few, or unusable ones.
        """
        subject, take, camera = clip.name.split("/")
        where = f"{self.path}: {clip.name}"
        cameras = self.positions.get(subject, {}).get(take)
        if not isinstance(cameras, (list, tuple)) or len(cameras) != 4:
            raise InputError(f"{where}: there are not keypoints of four cameras for this take")
        keypoints = numbers(cameras[int(camera)], where, (None, H36M_17.num_joints, None))
        if keypoints.shape[-1] < 2:
            raise InputError(f"{where}: keypoints have no x and y")
        if len(keypoints) < len(clip):
            raise InputError(f"{where}: {len(keypoints)} frames, but the take has {len(clip)}")
        return dataclasses.replace(
            clip,
            keypoints=keypoints[: len(clip), :, :2],
            visibility=self._visibility(clip, f"{subject}_{take}.{camera}"),
        )

    def _visibility(self, clip: Clip, key: str) -> np.ndarray:
        if self.scores is None:
            return clip.visibility
        where = f"{self.scores_path}: {key}"
        scores = self.scores.get(key)
        if isinstance(scores, np.ndarray) and scores.ndim == 3 and scores.shape[-1] == 1:
            scores = scores[..., 0]
        scores = numbers(scores, where, (None, H36M_17.num_joints))
        if scores.min() < SCORE_RANGE[0] or scores.max() > SCORE_RANGE[1]:
            raise InputError(
                f"{where}: scores from {scores.min():g} to {scores.max():g}, not 0 to 1"
            )
        missing = max(0, len(clip) - len(scores))
        if missing > MAX_PADDED:
            raise InputError(f"{where}: {len(scores)} frames, but the take has {len(clip)}")
        scores = np.pad(scores[: len(clip)], ((0, missing), (0, 0)), mode="edge")
        return np.clip(scores, 0, 1)


def read_shared_detections(
    path: pathlib.Path | str, scores_path: pathlib.Path | str | None = None
) -> SharedDetections:
    """Reads `data_2d_h36m_*.npz` and, if given, the visibility scores of the paper's authors,
    `score.pkl`.

    Raises:
      InputError: a file is missing, damaged, not laid out as those are, or of other joints than
        Human3.6M's 17.
    """
    positions = {
        subject: _by_take(takes, subject, path)
        for subject, takes in _entry(path, "positions_2d", check_joints=True).items()
        if subject in SUBJECTS
    }
    scores = None
    if scores_path is not None:
        scores = read_pickle_file(scores_path)
        if not isinstance(scores, dict):
            raise InputError(f"{scores_path}: expected scores by the names of videos")
    return SharedDetections(path, positions, scores_path, scores)


def _entry(path: pathlib.Path | str, key: str, check_joints: bool = False) -> dict:
    arrays = read_object_archive(path)
    if not isinstance(arrays.get(key), dict) or not arrays[key]:
        raise InputError(f"{path}: {key} is missing, or not poses by subject")
    if check_joints:
        _check_joints(arrays.get("metadata"), path)
    return arrays[key]


def _check_joints(metadata: object, path: pathlib.Path | str) -> None:
    """Whether keypoints are Human3.6M's joints; older files tell their number and sides only."""
    if not isinstance(metadata, dict):
        raise InputError(f"{path}: metadata is missing, or not a table")
    layout = str(metadata.get("layout_name", "h36m"))
    if layout != "h36m":
        raise InputError(
            f"{path}: keypoints are laid out as {layout!r:.30}; a model of Human3.6M needs its "
            "own 17 joints, as in data_2d_h36m_cpn_ft_h36m_dbb.npz"
        )
    sides = (H36M_17.left, H36M_17.right)
    if not np.array_equal(metadata.get("keypoints_symmetry", sides), sides):
        raise InputError(f"{path}: keypoints have other sides than Human3.6M's 17 joints")


def _by_take(takes: object, subject: str, path: pathlib.Path | str) -> dict:
    if not isinstance(takes, dict):
        raise InputError(f"{path}: {subject}: expected poses by take")
    names = {name: take_name(subject, str(name), path) for name in takes}
    return {names[name]: takes[name] for name in sorted(takes, key=str) if names[name]}
