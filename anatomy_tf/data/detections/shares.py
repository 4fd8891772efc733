"""Keypoints as shares of the image, which many tools write on demand, found by their values."""

from __future__ import annotations

import numpy as np

from anatomy_tf.errors import InputError

_LARGEST_SHARE = 2  # of a keypoint far outside the image; in pixels, nobody is that small
_MIXTURE = 10
_MOST, _CLEARLY_NOT = 0.95, 0.5
_LOOKED_AT = 2000  # people, before all are
_FEW, _MANY = 0.02, 0.2


def to_pixels(
    keypoints: np.ndarray,
    found: np.ndarray,
    resolution: tuple[int, int] | None,
    source: str,
    known: bool,
    centred: bool,
) -> tuple[np.ndarray, str | None]:
    """Keypoints in pixels, and what there is to say about them.

    The values of the whole video decide: almost all of them within 2 are shares.

    Args:
      keypoints, found: `(N, J, 2)` and `(N, J)`, of everybody.
      resolution: (width, height) of the image, or None.
      source: how messages call the file.
      known: the format has shares from 0 to 1; that they are is nothing to speak of.
      centred: the format may also have shares from -1 to 1 of either side.

    Raises:
      InputError: shares of an image whose size is not known; or which of the two they are cannot be
        told.
    """
    every = max(1, len(keypoints) // _LOOKED_AT)
    if not known and _small(keypoints[::every][found[::every]]) < _CLEARLY_NOT:
        return keypoints, None
    points = keypoints[found]
    if not len(points):
        return keypoints, None
    low, high = float(points.min()), float(points.max())
    reach = f"keypoints reach from {low:.3g} to {high:.3g}"
    if _small(points) < _MOST:
        return keypoints, f"{reach}: taken as pixels, not as shares of the image" if known else None
    if max(-low, high) > _MIXTURE and not known:
        raise InputError(f"{source}: {reach}, most within 0 to 1: shares of the image among pixels")
    left = float((points < 0).mean(axis=0).max())
    if known or left < _FEW:
        scaled, kind = keypoints, "0 to 1"
    elif centred and left >= _MANY and max(-low, high) <= 1.5:
        scaled, kind = (keypoints + 1) / 2, "-1 to 1"
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


def _small(points: np.ndarray) -> float:
    """The share of `(M, 2)` keypoints that may be shares of an image; 1 for none."""
    return float((np.abs(points) <= _LARGEST_SHARE).all(axis=1).mean()) if len(points) else 1.0
