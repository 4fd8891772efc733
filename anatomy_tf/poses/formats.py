"""The files that poses are kept in: one table of formats, by their endings."""

from __future__ import annotations

import contextlib
import os
import pathlib
from collections.abc import Callable
from typing import NamedTuple

from anatomy_tf.errors import InputError
from anatomy_tf.files import check_output_file, replacing
from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.poses.writers import (
    angle_table,
    bvh_file,
    c3d_file,
    glb_file,
    mot_file,
    moving_picture,
    npz_file,
    page,
    pose_json,
    pose_table,
    step_table,
    trc_file,
)
from anatomy_tf.video.installation import check_video_packages


class _Format(NamedTuple):
    write: Callable[[PoseData, pathlib.Path], None]
    read: Callable[[pathlib.Path], PoseData] | None = None
    one_person: bool = False
    """A file holds one person, and of several each gets their own."""
    check: Callable[[], None] = lambda: None
    """Raises an InputError where packages are missing that writing takes."""


FORMATS: dict[str, _Format] = {
    ".npz": _Format(npz_file.write, npz_file.read),
    ".json": _Format(pose_json.write, pose_json.read),
    ".csv": _Format(pose_table.write, pose_table.read),
    ".angles.csv": _Format(angle_table.write),
    ".steps.csv": _Format(step_table.write),
    ".html": _Format(page.write),
    ".glb": _Format(glb_file.write),
    ".bvh": _Format(bvh_file.write, one_person=True),
    ".trc": _Format(trc_file.write, one_person=True),
    ".mot": _Format(mot_file.write, one_person=True),
    ".c3d": _Format(c3d_file.write, one_person=True, check=c3d_file.check_ezc3d),
    ".mp4": _Format(moving_picture.write, check=check_video_packages),
    ".gif": _Format(moving_picture.write_gif, check=check_video_packages),
}
"""A new format is a module in `writers` and a line here."""


def check_pose_file(path: str | os.PathLike[str]) -> None:
    """For before the work that ends in a file of poses.

    Raises:
      InputError: it ends as no format does, cannot be written, or takes a package that is missing.
    """
    path = pathlib.Path(path)
    _format(path, list(FORMATS)).check()
    check_output_file(path)


def write_poses(poses: PoseData, path: str | os.PathLike[str]) -> list[pathlib.Path]:
    """Writes poses to a file, whose ending says the format; or, where that is of one person and
    there are several, to a file each, which adds `_person0` with the person's number to the name.

    Returns:
      The files that were written.

    Raises:
      InputError: there is no such format, the format cannot hold these poses, or a file cannot be
        written; then there is none.
    """
    path = pathlib.Path(path)
    format = _format(path, list(FORMATS))
    format.check()
    files = {path: poses}
    if format.one_person and len(poses.people) > 1:
        files = {
            path.with_name(f"{path.stem}_person{person}{path.suffix}"): poses.of_person(person)
            for person in poses.people
        }
    for target in files:
        check_output_file(target)
    with contextlib.ExitStack() as written:
        for target, shown in files.items():
            temporary = written.enter_context(replacing(target))
            try:
                format.write(shown, temporary)
            except InputError as error:
                raise InputError(f"{target}: {error}") from error
    return list(files)


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
    fitting = [ending for ending in FORMATS if path.name.lower().endswith(ending)]
    ending = max(fitting, key=len, default=None)
    if ending not in endings:
        raise InputError(f"{path}: poses are kept in files that end with {', '.join(endings)}")
    return FORMATS[ending]
