"""The data sources by name, as the tools' `--data` flag takes them."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.mocap_folder import MocapFolder, open_mocap_folder
from anatomy_tf.data.projected import project_keypoints
from anatomy_tf.errors import InputError

SHIPPED = {"cmu": pathlib.Path(__file__).parent / "cmu"}
NAMES = (*SHIPPED, "human36m")
"""`cmu` ships with the package; `human36m` cannot, so its folder has to be given."""
KEYPOINTS = ("detected", "projected")
"""What a detector gave, or the 3D joints as the camera sees them (the paper's Table II)."""


def label(name: str, data_dir: str | None = None) -> str:
    """What a report calls the data."""
    return f"{name} layout in {data_dir}" if data_dir else name


def open_source(name: str, data_dir: str | None = None) -> MocapFolder:
    """The data source `name`, from `data_dir` instead of the shipped folder if that is given.

    Raises:
      InputError: no such source, or its folder is unusable or has to be given.
    """
    if name not in NAMES:
        raise InputError(f"--data={name}: no such data; there are {', '.join(NAMES)}")
    if not data_dir and name not in SHIPPED:
        raise InputError(f"--data={name} is not shipped: name its folder with --data_dir")
    if data_dir:
        return open_mocap_folder(data_dir)
    return open_mocap_folder(SHIPPED[name], keypoints_from="simulated detections")


def read_clips(source: MocapFolder, subjects: Sequence[str], keypoints: str) -> list[Clip]:
    """The clips of `subjects`, with `keypoints` of one of `KEYPOINTS`; raises as `MocapFolder.clips`."""
    clips = source.clips(subjects)
    return clips if keypoints == "detected" else [project_keypoints(clip) for clip in clips]
