"""Detectron2 and Detectron, as VideoPose3D's `infer_video_d2.py` and `infer_video.py` save their
detections.
"""

from __future__ import annotations

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.gathering import Gathering
from anatomy_tf.data.keypoint_sets import COCO_17
from anatomy_tf.errors import InputError


def recognises(content: dict) -> bool:
    """Whether the arrays of an .npz file are of this format."""
    return {"boxes", "keypoints", "metadata"} <= content.keys()


def read(
    content: dict, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections from the file's arrays, which tell the resolution but not the frame rate.

    Raises:
      InputError: anything in it that those scripts do not write; names the file and the frame.
    """
    gathering = Gathering(source, resolution, fps)
    where = f"{source}: metadata"
    metadata = entries.field(content, "metadata", source)
    size = [entries.field(metadata, name, where) for name in ("w", "h")]
    gathering.file_says(resolution=entries.resolution_of(size, where))
    frames = entries.items(entries.field(content, "keypoints", source), f"{source}: keypoints")
    for frame, classes in enumerate(frames):
        where = f"{source}: frame {frame}: keypoints"
        classes = entries.listed(classes, where)
        if not classes:
            continue
        if len(classes) != 2:
            raise InputError(f"{where}: {len(classes)} classes; the background and people expected")
        for person in entries.present(classes[1], where):
            # Rows are x, y, a logit that Detectron2 does not give, and the score.
            rows = entries.numbers(person, (4, len(COCO_17)), where, missing=True)
            gathering.add(frame, rows[:2].T, rows[3], joint_names=COCO_17)
    return gathering.detections(num_frames=len(frames))
