"""Detections that another tool, or an earlier call, made of a video that is at hand."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np

from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.data.detections.source_video import SourceVideo
from anatomy_tf.errors import InputError
from anatomy_tf.video.decoding import Video


def read_detections_of_video(
    path: pathlib.Path | str,
    video_path: pathlib.Path | str,
    format: str = "auto",
    fps: float | None = None,
) -> Detections:
    """Reads detections as `read_detections` does, with size and frame rate from their video, which
    formats that can will show.

    Raises:
      InputError: as `read_detections` and `Video`, or the detections are of another video.
    """
    video = Video(video_path)
    times = video.times()
    rate = fps or (float((len(times) - 1) / np.ptp(times)) if len(times) > 1 else None)
    detections = read_detections(path, format, fps=rate, resolution=video.resolution)
    if detections.num_frames > len(times):
        raise InputError(
            f"{path}: tells of {detections.num_frames} frames, and {video_path} has "
            f"{len(times)}: detections of another video"
        )
    notes = (*detections.notes, *video.notes)
    if detections.num_frames < len(times):
        notes += (f"the detections end {len(times) - detections.num_frames} pictures earlier",)
    return dataclasses.replace(
        detections,
        num_frames=len(times),
        notes=notes,
        video=SourceVideo(pathlib.Path(video_path), times),
    )
