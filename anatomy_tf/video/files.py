"""Which files are videos."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

from anatomy_tf.errors import InputError

ENDINGS = (
    *(".3gp", ".avi", ".gif", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts"),
    *(".ts", ".webm", ".wmv"),
)
"""Of what is taken out of a folder; a file that is named may end as it likes."""


def videos_in(paths: Sequence[pathlib.Path | str]) -> list[pathlib.Path]:
    """The files among `paths`, and in place of each folder its videos, by name.

    Raises:
      InputError: a path does not exist, is there twice, or is a folder without videos.
    """
    videos: list[pathlib.Path] = []
    for path in map(pathlib.Path, paths):
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix.lower() in ENDINGS)
            if not inside:
                raise InputError(f"{path}: there is no video in it ({', '.join(ENDINGS)})")
            videos += inside
        elif path.is_file():
            videos.append(path)
        else:
            raise InputError(f"{path}: file not found")
    twice = [str(path) for path in videos if videos.count(path) > 1]
    if twice:
        raise InputError(f"{twice[0]}: the video is given twice")
    return videos
