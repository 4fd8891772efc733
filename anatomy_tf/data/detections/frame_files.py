"""A folder with a file for every frame, or a zip of those, which is never unpacked to disk."""

from __future__ import annotations

import pathlib
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.text_files import decode, parse_json, read_bytes
from anatomy_tf.errors import InputError

MAX_UNPACKED_BYTES = 2**30
"""Of all files in a zip together; they are read one at a time."""
_MAX_MEMBER_BYTES = 16 * 2**20
# What zipfile is known to raise for bytes that are not what they claim to be.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
)


class _Kind(NamedTuple):
    """Files of frames: their names, with the number and what is around it, and what is in them."""

    name: re.Pattern
    parse: Callable[[bytes, str], object]


# All digits in one place are the number: 25_keypoints.json is frame 25 of a video without a name.
_KINDS = {
    "_keypoints.json": _Kind(
        re.compile(r"((?:[^.].*)?(?<![0-9]))([0-9]{1,15})()_keypoints\.json"), parse_json
    ),
    ".json": _Kind(re.compile(r"((?:[^.].*)?(?<![0-9]))([0-9]{1,15})([^0-9]*)\.json"), parse_json),
    ".txt": _Kind(re.compile(r"((?:[^.].*)?(?<![0-9]))([0-9]{1,15})([^0-9]*)\.txt"), decode),
}


class FrameFiles:
    """The frame number, what messages call it, and the content of every frame's file, by number.

    Where files end with `_keypoints.json`, they are the frames; else those that end with `.json`,
    else `.txt`. Files of other names are left alone, and so are the folders that a zip says its
    files are in. A folder's `labels`, where YOLO puts them, is looked into.

    Attributes:
      first: the content of the first frame in which there is any.

    Raises:
      InputError: no such files, those of several videos, or one that is damaged or too large.
    """

    def __init__(self, path: pathlib.Path):
        self._rest = _files(path)
        self._begun: list[tuple[int, str, object]] = []
        self.first: object = None
        for frame in self._rest:
            self._begun.append(frame)
            self.first = frame[2]
            if self.first:
                break

    def __iter__(self) -> Iterator[tuple[int, str, object]]:
        return chain(self._begun, self._rest)


def _files(path: pathlib.Path) -> Iterator[tuple[int, str, object]]:
    if not path.is_dir():
        yield from _zipped_files(path)
        return
    try:
        files = [(file.name, file) for file in path.iterdir()]
        labels = path / "labels"
        if labels.is_dir() and not any(name.endswith((".json", ".txt")) for name, _ in files):
            files = [(file.name, file) for file in labels.iterdir()]
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    kind, numbered = _numbered(files, path)
    for number, file in numbered:
        yield number, str(file), kind.parse(read_bytes(file), str(file))


def _zipped_files(path: pathlib.Path) -> Iterator[tuple[int, str, object]]:
    try:
        with zipfile.ZipFile(path) as archive:
            # A member's name serves as a name only, never as a path.
            members = [(info.filename.rsplit("/", 1)[-1], info) for info in archive.infolist()]
            kind, files = _numbered(members, path)
            if sum(info.file_size for _, info in files) > MAX_UNPACKED_BYTES:
                raise InputError(f"{path}: unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MiB")
            for number, info in files:
                where = f"{path}: {entries.shown(info.filename)}"
                yield number, where, kind.parse(_member(archive, info, where), where)
    except FileNotFoundError as error:
        raise InputError(f"{path}: file not found") from error
    except InputError:
        raise
    except _DAMAGE as error:
        raise InputError(f"{path}: truncated, damaged, or not a zip ({error})") from error


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> bytes:
    # Other methods make room for whatever a damaged header asks for.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(f"{where}: compressed in an unusual way")
    if info.file_size > _MAX_MEMBER_BYTES:
        raise InputError(f"{where}: larger than {_MAX_MEMBER_BYTES // 2**20} MiB")
    with archive.open(info) as file:
        return file.read(info.file_size)


def _numbered(
    files: list[tuple[str, Any]], path: pathlib.Path
) -> tuple[_Kind, list[tuple[int, Any]]]:
    """The kind of the frames' files, and (frame number, file) in the order of the numbers, out of
    (name, file).
    """
    files = [(name, file) for name, file in files if not name.startswith(".")]
    for ending, kind in _KINDS.items():
        matches = [(kind.name.fullmatch(name), name, file) for name, file in files]
        found = [(match, file) for match, _, file in matches if match]
        if found:
            return kind, _by_number(found, path)
        alone = [file for _, name, file in matches if name.endswith(ending)]
        if len(alone) == 1 and ending != "_keypoints.json":
            return kind, [(0, alone[0])]
    raise InputError(
        f"{path}: no files that end with _keypoints.json, .json or .txt and a number before that"
    )


def _by_number(found: list[tuple[re.Match, Any]], path: pathlib.Path) -> list[tuple[int, Any]]:
    videos, numbered = set(), {}
    for match, file in found:
        videos.add(f"{match[1]}{match[3]}")
        if len(videos) > 1:
            one, other = sorted(videos)
            raise InputError(
                f"{path}: files of several videos: {entries.shown(one)} and {entries.shown(other)}"
            )
        number = int(match[2])
        if number in numbered:
            raise InputError(f"{path}: two files for frame {number}")
        numbered[number] = file
    return sorted(numbered.items())
