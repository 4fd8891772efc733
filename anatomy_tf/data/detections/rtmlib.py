"""rtmlib, whose models give arrays: `docs/detections.md` has the lines that save them as JSON or
.npz.
"""

from __future__ import annotations

import numpy as np

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.gathering import Gathering
from anatomy_tf.errors import InputError


def recognises(content: object) -> bool:
    """Whether parsed JSON, or the arrays of an .npz file, are of this format."""
    return isinstance(content, dict) and {"keypoints", "scores"} <= content.keys()


def read(
    content: object, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections from `keypoints` and `scores`: for every frame the `(P, J, 2)` and `(P, J)` of its
    people.

    `resolution` and `fps` are taken from the file where it has them.

    Raises:
      InputError: anything else in the file; names it and the frame.
    """
    gathering = Gathering(source, resolution, fps, unbounded_scores=True)
    keypoints, scores = (
        entries.items(entries.field(content, name, source), f"{source}: {name}")
        for name in ("keypoints", "scores")
    )
    gathering.file_says(*entries.video_of(content, source))
    if keypoints and all(_is_person(person) for person in keypoints):
        raise InputError(
            f"{source}: keypoints of people, not of frames: put those of each frame into a list"
        )
    if len(keypoints) != len(scores):
        raise InputError(
            f"{source}: keypoints of {len(keypoints)} frames, but scores of {len(scores)}"
        )
    for frame, (people, people_scores) in enumerate(zip(keypoints, scores, strict=True)):
        where = f"{source}: frame {frame}"
        people = entries.listed(people, f"{where}: keypoints")
        people_scores = entries.listed(people_scores, f"{where}: scores")
        if len(people) != len(people_scores):
            raise InputError(
                f"{where}: keypoints of {len(people)} people, but scores of {len(people_scores)}"
            )
        for person, person_scores in zip(people, people_scores, strict=True):
            person = entries.listed(person, f"{where}: keypoints")
            if not person:
                continue
            gathering.add(
                frame,
                entries.numbers(person, (len(person), 2), f"{where}: keypoints", missing=True),
                entries.numbers(person_scores, (len(person),), f"{where}: scores", missing=True),
            )
    return gathering.detections(num_frames=len(keypoints))


def _is_person(value: object) -> bool:
    """Whether these are the keypoints of one person, a list of pairs of numbers."""
    first = value[0] if isinstance(value, list | np.ndarray) and len(value) else None
    if isinstance(first, np.ndarray):
        return first.shape == (2,)
    return isinstance(first, list) and len(first) == 2 and isinstance(first[0], int | float)
