"""Who is who: one number for every person over the whole video."""

from __future__ import annotations

import numpy as np

from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.errors import InputError

PATIENCE = 60
"""Frames that a person may stay undetected and keep the number."""
_LONGEST_COAST = 25  # frames for which a velocity foretells where someone undetected is
_MOST_PEOPLE = 500  # in a frame; the overlaps of many more would not fit into memory
_LEAST_OVERLAP = 0.2
_NEWEST = 0.2  # weight of the newest frame in a velocity; boxes also change as limbs move


def track_people(detections: Detections, patience: int = PATIENCE) -> np.ndarray:
    """`(N,)` numbers of the people, each at most once a frame; -1 for a detection without any
    keypoint found.

    The tool's own numbers count if everyone has one and no frame has the same number twice.
    Otherwise people are followed from frame to frame by how much their boxes overlap, with the
    boxes moved on at the person's velocity: the pair with the largest intersection over union
    first. Numbers then count from 0 in the order of appearance, from left to right; the order of
    people within a frame does not matter.

    Args:
      patience: frames that a person may stay undetected and keep the number.

    Raises:
      InputError: a frame has more people than can be followed.
    """
    found = (detections.scores > 0).any(axis=1)
    if _has_own_numbers(detections):
        return np.where(found, detections.track, -1)
    tracks = np.full(len(found), -1)
    rows = np.flatnonzero(found)
    if not len(rows):
        return tracks
    boxes = detections.boxes()[rows].astype(np.float64)
    order = np.lexsort((*boxes.T[::-1], detections.frame[rows]))
    rows, boxes = rows[order], boxes[order]
    frames, starts, counts = np.unique(
        detections.frame[rows], return_index=True, return_counts=True
    )
    if counts.max() > _MOST_PEOPLE:
        raise InputError(
            f"{detections.source}: {counts.max()} people in frame {frames[counts.argmax()]}; "
            f"only up to {_MOST_PEOPLE} without numbers of their own can be told apart"
        )
    tracker = _Tracker(patience)
    numbers = [
        tracker.step(int(frame), these)
        for frame, these in zip(frames, np.split(boxes, starts[1:]), strict=True)
    ]
    tracks[rows] = np.concatenate(numbers)
    return tracks


def _has_own_numbers(detections: Detections) -> bool:
    people = np.stack([detections.frame, detections.track])
    return detections.track.min() >= 0 and np.unique(people, axis=1).shape[1] == people.shape[1]


class _Tracker:
    """The people known so far: where they were last seen, and how fast they moved."""

    def __init__(self, patience: int):
        self._patience = patience
        self._known = 0
        self._numbers = np.empty(0, np.int64)
        self._last_seen = np.empty(0, np.int64)
        self._boxes = np.empty((0, 4))
        self._velocities = np.empty((0, 2))

    def step(self, frame: int, boxes: np.ndarray) -> np.ndarray:
        """The numbers of the people in `boxes (P, 4)` of the next frame that has any."""
        self._keep(frame - self._last_seen <= self._patience + 1)
        passed = (frame - self._last_seen)[:, np.newaxis]
        expected = self._boxes.copy()
        expected[:, :2] += self._velocities * np.minimum(passed, _LONGEST_COAST)
        known, seen = best_pairs(_overlaps(expected, boxes), _LEAST_OVERLAP)

        shifts = _centres(boxes[seen]) - _centres(self._boxes[known])
        self._velocities[known] += _NEWEST * (shifts / passed[known] - self._velocities[known])
        self._boxes[known] = boxes[seen]
        self._last_seen[known] = frame

        numbers = np.full(len(boxes), -1)
        numbers[seen] = self._numbers[known]
        new = np.flatnonzero(numbers < 0)
        numbers[new] = self._known + np.arange(len(new))
        self._known += len(new)
        if len(new):
            self._numbers = np.append(self._numbers, numbers[new])
            self._last_seen = np.append(self._last_seen, np.full(len(new), frame))
            self._boxes = np.concatenate([self._boxes, boxes[new]])
            self._velocities = np.concatenate([self._velocities, np.zeros((len(new), 2))])
        return numbers

    def _keep(self, kept: np.ndarray) -> None:
        if not kept.all():
            self._numbers, self._last_seen = self._numbers[kept], self._last_seen[kept]
            self._boxes, self._velocities = self._boxes[kept], self._velocities[kept]


def _centres(boxes: np.ndarray) -> np.ndarray:
    return boxes[:, :2] + boxes[:, 2:] / 2


def _overlaps(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """`(M, 4)` and `(P, 4)` boxes -> `(M, P)` intersection over union."""
    first, second = first[:, np.newaxis], second[np.newaxis]
    low = np.maximum(first[..., :2], second[..., :2])
    high = np.minimum(first[..., :2] + first[..., 2:], second[..., :2] + second[..., 2:])
    # A pixel more on every side: the box around a single keypoint has no area.
    shared = np.maximum(high - low + 1, 0).prod(axis=-1)
    areas = (first[..., 2:] + 1).prod(axis=-1) + (second[..., 2:] + 1).prod(axis=-1)
    return shared / (areas - shared)


def best_pairs(likeness: np.ndarray, least: float) -> tuple[list[int], list[int]]:
    """Rows and columns of `(M, P)` that belong together, being at least that alike: the best pair
    first, each row and column used once.
    """
    rows, columns = np.nonzero(likeness >= least)
    best = np.argsort(-likeness[rows, columns], kind="stable")
    pairs: dict[int, int] = {}
    taken = set()
    for row, column in zip(rows[best].tolist(), columns[best].tolist(), strict=True):
        if row not in pairs and column not in taken:
            pairs[row] = column
            taken.add(column)
    return list(pairs), list(pairs.values())
