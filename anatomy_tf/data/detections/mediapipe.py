"""MediaPipe Pose: 33 landmarks in pixels (.npz), or as MediaPipe gives them, as shares of the image
(JSON, CSV).
"""

from __future__ import annotations

import numpy as np

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.gathering import Gathering
from anatomy_tf.data.detections.tables import Table
from anatomy_tf.data.keypoint_sets import BLAZEPOSE_33
from anatomy_tf.errors import InputError

_LANDMARKS = len(BLAZEPOSE_33)


def recognises_arrays(content: dict) -> bool:
    """Whether the arrays of an .npz file are of this format."""
    shape = getattr(content.get("keypoints"), "shape", ())
    return len(shape) == 3 and shape[1:] == (_LANDMARKS, 3) and "keypoint_set" not in content


def recognises_json(content: object) -> bool:
    """Whether parsed JSON is of this format: a list of lists, with nothing where
    nobody was found.
    """
    if not isinstance(content, list):
        return False
    first = next((frame for frame in content if frame), None)
    return isinstance(first, list)


def recognises_table(table: Table) -> bool:
    """Whether a CSV table is of this format."""
    return {"frame", "landmark", "x", "y"} <= set(table.columns)


def read_arrays(
    content: dict, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections from `keypoints` `(T, 33, 3)`: x, y in pixels, visibility; and `resolution`, `fps`
    if there.

    Raises:
      InputError: anything else in the file; names it and the frame.
    """
    gathering = Gathering(source, resolution, fps)
    gathering.file_says(*entries.video_of(content, source))
    frames = entries.items(entries.field(content, "keypoints", source), f"{source}: keypoints")
    for frame, points in enumerate(frames):
        points = entries.numbers(points, (_LANDMARKS, 3), f"{source}: frame {frame}: keypoints")
        gathering.add(frame, BLAZEPOSE_33, points[:, :2], points[:, 2])
    return gathering.detections(num_frames=len(frames))


def read_json(
    content: object, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections from a list with an entry per frame: 33 landmarks, or lists of 33 for several
    people, or nothing.

    A landmark is an object with x and y, both 0 to 1 within the image, and visibility; without
    that, it counts as 1.

    Raises:
      InputError: anything else in the file, or no `resolution`; names file and frame.
    """
    gathering = Gathering(source, resolution, fps)
    scale = _scale(resolution, source)
    frames = entries.items(content, source)
    for frame, people in enumerate(frames):
        where = f"{source}: frame {frame}"
        people = entries.items([] if people is None else people, where)
        if people and isinstance(people[0], dict):
            people = [people]
        for landmarks in people:
            landmarks = entries.items(landmarks, where)
            values = [
                [
                    entries.field(landmark, "x", where),
                    entries.field(landmark, "y", where),
                    landmark.get("visibility", 1.0),
                ]
                for landmark in landmarks
            ]
            points = entries.numbers(values, (_LANDMARKS, 3), f"{where}: landmarks")
            gathering.add(frame, BLAZEPOSE_33, points[:, :2] * scale, points[:, 2])
    return gathering.detections(num_frames=len(frames))


def read_table(
    table: Table, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections from columns frame, landmark (0 to 32), x, y (0 to 1 within the image) and
    visibility (else 1); lines in any order.

    Raises:
      InputError: anything else in the file, or no `resolution`; names file and line.
    """
    gathering = Gathering(source, resolution, fps)
    scale = _scale(resolution, source)
    landmarks: dict[int, dict[int, list[float]]] = {}
    for row in table:
        frame, landmark = row.whole_number("frame"), row.whole_number("landmark")
        points = landmarks.setdefault(frame, {})
        if landmark >= _LANDMARKS or landmark in points:
            raise InputError(f"{row.where}: landmark {landmark} is twice there, or above 32")
        points[landmark] = [row.number("x"), row.number("y"), row.number("visibility", 1.0)]
    for frame, points in sorted(landmarks.items()):
        if len(points) != _LANDMARKS:
            raise InputError(f"{source}: frame {frame} has {len(points)} of {_LANDMARKS} landmarks")
        person = np.array([points[landmark] for landmark in range(_LANDMARKS)])
        gathering.add(frame, BLAZEPOSE_33, person[:, :2] * scale, person[:, 2])
    return gathering.detections()


def _scale(resolution: tuple[int, int] | None, source: str) -> np.ndarray:
    if resolution is None:
        raise InputError(
            f"{source}: landmarks are shares of the image; "
            "give its size, as in --resolution=1920x1080"
        )
    return np.asarray(resolution, np.float64)
