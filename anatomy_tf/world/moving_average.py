"""Averages over time that are as long as what they are of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def moving_average(values: Floats, frames: int) -> Floats:
    """`(T, ...)` means over `frames` around each, of which there are fewer at the ends."""
    half = max(0, frames // 2)
    if half == 0 or len(values) < 2:
        return values
    sums = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values, axis=0)])
    places = np.arange(len(values))
    # As many before as after, so that what moves evenly stays where it is.
    reach = np.minimum(half, np.minimum(places, len(values) - 1 - places))
    first, last = places - reach, places + reach + 1
    count = (last - first).reshape(-1, *[1] * (values.ndim - 1))
    return (sums[last] - sums[first]) / count


def odd_frames(seconds: float, fps: float) -> int:
    """The odd number of frames that is nearest to a time, at least 1."""
    return 2 * round((seconds * fps - 1) / 2) + 1 if seconds * fps > 1 else 1
