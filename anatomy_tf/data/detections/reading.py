"""The one way in: detections out of a file or folder, whichever tool wrote it."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any, NamedTuple

from anatomy_tf.data.detections import (
    alphapose,
    detectron2,
    mediapipe,
    mmpose,
    openpose,
    plain,
    rtmlib,
)
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.tables import Table
from anatomy_tf.data.detections.text_files import read_bytes, read_json
from anatomy_tf.data.files.pickled_arrays import read_object_archive
from anatomy_tf.errors import InputError


class _Reader(NamedTuple):
    """How one tool's files of one kind are told apart from others of that kind, and read."""

    format: str
    kind: str
    recognises: Callable[[Any], bool]
    read: Callable[[Any, str, tuple[int, int] | None, float | None], Detections]


_LOADERS: dict[str, Callable[[pathlib.Path], object]] = {
    ".json": read_json,
    ".npz": read_object_archive,
    ".csv": lambda path: Table(read_bytes(path), str(path)),
    ".zip": openpose.frame_files,
}
_READERS = (
    _Reader("alphapose", ".json", alphapose.recognises, alphapose.read),
    _Reader("detectron2", ".npz", detectron2.recognises, detectron2.read),
    _Reader("mediapipe", ".npz", mediapipe.recognises_arrays, mediapipe.read_arrays),
    _Reader("mediapipe", ".json", mediapipe.recognises_json, mediapipe.read_json),
    _Reader("mediapipe", ".csv", mediapipe.recognises_table, mediapipe.read_table),
    _Reader("mmpose", ".json", mmpose.recognises, mmpose.read),
    _Reader("openpose", ".zip", lambda _: True, openpose.read),
    _Reader("plain", ".npz", plain.recognises_arrays, plain.read_arrays),
    _Reader("plain", ".csv", plain.recognises_table, plain.read_table),
    _Reader("rtmlib", ".json", rtmlib.recognises, rtmlib.read),
    _Reader("rtmlib", ".npz", rtmlib.recognises, rtmlib.read),
)
FORMATS = ("auto", *dict.fromkeys(reader.format for reader in _READERS))
"""What `format` may be."""


def read_detections(
    path: pathlib.Path | str,
    format: str = "auto",
    resolution: tuple[int, int] | None = None,
    fps: float | None = None,
) -> Detections:
    """Reads what a 2D tool wrote; `docs/detections.md` lists the tools and formats.

    Args:
      path: a file, or OpenPose's folder.
      format: one of `FORMATS`; `auto` goes by the file's ending and what is in it.
      resolution: (width, height) of the image in pixels, for files that do not tell.
      fps: frames per second, likewise.

    Raises:
      InputError: nothing is there, the format is not known, or the file is damaged or holds what
        that tool does not write; `resolution` or `fps` contradict the file, or are missing where
        the format needs them.
    """
    path = pathlib.Path(path)
    if format not in FORMATS:
        raise InputError(f"{format}: no such format of detections; there are {', '.join(FORMATS)}")
    kind = ".zip" if path.is_dir() else path.suffix.lower()
    readers = [reader for reader in _READERS if reader.kind == kind]
    if not readers:
        raise InputError(
            f"{path}: expected a folder or a file that ends with {', '.join(_LOADERS)}"
        )
    content = _LOADERS[kind](path)
    if isinstance(content, list) and not any(content):
        raise InputError(f"{path}: there is nobody in any frame")
    for reader in readers:
        if reader.format == format or (format == "auto" and reader.recognises(content)):
            return reader.read(content, str(path), resolution, fps)
    known = " or ".join(reader.format for reader in readers)
    raise InputError(f"{path}: not a {kind} file of {known if format == 'auto' else format}")
