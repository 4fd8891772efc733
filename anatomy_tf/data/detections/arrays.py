"""Keypoints that a program has as arrays -> checked arrays, and `Detections`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anatomy_tf.data.detections.detections import FARTHEST_PIXEL, Detections, was_found
from anatomy_tf.data.keypoint_sets import keypoint_names
from anatomy_tf.errors import InputError

_SHARES = 2.0
"""Keypoints that all lie within so many pixels of the corner are not in pixels."""

Floats = npt.NDArray[np.float32]


def checked_keypoints(
    keypoints: npt.ArrayLike, scores: npt.ArrayLike | None, joints: int, axes: tuple[int, int]
) -> tuple[Floats, Floats]:
    """`(..., J, 2)` pixels, 0 where nothing was seen, and their scores `(..., J)`, 0 there.

    Not seen is what is NaN, (0, 0), or has a score that is NaN or not above 0. Scores above 1
    count as 1.

    Args:
      keypoints, scores: as a program gives them; no scores are all 1.
      joints: how many there have to be.
      axes: the numbers of axes that keypoints may have.

    Raises:
      InputError: no numbers, another shape, no frames, or values that are no pixels.
    """
    pixels = _numbers(keypoints, "keypoints")
    form = f"(..., {joints}, 2) with {' or '.join(map(str, axes))} axes"
    if pixels.ndim not in axes or pixels.shape[-2:] != (joints, 2):
        raise InputError(f"keypoints have shape {pixels.shape}, expected {form}")
    if 0 in pixels.shape:
        raise InputError(f"keypoints have shape {pixels.shape}: no frames, or nobody")
    if scores is None:
        found = np.ones(pixels.shape[:-1], np.float32)
    else:
        found = _numbers(scores, "scores")
        if found.shape != pixels.shape[:-1]:
            raise InputError(f"scores have shape {found.shape}, expected {pixels.shape[:-1]}")
    there = was_found(pixels, found)
    pixels = np.where(there[..., np.newaxis], pixels, 0)
    size = np.abs(pixels).max()
    if there.any() and size <= _SHARES:
        raise InputError(
            f"keypoints: none is more than {size:.3g} pixels from the corner; "
            "shares of the image, or screen coordinates? Pixels are expected"
        )
    if size > FARTHEST_PIXEL:
        raise InputError(f"keypoints: one is {size:.3g} pixels away; not seen is NaN")
    return pixels, np.where(there, np.minimum(found, 1), 0)


def detections_of_arrays(
    keypoints: npt.ArrayLike,
    scores: npt.ArrayLike | None,
    resolution: tuple[int, int],
    fps: float,
    keypoint_set: str,
    source: str = "keypoints",
) -> Detections:
    """The people of a video whose keypoints are arrays; person `p` of the arrays is track `p`.

    Args:
      keypoints: `(T, J, 2)` of one person, or `(T, P, J, 2)`, in pixels; NaN where nothing was
        seen.
      scores: in the same form without the last axis, or None.
      keypoint_set: what the `J` keypoints are, of `KEYPOINT_SETS`.
      source: how messages call them.

    Raises:
      InputError: as `checked_keypoints`, or nothing was seen at all; no such set; a resolution or
        frame rate that is none.
    """
    names = keypoint_names(keypoint_set)
    pixels, found = checked_keypoints(keypoints, scores, len(names), (3, 4))
    if pixels.ndim == 3:
        pixels, found = pixels[:, np.newaxis], found[:, np.newaxis]
    if not found.any():
        raise InputError(f"{source}: nothing was seen in any frame; all are NaN, (0, 0) or score 0")
    frame, person = np.nonzero(found.any(axis=-1))
    return Detections(
        source=source,
        joint_names=names,
        num_frames=len(pixels),
        frame=frame,
        track=person,
        keypoints=pixels[frame, person],
        scores=found[frame, person],
        resolution=checked_resolution(resolution),
        fps=_frame_rate(fps),
    )


def checked_resolution(resolution: tuple[int, int]) -> tuple[int, int]:
    """Width and height; raises an InputError where they are not two positive whole numbers."""
    try:
        width, height = resolution
        whole = int(width), int(height)
    except (TypeError, ValueError, OverflowError):
        whole = (0, 0)
    if min(whole) <= 0 or whole != (width, height):
        raise InputError(f"resolution: (width, height) in pixels, got {resolution!r}")
    return whole


def _frame_rate(fps: float) -> float:
    if not isinstance(fps, (int, float, np.number)) or not (np.isfinite(fps) and fps > 0):
        raise InputError(f"fps: frames per second of the video, got {fps!r}")
    return float(fps)


def _numbers(values: npt.ArrayLike, name: str) -> Floats:
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "iuf":
            raise TypeError(f"of type {array.dtype}")
        return array.astype(np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: not an array of numbers ({error})") from error
