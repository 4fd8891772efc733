"""Keypoints as shares of the image, which many tools write on demand, found by their values."""

from __future__ import annotations

import numpy as np

from anatomy_tf.errors import InputError

_LARGEST_SHARE = 2  # of a keypoint far outside the image; in pixels, nobody is that small
_MIXTURE = 10
_MOST = 0.95
_FEW, _MANY = 0.02, 0.2


def to_pixels(
    points: np.ndarray,
    resolution: tuple[int, int] | None,
    source: str,
    known: bool,
    centred: bool,
) -> tuple[np.ndarray, str | None]:
    """Keypoints in pixels, and what there is to say about them.

    The values of the whole video decide: almost all of them within 2 are shares.

    Args:
      points: `(M, 2)` all keypoints that were found.
      resolution: (width, height) of the image, or None.
      source: how messages call the file.
      known: the format has shares from 0 to 1; that they are is nothing to speak of.
      centred: the format may also have shares from -1 to 1 of either side.

    Raises:
      InputError: shares of an image whose size is not known; or which of the two they are cannot be
        told.
    """
    if not len(points):
        return points, None
    low, high = float(points.min()), float(points.max())
    reach = f"keypoints reach from {low:.3g} to {high:.3g}"
    if (np.abs(points) <= _LARGEST_SHARE).all(axis=1).mean() < _MOST:
        return points, f"{reach}: taken as pixels, not as shares of the image" if known else None
    if max(-low, high) > _MIXTURE and not known:
        raise InputError(f"{source}: {reach}, most within 0 to 1: shares of the image among pixels")
    left = float((points < 0).mean(axis=0).max())
    if known or left < _FEW:
        scaled, kind = points, "0 to 1"
    elif centred and left >= _MANY and max(-low, high) <= 1.5:
        scaled, kind = (points + 1) / 2, "-1 to 1"
    else:
        raise InputError(
            f"{source}: {reach}: shares of the image, and counted from where cannot be told; "
            "write pixels instead"
        )
    if resolution is None:
        raise InputError(
            f"{source}: {reach}: shares of the image; give its size, as in --resolution=1920x1080"
        )
    width, height = resolution
    note = f"{reach}: taken as shares of the image, {kind}, and scaled to {width}x{height}"
    return scaled * np.asarray(resolution, np.float64), None if known else note
