"""A folder with a file for every person of a video, whose number is at the end of its name."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Callable

import numpy as np

from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.gathering import Gathering
from anatomy_tf.errors import InputError

_NAME = re.compile(
    r"(?:(.*)[_ .-])?(?:person|track|id)[_ -]?([0-9]{1,9})\.(trc|csv|json|npz)", re.IGNORECASE
)


def files_of_people(path: pathlib.Path) -> dict[int, pathlib.Path]:
    """The files by the numbers of the people, which stand behind `person`, `track` or `id`.

    Of Sports2D's files, which are there in pixels and in metres, those in pixels.

    Raises:
      InputError: the folder cannot be read, or holds files of several videos.
    """
    try:
        names = sorted(file.name for file in path.iterdir() if not file.name.startswith("."))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    matches = [match for match in map(_NAME.fullmatch, names) if match]
    in_pixels = [match for match in matches if (match[1] or "").endswith("_px")]
    people: dict[int, pathlib.Path] = {}
    for match in in_pixels or matches:
        if int(match[2]) in people:
            raise InputError(f"{path}: two files for person {int(match[2])}")
        people[int(match[2])] = path / match[0]
    return people


def read(
    people: dict[int, pathlib.Path],
    source: str,
    resolution: tuple[int, int] | None,
    fps: float | None,
    read_file: Callable[[pathlib.Path], Detections],
) -> Detections:
    """Detections of everyone, with the numbers of the files.

    Raises:
      InputError: a file cannot be read, or has other keypoints than another.
    """
    gathering = Gathering(source, resolution, fps)
    frames = 0
    for number, path in people.items():
        found = read_file(path)
        gathering.file_says(found.resolution, found.fps)
        for note in found.notes:
            gathering.note(f"{path.name}: {note}")
        tracks = np.full(len(found.frame), number)
        gathering.add_people(found.frame, found.keypoints, found.scores, tracks, found.joint_names)
        frames = max(frames, found.num_frames)
    return gathering.detections(num_frames=frames)
