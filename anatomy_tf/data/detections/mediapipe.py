"""MediaPipe Pose: 33 landmarks in pixels (.npz), or as MediaPipe gives them, as shares of the image
(JSON; tables are in `point_tables`).
"""

from __future__ import annotations

import numpy as np

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.gathering import Gathering
from anatomy_tf.data.keypoint_sets import BLAZEPOSE_33, COCO_17

_LANDMARKS = len(BLAZEPOSE_33)
_POSES = ("pose_landmarks", "poseLandmarks", "landmarks", "landmark", "keypoints")
"""What the results of its interfaces, and of TensorFlow.js, call the landmarks of a person."""
_LISTS = ("frames", "results")
"""What people call the list of results beside what else they note."""
_DEEPEST = 4  # results within people within landmarks
_LOOKED_AT = 1000  # frames, in one of which somebody should be
_FRAME = ("frame", "frame_id", "frame_number", "frame_index", "frameIndex", "frameNumber")


def recognises_arrays(content: dict) -> bool:
    """Whether the arrays of an .npz file are of this format."""
    shape = getattr(content.get("keypoints"), "shape", ())
    known = len(shape) == 3 and shape[1] == _LANDMARKS and shape[2] in (3, 4)
    return known and "keypoint_set" not in content


def recognises_json(content: object) -> bool:
    """Whether parsed JSON is of this format: landmarks by frame, or the results of an interface."""
    if isinstance(content, dict) and not any(name in content for name in _POSES):
        content = next((content[name] for name in _LISTS if name in content), None)
    if _is_person(content):
        return len(content) == _LANDMARKS
    frames = content if isinstance(content, list) else [content]
    return any(_is_pose(frame, depth=0) for frame in frames[:_LOOKED_AT] if frame)


def read_arrays(
    content: dict, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections from `keypoints` `(T, 33, 3)`: x, y in pixels, visibility; or `(T, 33, 4)` with z
    before visibility; and `resolution`, `fps` if there.

    Raises:
      InputError: anything else in the file; names it and the frame.
    """
    gathering = Gathering(source, resolution, fps)
    gathering.file_says(*entries.video_of(content, source))
    frames = entries.items(entries.field(content, "keypoints", source), f"{source}: keypoints")
    for frame, points in enumerate(frames):
        where = f"{source}: frame {frame}: keypoints"
        width = 4 if np.shape(points) == (_LANDMARKS, 4) else 3
        points = entries.numbers(points, (_LANDMARKS, width), where, missing=True)
        gathering.add(frame, points[:, :2], points[:, -1], joint_names=BLAZEPOSE_33)
    return gathering.detections(num_frames=len(frames))


def read_json(
    content: object, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections from a list with an entry per frame: 33 landmarks, or lists of 33 for several
    people, or nothing; or a result of the Python or JavaScript interface, which has them under
    `pose_landmarks`, `poseLandmarks` or `landmarks`.

    A landmark is an object with x and y, both 0 to 1 within the image, and visibility, or a list of
    x, y, z and visibility; without visibility, it counts as 1. An entry may tell its frame.

    Raises:
      InputError: anything else in the file, or no `resolution`; names file and frame.
    """
    gathering = Gathering(source, resolution, fps, shares=True)
    if isinstance(content, dict) and not any(name in content for name in _POSES):
        gathering.file_says(*entries.video_of(content, source))
        name = next((name for name in _LISTS if name in content), _LISTS[0])
        content = entries.field(content, name, source)
    if isinstance(content, dict) or _is_person(content):
        content = [content]  # a single image
    last = -1
    for number, entry in enumerate(entries.items(content, source)):
        named = next((n for n in _FRAME if isinstance(entry, dict) and n in entry), None)
        frame = number
        if named:
            frame = entries.whole_number(entry[named], f"{source}: entry {number}: {named}")
        last = max(last, frame)
        where = f"{source}: frame {frame}"
        for landmarks in _people(entry, where):
            points = _points(landmarks, where)
            if len(points):
                gathering.add(frame, points[:, :2], points[:, 2])
    return gathering.detections(num_frames=last + 1)


def _people(entry: object, where: str) -> list:
    """Everybody's landmarks in what there is for a frame."""
    while isinstance(entry, dict):
        entry = next((entry[name] for name in _POSES if name in entry), None)
    people = entries.present(entry, where)
    return [people] if _is_person(people) else people


def _points(landmarks: object, where: str) -> np.ndarray:
    """`(33, 3)` x, y and visibility; of TensorFlow.js also 17; `(0, 3)` for nobody."""
    if isinstance(landmarks, dict):
        name = next((name for name in _POSES if name in landmarks), "landmarks")
        landmarks = entries.field(landmarks, name, where)
    landmarks = entries.items(landmarks, where)
    if not landmarks:
        return np.zeros((0, 3))
    values = [_values(landmark, where) for landmark in landmarks]
    count = len(COCO_17) if len(values) == len(COCO_17) else _LANDMARKS
    points = entries.numbers(values, (count, 3), f"{where}: landmarks", missing=True)
    points[:, 2] = np.where(np.isnan(points[:, 2]), 1, points[:, 2])
    return points


def _values(landmark: object, where: str) -> list | None:
    """x, y and visibility, each of which may be None."""
    if landmark is None:
        return None
    if isinstance(landmark, list) and len(landmark) == 4:
        return [*landmark[:2], landmark[3]]
    x, y = (entries.field(landmark, name, where) for name in "xy")
    return [x, y, landmark.get("visibility", landmark.get("score"))]


def _is_person(value: object) -> bool:
    """Whether these are the landmarks of one person."""
    first = next((v for v in value if v is not None), None) if isinstance(value, list) else None
    if isinstance(first, list):
        return len(first) == 4 and not any(isinstance(v, list | dict) for v in first)
    return _is_landmark(first)


def _is_landmark(value: object) -> bool:
    return isinstance(value, dict) and "y" in value and not isinstance(value.get("x", []), list)


def _is_pose(value: object, depth: int) -> bool:
    """Whether the landmarks of a person are in there, under the names that MediaPipe gives them."""
    if depth > _DEEPEST:
        return False
    if isinstance(value, dict):
        return any(_is_pose(value[name], depth + 1) for name in _POSES if name in value)
    if not isinstance(value, list):
        return False
    first = next((v for v in value if v is not None), None)
    return _is_person(value) or _is_pose(first, depth + 1)
