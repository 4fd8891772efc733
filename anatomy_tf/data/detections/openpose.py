"""OpenPose, `--write_json`: a folder with a JSON file per frame, or a zip of those, which is never
unpacked to disk.
"""

from __future__ import annotations

import pathlib
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.gathering import Gathering
from anatomy_tf.data.detections.text_files import parse_json, read_json
from anatomy_tf.data.keypoint_sets import BODY_25, COCO_18
from anatomy_tf.errors import InputError

MAX_UNPACKED_BYTES = 2**30
"""Of all files in a zip together; they are read one at a time."""
_MAX_MEMBER_BYTES = 16 * 2**20
_NAME = re.compile(r"([^.].*?)?([0-9]{1,15})_keypoints\.json")
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
_SETS = {3 * len(names): names for names in (BODY_25, COCO_18)}


def frame_files(path: pathlib.Path) -> Iterator[tuple[int, str, object]]:
    """The frame number, what messages call it, and the parsed JSON of every frame's file, by
    number.

    Files of other names are left alone, and so are the folders that a zip says its files are in.

    Raises:
      InputError: no such files, those of several videos, or one that is damaged or too large.
    """
    if path.is_dir():
        try:
            files = [(file.name, file) for file in path.iterdir()]
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror})") from error
        for number, file in _numbered(files, path):
            yield number, str(file), read_json(file)
    else:
        yield from _zipped_files(path)


def read(
    content: Iterator[tuple[int, str, object]],
    source: str,
    resolution: tuple[int, int] | None,
    fps: float | None,
) -> Detections:
    """Detections from `frame_files`, which tell neither resolution nor frame rate.

    Raises:
      InputError: anything in them that OpenPose does not write; names the file.
    """
    gathering = Gathering(source, resolution, fps)
    frame = -1
    for frame, where, file in content:
        for person in entries.items(entries.field(file, "people", where), f"{where}: people"):
            values = entries.field(person, "pose_keypoints_2d", where)
            values = entries.items(values, f"{where}: pose_keypoints_2d")
            if not values:
                continue  # only a face or a hand was found
            if len(values) not in _SETS:
                raise InputError(
                    f"{where}: pose_keypoints_2d has {len(values)} numbers, "
                    "neither 75 (BODY_25) nor 54 (COCO)"
                )
            points = entries.numbers(values, (len(values),), where).reshape(-1, 3)
            names = _SETS[len(values)]
            track = _track(person.get("person_id"), where)
            gathering.add(frame, names, points[:, :2], points[:, 2], track)
    return gathering.detections(num_frames=frame + 1)


def _track(person_id: object, where: str) -> int:
    """`person_id`, which is [-1] without OpenPose's tracking."""
    if isinstance(person_id, list) and len(person_id) == 1:
        person_id = person_id[0]
    if person_id in (None, -1) or person_id == []:
        return -1
    return entries.whole_number(person_id, f"{where}: person_id")


def _zipped_files(path: pathlib.Path) -> Iterator[tuple[int, str, object]]:
    try:
        with zipfile.ZipFile(path) as archive:
            # A member's name serves as a name only, never as a path.
            members = [(info.filename.rsplit("/", 1)[-1], info) for info in archive.infolist()]
            files = _numbered(members, path)
            if sum(info.file_size for _, info in files) > MAX_UNPACKED_BYTES:
                raise InputError(f"{path}: unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MiB")
            for number, info in files:
                where = f"{path}: {entries.shown(info.filename)}"
                yield number, where, _member(archive, info, where)
    except FileNotFoundError as error:
        raise InputError(f"{path}: file not found") from error
    except InputError:
        raise
    except _DAMAGE as error:
        raise InputError(f"{path}: truncated, damaged, or not a zip ({error})") from error


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> object:
    # Other methods make room for whatever a damaged header asks for.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(f"{where}: compressed in an unusual way")
    if info.file_size > _MAX_MEMBER_BYTES:
        raise InputError(f"{where}: larger than {_MAX_MEMBER_BYTES // 2**20} MiB")
    with archive.open(info) as file:
        return parse_json(file.read(info.file_size), where)


def _numbered(files: list[tuple[str, Any]], path: pathlib.Path) -> list[tuple[int, Any]]:
    """(frame number, file) out of (name, file), in the order of the numbers."""
    videos, numbered = set(), {}
    for name, file in files:
        match = _NAME.fullmatch(name)
        if not match:
            continue
        video, number = match[1] or "", int(match[2])
        videos.add(video)
        if len(videos) > 1:
            one, other = sorted(videos)
            raise InputError(
                f"{path}: files of several videos: {entries.shown(one)} and {entries.shown(other)}"
            )
        if number in numbered:
            raise InputError(f"{path}: two files for frame {number}")
        numbered[number] = file
    if not numbered:
        raise InputError(f"{path}: no files that end with _keypoints.json and a number before that")
    return sorted(numbered.items())
