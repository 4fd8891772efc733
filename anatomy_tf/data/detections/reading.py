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
    other_lifters,
    person_files,
    plain,
    point_tables,
    rtmlib,
    sports2d,
    ultralytics,
    wrong_formats,
)
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.entries import numbered
from anatomy_tf.data.detections.frame_files import FrameFiles
from anatomy_tf.data.detections.tables import Table
from anatomy_tf.data.detections.text_files import read_bytes, read_json, read_text
from anatomy_tf.data.files.pickled_arrays import read_object_archive
from anatomy_tf.errors import InputError


class _Reader(NamedTuple):
    """How one tool's files of one kind are told apart from others of that kind, and read."""

    format: str
    kind: str
    recognises: Callable[[Any], bool]
    read: Callable[[Any, str, tuple[int, int] | None, float | None], Detections]


def _of_one_frame(read: Callable[..., Detections]) -> Callable[..., Detections]:
    """A reader of a single frame's file, made of one of all frames'."""

    def read_frame(content: object, source: str, *video: Any) -> Detections:
        name = pathlib.PurePath(source).name.removesuffix("_keypoints.json")
        number = numbered(name if "." in name else f"{name}.")
        return read([(number[1] if number else 0, source, content)], source, *video)

    return read_frame


_LOADERS: dict[str, Callable[[pathlib.Path], object]] = {
    ".json": read_json,
    ".npz": read_object_archive,
    ".csv": lambda path: Table(read_bytes(path), str(path)),
    ".tsv": lambda path: Table(read_bytes(path), str(path)),
    ".trc": read_text,
    ".txt": read_text,
    ".zip": FrameFiles,
}
_READERS = (
    _Reader("alphapose", ".json", alphapose.recognises, alphapose.read),
    _Reader("detectron2", ".npz", detectron2.recognises, detectron2.read),
    _Reader("mediapipe", ".npz", mediapipe.recognises_arrays, mediapipe.read_arrays),
    _Reader("mediapipe", ".json", mediapipe.recognises_json, mediapipe.read_json),
    _Reader("mediapipe", ".csv", point_tables.recognises_landmarks, point_tables.read_landmarks),
    _Reader("mediapipe", ".csv", point_tables.recognises_wide_landmarks, point_tables.read_wide),
    _Reader("mmpose", ".json", mmpose.recognises, mmpose.read),
    _Reader("mmpose", ".json", mmpose.recognises_image, _of_one_frame(mmpose.read_images)),
    _Reader("mmpose", ".zip", mmpose.recognises_image, mmpose.read_images),
    _Reader("openpose", ".zip", openpose.recognises, openpose.read),
    _Reader("openpose", ".json", openpose.recognises, _of_one_frame(openpose.read)),
    _Reader("plain", ".npz", plain.recognises_arrays, plain.read_arrays),
    _Reader("plain", ".csv", plain.recognises_table, plain.read_table),
    _Reader("plain", ".csv", point_tables.recognises_wide, point_tables.read_wide),
    _Reader("rtmlib", ".json", rtmlib.recognises, rtmlib.read),
    _Reader("rtmlib", ".npz", rtmlib.recognises, rtmlib.read),
    _Reader("sports2d", ".trc", sports2d.recognises, sports2d.read),
    _Reader("ultralytics", ".json", ultralytics.recognises, ultralytics.read),
    _Reader(
        "ultralytics",
        ".json",
        ultralytics.recognises_image,
        _of_one_frame(ultralytics.read_images),
    ),
    _Reader(
        "ultralytics",
        ".txt",
        ultralytics.recognises_labels,
        _of_one_frame(ultralytics.read_labels),
    ),
    _Reader("ultralytics", ".zip", ultralytics.recognises_image, ultralytics.read_images),
    _Reader("ultralytics", ".zip", ultralytics.recognises_labels, ultralytics.read_labels),
    _Reader("lifters", ".npz", other_lifters.recognises_data_set, other_lifters.read_data_set),
    _Reader("lifters", ".npz", other_lifters.recognises_arrays, other_lifters.read_arrays),
)
FORMATS = ("auto", *sorted({reader.format for reader in _READERS}))
"""What `format` may be."""


def read_detections(
    path: pathlib.Path | str,
    format: str = "auto",
    resolution: tuple[int, int] | None = None,
    fps: float | None = None,
) -> Detections:
    """Reads what a 2D tool wrote; `docs/detections.md` lists the tools and formats.

    Args:
      path: a file, or a folder with a file for every frame or for every person.
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
    people = person_files.files_of_people(path) if path.is_dir() else {}
    if people and not _are_frames(path, people):
        return person_files.read(
            people,
            str(path),
            resolution,
            fps,
            lambda file: read_detections(file, format, resolution, fps),
        )
    kind = ".zip" if path.is_dir() else path.suffix.lower()
    if kind not in _LOADERS:
        what = wrong_formats.by_ending(kind)
        raise InputError(
            f"{path}: seems to be {what}"
            if what and path.exists()
            else f"{path}: expected a folder or a file that ends with {', '.join(_LOADERS)}"
        )
    content = _LOADERS[kind](path)
    if isinstance(content, list) and not any(content):
        raise InputError(f"{path}: there is nobody in any frame")
    reader = _reader(content, ".csv" if kind == ".tsv" else kind, format, str(path))
    return reader.read(content, str(path), resolution, fps)


def _are_frames(path: pathlib.Path, people: dict[int, pathlib.Path]) -> bool:
    """Whether files of people are those of frames, of a video that is called `person`."""
    if {file.suffix.lower() for file in people.values()} != {".json"}:
        return False
    first = FrameFiles(path).first
    return any(reader.recognises(first) for reader in _READERS if reader.kind == ".zip")


def _reader(content: object, kind: str, format: str, source: str) -> _Reader:
    readers = [reader for reader in _READERS if reader.kind == kind]
    frames = content.first if isinstance(content, FrameFiles) else content
    named = [reader for reader in readers if format in ("auto", reader.format)]
    for reader in named:
        if reader.recognises(frames):
            return reader
    if isinstance(content, FrameFiles) and not content.first:
        raise InputError(f"{source}: there is nobody in any frame")
    what = wrong_formats.by_content(frames)
    if format == "auto":
        raise InputError(f"{source}: no file of a tool that is known; seems to be {what}")
    for reader in readers:
        if reader.recognises(frames):
            raise InputError(f"{source}: not of {format}, but of {reader.format}")
    raise InputError(f"{source}: not a {kind} file of {format}; seems to be {what}")
