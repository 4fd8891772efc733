"""The package's own formats, for detectors that have no reader here: an .npz or CSV file with named
keypoints.
"""

from __future__ import annotations

import array
import math
import pathlib

import numpy as np

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.gathering import Gathering
from anatomy_tf.data.detections.tables import Table
from anatomy_tf.data.keypoint_sets import KEYPOINT_SETS
from anatomy_tf.errors import InputError
from anatomy_tf.files import replacing

COLUMNS = ("frame", "person", "joint", "x", "y", "score")
_JOINTS = tuple(dict.fromkeys(name for names in KEYPOINT_SETS.values() for name in names))


def recognises_arrays(content: dict) -> bool:
    """Whether the arrays of an .npz file are of this format."""
    return {"keypoints", "keypoint_set"} <= content.keys()


def recognises_table(table: Table) -> bool:
    """Whether a CSV table is of this format; scores may be left out."""
    return set(COLUMNS[:-1]) <= set(table.columns)


def read_arrays(
    content: dict, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections from arrays as `write_plain_npz` makes them.

    Raises:
      InputError: anything else in the file; names it, and the frame.
    """
    gathering = Gathering(source, resolution, fps)
    gathering.file_says(*entries.video_of(content, source))
    name = entries.field(content, "keypoint_set", source)
    name = name.item() if isinstance(name, np.ndarray) and name.ndim == 0 else name
    if not isinstance(name, str) or name not in KEYPOINT_SETS:
        raise InputError(
            f"{source}: keypoint_set {entries.shown(name)}; there are {', '.join(KEYPOINT_SETS)}"
        )
    joints = len(KEYPOINT_SETS[name])
    points = _numbers(entries.field(content, "keypoints", source), f"{source}: keypoints")
    if points.ndim not in (3, 4) or points.shape[-2:] != (joints, 3):
        raise InputError(
            f"{source}: keypoints has shape {points.shape}, expected (frames, {joints}, 3) "
            f"or (frames, people, {joints}, 3)"
        )
    points = points.reshape(len(points), math.prod(points.shape[1:-2]), joints, 3)
    shape = points.shape[:2]
    person = _numbers(
        content.get("person", np.broadcast_to(np.arange(shape[1]), shape)), f"{source}: person"
    )
    whole = person.dtype.kind in "iu" and person.shape == shape
    if not whole or person.min(initial=0) < -1 or person.max(initial=0) > entries.MAX_WHOLE:
        raise InputError(f"{source}: person must be whole numbers from -1, {shape[0]} x {shape[1]}")
    endless = np.isinf(points).any(axis=(1, 2, 3))
    if endless.any():
        raise InputError(f"{source}: keypoints of frame {endless.argmax()} are infinite")
    gathering.add_people(
        np.repeat(np.arange(shape[0]), shape[1]),
        points[..., :2].reshape(-1, joints, 2),
        points[..., 2].reshape(-1, joints),
        person.reshape(-1),
        KEYPOINT_SETS[name],
    )
    return gathering.detections(num_frames=len(points))


def write_plain_npz(path: pathlib.Path | str, detections: Detections) -> None:
    """Writes `keypoints` `(T, P, J, 3)`, `person` `(T, P)`, `keypoint_set`, and `resolution`, `fps`
    where known.

    Raises:
      InputError: the joints are no keypoint set, or the file cannot be written.
    """
    name = _name_of_set(detections)
    frame, place = detections.frame, _place_in_frame(detections.frame)
    shape = (detections.num_frames, int(place.max()) + 1)
    points = np.zeros((*shape, len(detections.joint_names), 3), np.float32)
    points[frame, place] = _points(detections)
    person = np.full(shape, -1, np.int64)
    person[frame, place] = detections.track
    video = {"resolution": detections.resolution, "fps": detections.fps}
    known = {key: np.array(value) for key, value in video.items() if value is not None}
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, keypoints=points, person=person, keypoint_set=name, **known)


def read_table(
    table: Table, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections from columns frame, person, joint, x, y and, where there are any, score; lines in
    any order.

    The keypoint set is the smallest that has all the joints. A person's joints that are not there
    were not found. Where all joints of a number are there twice in a frame, they are two people.

    Raises:
      InputError: anything else in the file; names it and the line.
    """
    gathering = Gathering(source, resolution, fps)
    joint_numbers = {joint: number for number, joint in enumerate(_JOINTS)}
    whole, real = array.array("q"), array.array("d")
    last = -1
    for row in table:
        if row.is_empty():
            continue
        frame = row.whole_number("frame")
        last = max(last, frame)
        if row.is_empty("joint", "x", "y"):
            continue  # a frame without anybody
        name = row.text("joint").strip()
        if name not in joint_numbers:
            raise InputError(f"{row.where}: joint {entries.shown(name)} is of no keypoint set")
        person = row.whole_number("person", lowest=-entries.MAX_WHOLE)
        whole.extend((frame, person, joint_numbers[name]))
        real.extend((row.number("x"), row.number("y"), row.number("score", 1.0)))
    if not whole:
        raise InputError(f"{source}: there is nobody in any frame")
    lines = np.array(whole).reshape(-1, 3)
    names = _smallest_set({_JOINTS[joint] for joint in np.unique(lines[:, 2])}, source)
    people, first, of_person = np.unique(
        np.column_stack([lines[:, :2], _times_before(lines, source)]),
        axis=0,
        return_index=True,
        return_inverse=True,
    )
    column = np.array([names.index(joint) if joint in names else -1 for joint in _JOINTS])
    place = of_person.reshape(-1) * len(names) + column[lines[:, 2]]
    points = np.zeros((len(people) * len(names), 3))
    points[place] = np.array(real).reshape(-1, 3)
    points = points.reshape(len(people), len(names), 3)
    order = np.lexsort((first, people[:, 0]))
    frame, person, _ = people[order].T
    gathering.add_people(
        frame, points[order, :, :2], points[order, :, 2], np.maximum(person, -1), names
    )
    return gathering.detections(num_frames=last + 1)


def write_plain_csv(path: pathlib.Path | str, detections: Detections) -> None:
    """Writes `COLUMNS`, a line for every joint; resolution, frame rate and frames at the end
    without anybody are lost.

    Raises:
      InputError: the joints are no keypoint set, or the file cannot be written.
    """
    _name_of_set(detections)
    # People without a number get negative ones, which hold within a frame only.
    place = _place_in_frame(detections.frame)
    person = np.where(detections.track < 0, -1 - place, detections.track)
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(COLUMNS) + "\n")
        for frame, number, points in zip(
            detections.frame, person, _points(detections), strict=True
        ):
            for joint, values in zip(detections.joint_names, points.tolist(), strict=True):
                # Nine digits are what it takes to tell all numbers of 32 bits apart.
                numbers = ",".join(f"{value:.9g}" for value in values)
                file.write(f"{frame},{number},{joint},{numbers}\n")


