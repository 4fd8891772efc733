"""Clips at another frame rate, and results back at the video's own.

First and last frame stay first and last, so the rate is met to within half a frame over the whole
clip.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError

_MOST_FRAMES = 2_000_000


def resample_frames(frames: int, fps: float, target_fps: float) -> np.ndarray:
    """`(S,)` where in a clip of `frames` at `fps` the frames of `target_fps` lie, first and last
    included.

    Raises:
      InputError: the target is not positive, or makes more frames than can be meant.
    """
    if not (np.isfinite(target_fps) and target_fps > 0):
        raise InputError(f"a frame rate of {target_fps} is not positive")
    count = (frames - 1) * target_fps / fps + 1
    if count > _MOST_FRAMES:
        raise InputError(f"{frames} frames from {fps:g} to {target_fps:g} fps make {count:g}")
    places = np.linspace(0, frames - 1, max(round(count), 1))
    return places.round(9)  # a place that is a frame must not fall short of it by the last bit


def resample_clip(clip: Clip, fps: float) -> Clip:
    """`clip` at `fps`; the same clip if that is its rate.

    Keypoints are interpolated; going down, they are averaged with weights that fall evenly to 0 at
    the neighbouring new frames, which also takes out some of the detector's noise. A joint's
    visibility is the lower one of the two old frames around, joints lie on the line between the
    two, and count if both do.

    Raises:
      InputError: as `resample_frames`.
    """
    if fps == clip.fps:
        return clip
    places = resample_frames(len(clip), clip.fps, fps)
    before, after = np.floor(places).astype(int), np.ceil(places).astype(int)
    # More than the whole clip is never averaged, however low the rate.
    averaged = _averaged(clip.keypoints, np.clip(clip.fps / fps, 1, len(clip)))
    return dataclasses.replace(
        clip,
        fps=fps,
        keypoints=_interpolated(averaged, places).astype(clip.keypoints.dtype),
        visibility=np.minimum(clip.visibility[before], clip.visibility[after]),
        joints=None if clip.joints is None else _interpolated(clip.joints, places),
        scored=None if clip.scored is None else clip.scored[before] & clip.scored[after],
    )


def to_original_rate(values: np.ndarray, frames: int) -> np.ndarray:
    """`(S, ...)` results of a resampled clip -> `(frames, ...)` for the frames it was made of."""
    if len(values) == frames:
        return values
    return _interpolated(values, np.linspace(0, len(values) - 1, frames))


def _interpolated(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """`(T, ...)` values -> `(S, ...)` on the straight lines between them."""
    before, after = np.floor(places).astype(int), np.ceil(places).astype(int)
    share = (places - before).reshape(-1, *[1] * (values.ndim - 1))
    return (values[before] * (1 - share) + values[after] * share).astype(values.dtype)


def _averaged(values: np.ndarray, reach: float) -> np.ndarray:
    """`(T, ...)` averages over time, with weights that fall evenly to 0 at `reach` frames away."""
    margin = int(np.ceil(reach)) - 1
    # Turned about both ends, so that a straight motion stays straight up to them.
    padding = [(margin, margin)] + [(0, 0)] * (values.ndim - 1)
    padded = np.pad(values.astype(np.float64), padding, mode="reflect", reflect_type="odd")
    weights = 1 - np.abs(np.arange(-margin, margin + 1)) / reach
    shifted = (padded[start : start + len(values)] for start in range(len(weights)))
    total = sum(weight * part for weight, part in zip(weights, shifted, strict=True))
    return total / weights.sum()
