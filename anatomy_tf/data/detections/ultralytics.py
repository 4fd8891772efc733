"""Ultralytics' YOLO-pose: what `Results.to_json()` gives, and the text files of `save_txt=True`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable

import numpy as np

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.gathering import Gathering
from anatomy_tf.data.keypoint_sets import COCO_17
from anatomy_tf.errors import InputError

_BOX = 5  # class, and the box as centre and size, before the keypoints of a line
_POINTS = len(COCO_17)


def recognises_image(content: object) -> bool:
    """Whether parsed JSON is what this format has for a single image."""
    first = content[0] if isinstance(content, list) and content else None
    return isinstance(first, dict) and {"name", "class", "box"} <= first.keys()


def recognises(content: object) -> bool:
    """Whether parsed JSON is of this format: the people of every frame, also as the text that
    `to_json()` returns.
    """
    if not isinstance(content, list):
        return False
    first = next((frame for frame in content if frame and frame != "[]"), None)
    return recognises_image(_parsed(first))


def read(
    content: object, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections from a file's parsed JSON, of all frames in order.

    Raises:
      InputError: as `read_images`.
    """
    listed = enumerate(entries.items(content, source))
    frames = [(frame, f"{source}: frame {frame}", _parsed(people)) for frame, people in listed]
    return read_images(frames, source, resolution, fps)


def read_images(
    images: Iterable[tuple[int, str, object]],
    source: str,
    resolution: tuple[int, int] | None,
    fps: float | None,
) -> Detections:
    """Detections from files of one image each: frame number, what messages call the file, and its
    parsed JSON. Everything but people is left alone.

    Raises:
      InputError: anything in them that Ultralytics does not write; names the file.
    """
    gathering = Gathering(source, resolution, fps)
    frame = -1
    for frame, where, content in images:
        for person in entries.present(content, where):
            if entries.field(person, "name", where) != "person":
                continue
            if "keypoints" not in person:
                raise InputError(f"{where}: boxes without keypoints: use a model for poses (-pose)")
            points = entries.field(person, "keypoints", where)
            columns = {name: entries.field(points, name, where) for name in ("x", "y")}
            count = len(entries.items(columns["x"], f"{where}: keypoints: x"))
            columns["visible"] = points.get("visible") or [1.0] * count
            x, y, scores = (
                entries.numbers(values, (count,), f"{where}: keypoints: {name}", missing=True)
                for name, values in columns.items()
            )
            track = entries.track(person.get("track_id"), f"{where}: track_id")
            gathering.add(frame, np.stack([x, y], axis=-1), scores, track)
    return gathering.detections(num_frames=frame + 1)


def recognises_labels(text: object) -> bool:
    """Whether the text of a frame is of this format: a class and four shares, and keypoints."""
    if not isinstance(text, str) or not text.strip():
        return False
    cells = text.split("\n", 1)[0].split()
    return bool(cells) and cells[0].isdigit() and len(cells) > _BOX and all(map(_is_number, cells))


def read_labels(
    frames: Iterable[tuple[int, str, object]],
    source: str,
    resolution: tuple[int, int] | None,
    fps: float | None,
) -> Detections:
    """Detections from text files of one image each: for every person a line with class, box and
    keypoints, all as shares of the image, and confidence and number if they were saved.

    Raises:
      InputError: anything else in them, or no `resolution`; names file and line.
    """
    gathering = Gathering(source, resolution, fps, shares=True)
    people: list[tuple[int, list[float]]] = []
    frame = -1
    for frame, where, text in frames:
        for number, line in enumerate(str(text).splitlines(), start=1):
            if line.strip():
                people.append((frame, _line(line, f"{where}: line {number}")))
    for extra in (0, 1, 2):
        for width in (3, 2):
            if people and len(people[0][1]) == _BOX + width * _POINTS + extra:
                _add_lines(gathering, people, width, extra, source)
                return gathering.detections(num_frames=frame + 1)
    found = f"{len(people[0][1])} values in a line" if people else "no lines"
    raise InputError(
        f"{source}: {found}: expected a class, a box and {_POINTS} keypoints, "
        "as YOLO's models for poses write with save_txt=True"
    )


def _add_lines(
    gathering: Gathering,
    people: list[tuple[int, list[float]]],
    width: int,
    extra: int,
    source: str,
) -> None:
    if len({len(values) for _, values in people}) > 1:
        raise InputError(f"{source}: lines of different lengths")
    frames, values = zip(*people, strict=True)
    values = np.array(values)
    keypoints = values[:, _BOX : _BOX + width * _POINTS].reshape(-1, _POINTS, width)
    last = values[:, -1]
    # A number comes last, a confidence before it; either may be there alone.
    numbered = extra == 2 or (extra == 1 and (last >= 1).all() and (last == last.round()).all())
    scores = keypoints[..., 2] if width == 3 else np.ones(keypoints.shape[:2])
    tracks = last.astype(np.int64) if numbered else np.full(len(values), -1)
    person = values[:, 0] == 0
    gathering.add_people(
        np.array(frames)[person], keypoints[person][..., :2], scores[person], tracks[person]
    )


def _line(line: str, where: str) -> list[float]:
    cells = line.split()
    if not all(map(_is_number, cells)):
        raise InputError(f"{where}: expected numbers, found {entries.shown(line)}")
    return [float(cell) for cell in cells]


def _is_number(cell: str) -> bool:
    try:
        number = float(cell)
    except ValueError:
        return False
    return math.isnan(number) or abs(number) < entries.LARGEST


def _parsed(people: object) -> object:
    """The people of a frame, which may be text as `to_json()` returns it."""
    if not isinstance(people, str):
        return people
    try:
        return json.loads(people)
    except (ValueError, RecursionError):
        return people
