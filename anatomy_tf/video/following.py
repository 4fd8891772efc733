"""The people in a video, followed from picture to picture."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from anatomy_tf.data.detections.tracking import best_pairs
from anatomy_tf.video.crops import Square
from anatomy_tf.video.decoding import Frame, Picture

Floats = npt.NDArray[np.float32]
Find = Callable[[Picture], tuple[Floats, Floats, Floats]]
Read = Callable[[Picture, Square], tuple[Floats, Floats]]

_SEARCHED = 0.5
"""Seconds between two looks at the whole picture for people, while nobody is missed."""
_SEARCHED_AGAIN = 0.1
"""While somebody is missed, or nobody is there."""
_PATIENCE = 1.0
"""Seconds that a person may be missed and keep the number."""
_UNCONFIRMED = 2.0
"""Seconds that a person may be followed without being found in the whole picture."""
_FOUND = 0.2
"""Score above which a keypoint counts, and somebody in a whole picture is new."""
_FEWEST = 5
"""Keypoints that count, in somebody who is there."""
_MARGIN = 1.3
"""Side of the square around a person, in longer sides of the box around the keypoints."""
_SAME_PLACE = 0.15
"""Mean distance of keypoints, in longer sides, below which two people are one."""
_SAME_PERSON = 0.3
"""The same between where someone is expected and someone who is found."""


@dataclasses.dataclass
class Person:
    """Somebody who is followed: where the keypoints were last, and where they are moving."""

    number: int
    keypoints: Floats
    scores: Floats
    seen: float
    confirmed: float
    velocity: Floats = dataclasses.field(default_factory=lambda: np.zeros(2, np.float32))

    def expected(self, time: float) -> Floats:
        """`(17, 2)` pixels."""
        return self.keypoints + self.velocity * np.float32(min(time - self.seen, _SEARCHED))

    def moved(self, keypoints: Floats, scores: Floats, time: float) -> None:
        """Takes what was read in a later picture."""
        both = (scores > _FOUND) & (self.scores > _FOUND)
        if both.any() and time > self.seen:
            shift = (keypoints - self.keypoints)[both].mean(axis=0) / (time - self.seen)
            self.velocity = (self.velocity + np.float32(0.5) * (shift - self.velocity)).astype("f4")
        self.keypoints, self.scores, self.seen = keypoints, scores, time

    def is_where(self, other: Person) -> bool:
        """Whether both were read from one person."""
        apart = _apart(self.keypoints, self.scores, other.keypoints, other.scores)
        return apart < _SAME_PLACE


class Followers:
    """Finds people in whole pictures now and then, and reads the keypoints of each in a square
    around where they are expected.

    Args:
      find: gives the keypoints, their scores and the people's scores of a picture.
      read: gives the keypoints, and their scores, of the person in a square of a picture.
      most_people: who are followed at a time.
    """

    def __init__(self, find: Find, read: Read, most_people: int):
        self._find, self._read, self._most = find, read, most_people
        self._people: list[Person] = []
        self._known = 0
        self._searched = -np.inf

    def step(self, frame: Frame) -> list[Person]:
        """Who is seen in the next picture, in the order of their numbers."""
        self._people = [p for p in self._people if frame.time - p.seen <= _PATIENCE]
        for person in self._people:
            self._read_again(person, frame, person.expected(frame.time))
        self._part_those_in_one_place(frame.time)
        missed = any(person.seen < frame.time for person in self._people)
        pause = _SEARCHED if self._people and not missed else _SEARCHED_AGAIN
        if frame.time - self._searched >= pause:
            self._search(frame)
        return [person for person in self._people if person.seen == frame.time]

    def _read_again(self, person: Person, frame: Frame, around: Floats) -> bool:
        square = square_around(around, person.scores)
        keypoints, scores = self._read(frame.picture, square)
        seen = is_somebody(scores)
        if seen:
            person.moved(keypoints, scores, frame.time)
        return seen

    def _search(self, frame: Frame) -> None:
        self._searched = frame.time
        keypoints, scores, sure = self._find(frame.picture)
        there = (sure > _FOUND) & np.array([is_somebody(row) for row in scores])
        found = [(keypoints[i], scores[i]) for i in np.flatnonzero(there)]
        apart = np.array(
            [
                [_apart(person.expected(frame.time), person.scores, *other) for other in found]
                for person in self._people
            ]
        ).reshape(len(self._people), len(found))
        known, taken = best_pairs(-apart, -_SAME_PERSON)
        for i, j in zip(known, taken, strict=True):
            person = self._people[i]
            person.confirmed = frame.time
            if person.seen < frame.time:
                self._read_again(person, frame, found[j][0])
        self._people = [p for p in self._people if frame.time - p.confirmed <= _UNCONFIRMED]
        for j, (points, these) in enumerate(found):
            if j not in taken and len(self._people) < self._most:
                # Not seen before this picture: the number is used up only if they are read.
                new = Person(self._known, points, these, -np.inf, frame.time)
                if self._read_again(new, frame, points) and not self._is_known(new):
                    self._known += 1
                    self._people.append(new)

    def _is_known(self, new: Person) -> bool:
        return any(person.seen == new.seen and person.is_where(new) for person in self._people)

    def _part_those_in_one_place(self, time: float) -> None:
        """Of two who were read from one person, the one who was longer there stays."""
        seen = [person for person in self._people if person.seen == time]
        gone = {p.number for i, p in enumerate(seen) if any(map(p.is_where, seen[:i]))}
        self._people = [person for person in self._people if person.number not in gone]


def is_somebody(scores: Floats) -> bool:
    """Whether enough of a person's `(17,)` keypoints are seen."""
    return int((scores > _FOUND).sum()) >= _FEWEST


def square_around(keypoints: Floats, scores: Floats, margin: float = _MARGIN) -> Square:
    """A square with somebody in its middle, from `(17, 2)` keypoints and `(17,)` scores."""
    found = scores > _FOUND
    points = keypoints[found] if found.any() else keypoints
    low, high = points.min(axis=0), points.max(axis=0)
    side = max(float((high - low).max()) * margin, 1.0)
    left, top = ((low + high - side) / 2).tolist()
    return Square(left, top, side)


def _apart(first: Floats, first_scores: Floats, second: Floats, second_scores: Floats) -> float:
    """Mean distance of the keypoints that both have, in longer sides of the larger box."""
    both = (first_scores > _FOUND) & (second_scores > _FOUND)
    if not both.any():
        return np.inf
    sides = [np.ptp(points[both], axis=0).max() for points in (first, second)]
    distance = np.linalg.norm((first - second)[both], axis=-1).mean()
    return float(distance / max(*sides, 1.0))
