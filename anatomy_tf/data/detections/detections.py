"""2D detections of a video, whatever tool wrote them: people by frame, before one of them becomes a
clip.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from anatomy_tf.data.checks import check_shape
from anatomy_tf.data.detections.source_video import SourceVideo
from anatomy_tf.errors import InputError

FARTHEST_PIXEL = 1e6
"""No keypoint is farther from the corner of an image."""


def was_found(keypoints: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """`(..., J)`: which of the keypoints `(..., J, 2)` a tool found. Not found is what is NaN,
    (0, 0), or has a score `(..., J)` that is NaN or not above 0.
    """
    return np.isfinite(keypoints).all(axis=-1) & (keypoints != 0).any(axis=-1) & (scores > 0)


@dataclasses.dataclass(frozen=True)
class Detections:
    """`N` detected people in the frames of a video; a frame has any number of them, or none.

    Args:
      source: how messages call it, usually the file's path.
      joint_names: the `J` keypoints of every person; names of a keypoint set of `keypoint_sets`.
      num_frames: frames of the video, as far as the file tells: at least the last one with a
        person, plus 1.
      frame: `(N,)` the frame of each, counted from 0, ascending.
      track: `(N,)` the tool's own number for the person, -1 where it gives none.
      keypoints: `(N, J, 2)` pixels, origin at the top left, y down. What the tool did not find is
        (0, 0) with score 0.
      scores: `(N, J)`, 0 to 1.
      resolution: (width, height) of the image in pixels, or None where the file does not tell.
      fps: frames per second, or None.
      notes: a line about everything that the reader noticed or repaired, for the tools to print.
      video: the video itself, where it is at hand.

    Raises:
      InputError: nobody in any frame, a wrong shape, or values that are not finite or out of range.
    """

    source: str
    joint_names: tuple[str, ...]
    num_frames: int
    frame: np.ndarray
    track: np.ndarray
    keypoints: np.ndarray
    scores: np.ndarray
    resolution: tuple[int, int] | None = None
    fps: float | None = None
    notes: tuple[str, ...] = ()
    video: SourceVideo | None = None

    def __post_init__(self) -> None:
        people, joints = len(self.frame), len(self.joint_names)
        if not people:
            raise InputError(f"{self.source}: there is nobody in any frame")
        shapes = {"track": (), "keypoints": (joints, 2), "scores": (joints,)}
        for field, tail in shapes.items():
            check_shape(getattr(self, field), (people, *tail), f"{self.source}: {field}")
        for field in ("keypoints", "scores"):
            finite = np.isfinite(getattr(self, field)).reshape(people, -1).all(axis=1)
            if not finite.all():
                frame = self.frame[np.flatnonzero(~finite)[0]]
                raise InputError(f"{self.source}: {field} of frame {frame} is not finite")
        for field, low, high in (("scores", 0, 1), ("frame", 0, self.num_frames - 1)):
            values = getattr(self, field)
            if values.min() < low or values.max() > high:
                raise InputError(
                    f"{self.source}: {field} reaches from {values.min():g} to {values.max():g}, "
                    f"not within {low} to {high}"
                )
        if (np.diff(self.frame) < 0).any():
            raise InputError(f"{self.source}: frames are not in order")
        if self.resolution is not None and min(self.resolution) <= 0:
            raise InputError(f"{self.source}: resolution {self.resolution} is not positive")
        if self.fps is not None and not (np.isfinite(self.fps) and self.fps > 0):
            raise InputError(f"{self.source}: fps {self.fps} is not positive")

    def boxes(self) -> np.ndarray:
        """`(N, 4)` x, y, width, height in pixels around the keypoints that were found, and 0 where
        none was.
        """
        found = self.scores > 0
        points = np.where(found[..., np.newaxis], self.keypoints, np.nan)
        some = found.any(axis=1)
        boxes = np.zeros((len(self.frame), 4), np.float32)
        low, high = np.nanmin(points[some], axis=1), np.nanmax(points[some], axis=1)
        boxes[some] = np.concatenate([low, high - low], axis=1)
        return boxes
