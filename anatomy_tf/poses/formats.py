"""The files that poses are kept in: one table of formats, by their endings."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable
from typing import NamedTuple

from anatomy_tf.errors import InputError
from anatomy_tf.files import replacing
from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.poses.writers import (
    bvh_file,
    c3d_file,
    moving_picture,
    npz_file,
    page,
    pose_json,
    pose_table,
    trc_file,
)


class _Format(NamedTuple):
    write: Callable[[PoseData, pathlib.Path], None]
    read: Callable[[pathlib.Path], PoseData] | None = None


FORMATS: dict[str, _Format] = {
    ".npz": _Format(npz_file.write, npz_file.read),
    ".json": _Format(pose_json.write, pose_json.read),
    ".csv": _Format(pose_table.write, pose_table.read),
    ".html": _Format(page.write),
    ".bvh": _Format(bvh_file.write),
    ".trc": _Format(trc_file.write),
    ".c3d": _Format(c3d_file.write),
    ".mp4": _Format(moving_picture.write),
    ".gif": _Format(moving_picture.write_gif),
}
"""A new format is a module in `writers` and a line here."""


def check_pose_file(path: str | os.PathLike[str]) -> None:
    """Raises an InputError where `path` ends as no format does; for before the work."""
    _format(pathlib.Path(path), list(FORMATS))


def write_poses(poses: PoseData, path: str | os.PathLike[str]) -> list[pathlib.Path]:
    """Writes poses to a file; its ending says the format.

    Raises:
      InputError: there is no such format, the format cannot hold these poses, or the file cannot
        be written.
    """
    path = pathlib.Path(path)
    write = _format(path, list(FORMATS)).write
    with replacing(path) as temporary:
        try:
            write(poses, temporary)
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
    return [path]


def read_pose_data(path: str | os.PathLike[str]) -> PoseData:
    """Reads what `write_poses` wrote.

    Raises:
      InputError: the file is missing, damaged, or of a format that is not read.
    """
    path = pathlib.Path(path)
    read = _format(path, [ending for ending, format in FORMATS.items() if format.read]).read
    assert read is not None
    if not path.is_file():
        raise InputError(f"{path}: file not found")
    try:
        return read(path)
    except InputError as error:
        raise InputError(f"{path}: {str(error).removeprefix(f'{path}: ')}") from error


def _format(path: pathlib.Path, endings: list[str]) -> _Format:
    if path.suffix.lower() not in endings:
        raise InputError(f"{path}: poses are kept in files that end with {', '.join(endings)}")
    return FORMATS[path.suffix.lower()]
