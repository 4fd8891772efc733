"""The data sources by name, as the tools' `--data` flag takes them."""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Callable, Sequence
from typing import Protocol

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.sets.aist import open_aist
from anatomy_tf.data.sets.aspset import open_aspset
from anatomy_tf.data.sets.humaneva import open_humaneva
from anatomy_tf.data.sets.mocap_folder import open_mocap_folder
from anatomy_tf.data.sets.mpi_inf_3dhp import open_mpi_inf_3dhp
from anatomy_tf.data.sets.projected import project_keypoints
from anatomy_tf.errors import InputError

SHIPPED = {"cmu": pathlib.Path(__file__).parent / "sets" / "cmu"}
KEYPOINTS = ("detected", "projected")
"""What a detector gave, or the 3D joints as the camera sees them (the paper's Table II)."""


class Source(Protocol):
    """A data set, before any clip is read."""

    @property
    def train_subjects(self) -> Sequence[str]: ...
    @property
    def test_subjects(self) -> Sequence[str]: ...

    def clips(self, subjects: Sequence[str]) -> list[Clip]:
        """All clips of these subjects; raises an InputError for one that is not there, or unusable
        data.
        """


OPENERS: dict[str, Callable[..., Source]] = {
    "cmu": functools.partial(open_mocap_folder, keypoints_from="simulated detections"),
    "human36m": open_mocap_folder,
    "mpi_inf_3dhp": open_mpi_inf_3dhp,
    "humaneva": open_humaneva,
    "aspset": open_aspset,
    "aist": open_aist,
    "own": open_mocap_folder,
}
"""`cmu` ships with the package. All others need their folder: `human36m` and `own` one that
`tools/prepare_h36m.py` or `tools/prepare_mocap.py` wrote, the others one with the published files.
"""
NAMES = tuple(OPENERS)


def label(name: str, data_dir: str | None = None) -> str:
    """What a report calls the data."""
    return f"{name} layout in {data_dir}" if data_dir else name


def open_source(name: str, data_dir: str | None = None) -> Source:
    """The data source `name`, from `data_dir` instead of the shipped folder if that is given.

    Raises:
      InputError: no such source, or its folder is unusable or has to be given.
    """
    if name not in NAMES:
        raise InputError(f"--data={name}: no such data; there are {', '.join(NAMES)}")
    if not data_dir and name not in SHIPPED:
        raise InputError(f"--data={name} is not shipped: name its folder with --data_dir")
    if data_dir and name in SHIPPED:
        return open_mocap_folder(data_dir)
    return OPENERS[name](data_dir or SHIPPED[name])


def read_clips(source: Source, subjects: Sequence[str], keypoints: str) -> list[Clip]:
    """The clips of `subjects`, with `keypoints` of one of `KEYPOINTS`; raises as `Source.clips`."""
    clips = source.clips(subjects)
    return clips if keypoints == "detected" else [project_keypoints(clip) for clip in clips]
