"""Keypoints that other lifters keep as .npz: VideoPose3D's own-data sets, and what the demos of
MHFormer and its relatives save.
"""

from __future__ import annotations

import numpy as np

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.detections import Detections, was_found
from anatomy_tf.data.detections.gathering import Gathering
from anatomy_tf.data.detections.keypoint_order import SETS_BY_NUMBER, tell_apart
from anatomy_tf.data.keypoint_sets import COCO_17, HUMAN36M_17
from anatomy_tf.errors import InputError

_ARRAYS = ("reconstruction", "positions_2d", "keypoints")
_LAYOUTS = {"coco": COCO_17, "h36m": HUMAN36M_17}
_HIGHEST_SCORE = 2


def recognises_data_set(content: dict) -> bool:
    """Whether the arrays of an .npz file are VideoPose3D's `data_2d_custom_*.npz`."""
    return isinstance(content.get("positions_2d"), dict)


def read_data_set(
    content: dict, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections of the one video in a file that `prepare_data_2d_custom.py` wrote.

    Raises:
      InputError: several videos, or anything else in the file.
    """
    clips = _clips(entries.field(content, "positions_2d", source), source)
    if len(clips) != 1:
        listed = ", ".join(entries.shown(name) for name, _ in clips[:3])
        raise InputError(
            f"{source}: a data set of {len(clips)} clips ({listed} ...): save one clip a file"
        )
    metadata = content.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    layout = metadata.get("layout_name", "coco")
    if layout not in _LAYOUTS:
        raise InputError(f"{source}: layout_name {entries.shown(layout)} is not known")
    gathering = Gathering(source, resolution, fps)
    (name, points) = clips[0]
    videos = metadata.get("video_metadata")
    video = videos.get(name.split("/")[0]) if isinstance(videos, dict) else None
    if isinstance(video, dict) and {"w", "h"} <= video.keys():
        size = entries.resolution_of([video["w"], video["h"]], f"{source}: {entries.shown(name)}")
        gathering.file_says(resolution=size)
    names = _LAYOUTS[layout]
    frames = entries.items(points, source)
    for frame, person in enumerate(frames):
        where = f"{source}: frame {frame}"
        width = 3 if np.shape(person)[-1:] == (3,) else 2
        person = entries.numbers(person, (len(names), width), where, missing=True)
        scores = person[:, 2] if width == 3 else np.ones(len(person))
        gathering.add(frame, person[:, :2], scores, joint_names=names)
    return gathering.detections(num_frames=len(frames))


def recognises_arrays(content: dict) -> bool:
    """Whether an .npz file has keypoints of one of the shapes that lifters take."""
    return "keypoint_set" not in content and _points(content) is not None


def read_arrays(
    content: dict, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections from `reconstruction` `(people, frames, J, 2 or 3)`, or `positions_2d` or
    `keypoints` `(frames, J, 2 or 3)`: x, y in pixels, and a score.

    17 keypoints are Human3.6M's, as those demos convert them, unless the poses are clearly COCO's.

    Raises:
      InputError: anything else in the file.
    """
    gathering = Gathering(source, resolution, fps)
    gathering.file_says(*entries.video_of(content, source))
    points = _points(content)
    if points is None:
        raise InputError(f"{source}: expected {' or '.join(_ARRAYS)} of (frames, joints, 2 or 3)")
    people, frames, joints, width = points.shape
    points = points.reshape(-1, joints, width).astype(np.float64)
    if np.isinf(points).any():
        raise InputError(f"{source}: keypoints are not finite")
    scores = points[..., 2] if width == 3 else np.ones(points.shape[:2])
    if np.nanmax(scores, initial=0) > _HIGHEST_SCORE or np.nanmin(scores, initial=0) < -1:
        raise InputError(f"{source}: x, y, z: poses in 3D, where keypoints in pixels are expected")
    names = None
    if joints == len(HUMAN36M_17):
        found = was_found(points[..., :2], np.isfinite(scores))
        names, _ = tell_apart(points[..., :2], found, (HUMAN36M_17, COCO_17))
        gathering.note(
            f"17 keypoints in the order of {'COCO' if names == COCO_17 else 'Human3.6M'}"
        )
    tracks = np.repeat(np.arange(people), frames) if people > 1 else np.full(frames, -1)
    gathering.add_people(np.tile(np.arange(frames), people), points[..., :2], scores, tracks, names)
    return gathering.detections(num_frames=frames)


def _points(content: dict) -> np.ndarray | None:
    """`(people, frames, J, 2 or 3)`, or None where there is nothing of the kind."""
    for name in _ARRAYS:
        points = content.get(name)
        if not isinstance(points, np.ndarray) or points.dtype.kind not in "iuf":
            continue
        if points.ndim == 3:
            points = points[np.newaxis]
        elif name == "keypoints":
            continue
        known = points.ndim == 4 and points.shape[2] in SETS_BY_NUMBER and points.shape[3] in (2, 3)
        if known and points.size:
            return points
    return None


def _clips(positions: object, source: str) -> list[tuple[str, object]]:
    """The keypoints of every camera of every action of every video, by name."""
    if not isinstance(positions, dict):
        raise InputError(f"{source}: positions_2d: expected an object, found {positions!r:.40}")
    clips = []
    for video, actions in positions.items():
        actions = actions if isinstance(actions, dict) else {"": actions}
        for action, cameras in actions.items():
            cameras = [cameras] if np.ndim(cameras) == 3 else entries.items(cameras, source)
            clips.extend((f"{video}/{action}", points) for points in cameras)
    return clips