def _points(detections: Detections) -> np.ndarray:
    """`(N, J, 3)` x, y and score."""
    return np.concatenate([detections.keypoints, detections.scores[..., np.newaxis]], axis=-1)


def _place_in_frame(frame: np.ndarray) -> np.ndarray:
    """`(N,)`: how many people are before this one in the same frame; frames ascend."""
    return np.arange(len(frame)) - np.searchsorted(frame, frame)


def _name_of_set(detections: Detections) -> str:
    for name, joint_names in KEYPOINT_SETS.items():
        if joint_names == detections.joint_names:
            return name
    raise InputError(f"{detections.source}: its joints are none of {', '.join(KEYPOINT_SETS)}")


def _times_before(lines: np.ndarray, source: str) -> np.ndarray:
    """`(N,)` how often the frame, person and joint of a line were there before.

    Raises:
      InputError: some joints of a person are there more often than others.
    """
    order = np.lexsort((np.arange(len(lines)), *lines.T[::-1]))
    new = np.append(True, (np.diff(lines[order], axis=0) != 0).any(axis=1))
    starts = np.flatnonzero(new)
    times = np.empty(len(lines), np.int64)
    times[order] = np.arange(len(lines)) - np.repeat(starts, np.diff(np.append(starts, len(lines))))
    doubled = lines[times > 0]
    if len(doubled):
        joints, counts = np.unique(lines[:, :2], axis=0, return_counts=True)
        repeats = np.unique(np.column_stack([lines[:, :2], times]), axis=0)
        _, most = np.unique(repeats[:, :2], axis=0, return_counts=True)
        single = np.unique(lines, axis=0)
        _, distinct = np.unique(single[:, :2], axis=0, return_counts=True)
        uneven = joints[counts != most * distinct]
        if len(uneven):
            frame, person = uneven[0]
            at = (doubled[:, :2] == uneven[0]).all(axis=1).argmax()
            name = _JOINTS[doubled[at, 2]]
            raise InputError(f"{source}: frame {frame}: person {person} has {name} twice")
    return times


def _smallest_set(joints: set[str], source: str) -> tuple[str, ...]:
    fitting = [names for names in KEYPOINT_SETS.values() if joints <= set(names)]
    if not fitting:
        raise InputError(f"{source}: no keypoint set has all of {', '.join(sorted(joints))}")
    return min(fitting, key=len)


def _numbers(values: object, where: str) -> np.ndarray:
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "iuf":
        raise InputError(f"{where}: expected an array of numbers, found {entries.shown(values)}")
    return values
