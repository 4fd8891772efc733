"""CSV tables that people write of MediaPipe's and other keypoints: a line for every landmark, or
wide, with a line for every person and columns like x0, y0 or nose_x, nose_y.
"""

from __future__ import annotations

import re

import numpy as np

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.gathering import Gathering
from anatomy_tf.data.detections.keypoint_order import SETS_BY_NUMBER
from anatomy_tf.data.detections.tables import Row, Table
from anatomy_tf.data.keypoint_sets import BLAZEPOSE_33, KEYPOINT_SETS
from anatomy_tf.errors import InputError

_FRAME = ("frame", "frame_id", "frame_number", "frame_index", "frame_idx", "frame_num", "frame_no")
_LANDMARK = ("landmark", "landmark_id", "landmark_index", "landmark_idx", "landmark_name")
_PERSON = ("person", "person_id", "track_id")
_SCORE = ("visibility", "vis", "v", "score", "confidence", "conf", "c", "likelihood")
_NUMBER_LAST = re.compile(rf"(x|y|{'|'.join(_SCORE)})[_ .-]?([0-9]{{1,3}})")
_NUMBER_FIRST = re.compile(rf"(.+?)[_ .-]?(x|y|{'|'.join(_SCORE)})")
_END_DIGITS = re.compile("[0-9]{1,3}$")
_RENAMED = {
    "mouth_left": "l_mouth",
    "mouth_right": "r_mouth",
    "neck": "thorax",
    "mid_hip": "pelvis",
}
_RENAMED |= {"left_foot_index": "l_big_toe", "right_foot_index": "r_big_toe"}


def recognises_landmarks(table: Table) -> bool:
    """Whether a CSV table has a line for every landmark."""
    columns = set(table.columns)
    return {"x", "y"} <= columns and bool(columns & {*_FRAME}) and bool(columns & {*_LANDMARK})


