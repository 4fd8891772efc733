"""Which of the people in a video to lift."""

from __future__ import annotations

import re

import numpy as np

from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.errors import InputError

CHOICES = ("largest", "most_confident", "all")
_LISTED = 10


def check_person(person: str | int) -> None:
    """Raises an InputError for what can be nobody in any video; see `choose_people`."""
    if person not in CHOICES and not re.fullmatch("[0-9]+", str(person)):
        raise InputError(f"--person={person}: there are {', '.join(CHOICES)}, and numbers")


def choose_people(detections: Detections, tracks: np.ndarray, person: str | int) -> list[int]:
    """The numbers of the chosen people.

    Args:
      tracks: `(N,)` as `track_people` gives them.
      person: `largest`: the greatest median box area times the share of the video's frames with the
        person; `most_confident`: the highest mean score of the keypoints times that share; `all`:
        everyone, in the order of appearance; or a number.

    Raises:
      InputError: nobody has this number, or it is none; lists the numbers there are.
    """
    numbers, first, counts = np.unique(tracks, return_index=True, return_counts=True)
    known = numbers >= 0
    numbers, first, counts = numbers[known], first[known], counts[known]
    if not len(numbers):
        raise InputError(f"{detections.source}: no keypoint of anybody has a score above 0")
    if person == "all":
        return numbers[np.lexsort((numbers, detections.frame[first]))].tolist()
    if person in CHOICES:
        values = _areas(detections) if person == "largest" else detections.scores.mean(axis=1)
        typical = np.median if person == "largest" else np.mean
        ranks = [typical(values[tracks == number]) for number in numbers] * counts
        return [int(numbers[np.argmax(ranks)])]
    if str(person) not in map(str, numbers):
        raise InputError(
            f"{detections.source}: --person={person}: there are {', '.join(CHOICES)}, "
            f"or {_listing(numbers, counts)}"
        )
    return [int(person)]


def others_than(tracks: np.ndarray, chosen: list[int]) -> str | None:
    """Who is in the video beside the chosen people, if anybody is."""
    others = tracks[(tracks >= 0) & ~np.isin(tracks, chosen)]
    if not len(others):
        return None
    return f"not lifted: person {_listing(*np.unique(others, return_counts=True))}"


def _areas(detections: Detections) -> np.ndarray:
    return detections.boxes()[:, 2:].astype(np.float64).prod(axis=1)


def _listing(numbers: np.ndarray, counts: np.ndarray) -> str:
    often = np.argsort(-counts, kind="stable")[:_LISTED]
    people = ", ".join(f"{numbers[i]} ({counts[i]} frames)" for i in often)
    more = len(numbers) - len(often)
    return people + (f" and {more} more" if more else "")
