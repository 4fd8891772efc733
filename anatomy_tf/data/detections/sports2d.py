"""Sports2D's `*_px_person00.trc`: the keypoints of one person in pixels, as OpenSim's markers."""

from __future__ import annotations

import math
import pathlib
import re

import numpy as np

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.gathering import Gathering
from anatomy_tf.data.keypoint_sets import HALPE_26
from anatomy_tf.errors import InputError

_RENAMED = {"hip": "pelvis", "chip": "pelvis", "midhip": "pelvis", "neck": "thorax"}
_PERSON = re.compile("person[_-]?([0-9]{1,9})")
_FEWEST = 8  # keypoints
_LARGEST_METRES = 20


def recognises(text: object) -> bool:
    """Whether the text of a file is of this format."""
    return isinstance(text, str) and text.lstrip().startswith("PathFileType")


def read(
    text: str, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections of one person, whose number is at the end of the file's name. The file tells the
    frame rate, and its times where in the video it starts. Sports2D writes no scores: all are 1.

    Raises:
      InputError: markers in metres, or anything else in the file; names file and line.
    """
    lines = text.splitlines()
    if not recognises(text) or len(lines) < 6:
        raise InputError(f"{source}: not a .trc file, or truncated")
    rate = _number(lines[2].split("\t")[0], f"{source}: line 3: DataRate")
    markers = [name.strip() for name in lines[3].split("\t")[2:] if name.strip()]
    names = [_our_name(marker) for marker in markers]
    if sum(name in HALPE_26 for name in names) < _FEWEST:
        raise InputError(
            f"{source}: markers {', '.join(markers[:8])[:60]} are no keypoints of people"
        )
    width = 2 + 3 * len(markers)
    rows, first = [], None
    for number, line in enumerate(lines[5:], start=6):
        cells = line.split("\t")
        if not any(cell.strip() for cell in cells):
            continue
        where = f"{source}: line {number}"
        if len(cells) > width + 1:
            raise InputError(f"{where}: {len(cells)} values, expected {width}")
        cells += [""] * (width - len(cells))
        frame = entries.whole_number(_number(cells[0], where), f"{where}: frame")
        if first is None:
            start = _number(cells[1], f"{where}: time") * rate
            if not math.isfinite(start):
                raise InputError(f"{where}: no time, or no DataRate in line 3")
            first = frame - max(0, round(start))
        if frame < first:
            raise InputError(f"{where}: frame {frame} comes before the first")
        rows.append((frame - first, [_number(cell, where) for cell in cells[2:width]]))
    if not rows:
        raise InputError(f"{source}: there is nobody in any frame")
    points = np.array([values for _, values in rows]).reshape(len(rows), -1, 3)
    if (np.nan_to_num(points[..., 2]) != 0).any() or not (
        np.abs(np.nan_to_num(points)) > _LARGEST_METRES
    ).any():
        raise InputError(
            f"{source}: markers in metres: take Sports2D's *_px_person00.trc, which is in pixels"
        )
    keypoints = np.full((len(rows), len(HALPE_26), 2), np.nan)
    for marker, name in enumerate(names):
        if name in HALPE_26:
            keypoints[:, HALPE_26.index(name)] = points[:, marker, :2]
    gathering = Gathering(source, resolution, fps)
    if rate > 0:
        gathering.file_says(fps=rate)
    frames = np.array([frame for frame, _ in rows])
    person = _PERSON.search(pathlib.PurePath(source).name)
    tracks = np.full(len(rows), int(person[1]) if person else 0)
    gathering.add_people(frames, keypoints, np.ones(keypoints.shape[:2]), tracks, HALPE_26)
    return gathering.detections()


def _number(cell: str, where: str) -> float:
    try:
        number = float(cell) if cell.strip() else math.nan
    except ValueError:
        number = math.inf
    if abs(number) >= entries.LARGEST:
        raise InputError(f"{where}: {entries.shown(cell)} is not a number")
    return number


def _our_name(marker: str) -> str:
    """RBigToe -> r_big_toe."""
    name = re.sub("(?<=[a-zA-Z])(?=[A-Z])", "_", marker).lower()
    return _RENAMED.get(name, name)