def read_landmarks(
    table: Table, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections from columns frame, landmark (0 to 32, or its name), x, y (0 to 1 within the
    image) and visibility (else 1); lines in any order. Landmarks that are not there were not found.

    Raises:
      InputError: anything else in the file, or no `resolution`; names file and line.
    """
    gathering = Gathering(source, resolution, fps, shares=True)
    frame_column, landmark_column = (
        _column(table, names, names[0]) for names in (_FRAME, _LANDMARK)
    )
    score_column = _column(table, _SCORE, _SCORE[0])
    person_column = _column(table, _PERSON, None)
    found: dict[tuple[int, int], np.ndarray] = {}
    lines: dict[tuple[int, int], set[int]] = {}
    last = -1
    for row in table:
        if row.is_empty():
            continue
        frame = row.whole_number(frame_column)
        last = max(last, frame)
        if row.is_empty(landmark_column, "x", "y"):
            continue
        landmark = _landmark(row, landmark_column)
        number = None if person_column is None else row.number(person_column)
        person = frame, entries.track(number, f"{row.where}: {person_column}")
        points = found.setdefault(person, np.full((len(BLAZEPOSE_33), 3), np.nan))
        there = lines.setdefault(person, set())
        if landmark in there:
            raise InputError(f"{row.where}: landmark {landmark} is there twice")
        there.add(landmark)
        points[landmark] = [row.number("x"), row.number("y"), row.number(score_column, 1.0)]
    cut = [person for person, there in sorted(lines.items()) if len(there) < len(BLAZEPOSE_33)]
    if cut:
        gathering.note(
            f"frame {cut[0][0]} has {len(lines[cut[0]])} of {len(BLAZEPOSE_33)} landmarks"
            + (f", and {len(cut) - 1} more lack some" if len(cut) > 1 else "")
        )
    for (frame, track), points in found.items():
        gathering.add(frame, points[:, :2], _scores(points), track, BLAZEPOSE_33)
    return gathering.detections(num_frames=last + 1)


def recognises_wide(table: Table) -> bool:
    """Whether a CSV table has columns with x and y of each keypoint of a set."""
    return len(_wide_columns(table.columns)) in {*SETS_BY_NUMBER} or _named_set(table) is not None


def recognises_wide_landmarks(table: Table) -> bool:
    """Whether these are MediaPipe's 33."""
    return len(_wide_columns(table.columns)) == len(BLAZEPOSE_33)


def read_wide(
    table: Table, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections from a line for every person: columns like x0, y0, v0 or nose_x, nose_y, nose_v,
    and frame; without that, lines are the frames in order. What else there is is left alone.

    Raises:
      InputError: anything else in the file, or no `resolution` for shares; names file and line.
    """
    columns = _wide_columns(table.columns)
    numbered = all(isinstance(key, int) for key in columns)
    names = None if numbered else _named_set(table)
    if names is None and len(columns) not in SETS_BY_NUMBER:
        raise InputError(f"{source}: no columns with x and y of the keypoints of a set")
    of_mediapipe = len(columns) == len(BLAZEPOSE_33)
    gathering = Gathering(source, resolution, fps, shares=of_mediapipe)
    order = sorted(columns) if names is None else names
    frame_column, person_column = (_column(table, names, None) for names in (_FRAME, _PERSON))
    last = -1
    for line, row in enumerate(table):
        frame = line if frame_column is None else row.whole_number(frame_column)
        last = max(last, frame)
        points = np.full((len(order), 3), np.nan)
        for joint, key in enumerate(order):
            if key in columns:
                x, y, score = columns[key]
                points[joint] = row.number(x), row.number(y), row.number(score or "", 1.0)
        person = None if person_column is None else row.number(person_column)
        track = entries.track(person, f"{row.where}: {person_column}")
        gathering.add(frame, points[:, :2], _scores(points), track, names)
    return gathering.detections(num_frames=last + 1)


def _scores(points: np.ndarray) -> np.ndarray:
    """`(J,)`: 1 where a keypoint has none."""
    return np.where(np.isnan(points[:, 2]) & np.isfinite(points[:, 0]), 1, points[:, 2])


def _column(table: Table, names: tuple[str, ...], default: str | None) -> str | None:
    return next((name for name in names if name in table.columns), default)


def _landmark(row: Row, column: str) -> int:
    cell = row.text(column).strip()
    name = _our_name(cell)
    if name in BLAZEPOSE_33:
        return BLAZEPOSE_33.index(name)
    landmark = row.whole_number(column)
    if landmark >= len(BLAZEPOSE_33):
        raise InputError(f"{row.where}: landmark {landmark} is above {len(BLAZEPOSE_33) - 1}")
    return landmark


def _our_name(name: str) -> str:
    name = re.sub("[ .-]", "_", name.lower().removeprefix("poselandmark."))
    sides = name.replace("left_", "l_", 1) if name.startswith("left_") else name
    sides = sides.replace("right_", "r_", 1) if sides.startswith("right_") else sides
    return _RENAMED.get(name, sides)


def _wide_columns(names: tuple[str, ...]) -> dict[int | str, tuple[str, str, str | None]]:
    """For every keypoint, by number from 0 or by our name, the columns of x, y and the score."""
    parts: dict[int | str, dict[str, str]] = {}
    joints = {joint for joints in KEYPOINT_SETS.values() for joint in joints}
    for column in names:
        if match := _NUMBER_LAST.fullmatch(column):
            parts.setdefault(int(match[2]), {}).setdefault(match[1], column)
        elif match := _NUMBER_FIRST.fullmatch(column):
            key, digits = _our_name(match[1]), _END_DIGITS.search(match[1])
            if key in joints or digits:
                key = key if key in joints else int(digits[0])
                parts.setdefault(key, {}).setdefault(match[2], column)
    whole = {key: columns for key, columns in parts.items() if {"x", "y"} <= columns.keys()}
    numbers = sorted(key for key in whole if isinstance(key, int))
    first = numbers[0] if numbers else 0
    if len(numbers) < len(whole) and numbers:
        return {}
    if numbers and (first > 1 or numbers[-1] - first != len(numbers) - 1):
        return {}
    return {
        key - first if isinstance(key, int) else key: (
            columns["x"],
            columns["y"],
            next((columns[score] for score in _SCORE if score in columns), None),
        )
        for key, columns in whole.items()
    }


def _named_set(table: Table) -> tuple[str, ...] | None:
    """The smallest set that has all the named keypoints, of which there must be at least half."""
    named = {key for key in _wide_columns(table.columns) if isinstance(key, str)}
    fitting = [names for names in KEYPOINT_SETS.values() if named and named <= set(names)]
    smallest = min(fitting, key=len, default=None)
    return smallest if smallest and 2 * len(named) >= len(smallest) else None
