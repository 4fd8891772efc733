"""Smooth motion: a Butterworth filter over whole clips, and the One-Euro filter for live ones."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FILTERS = ("butterworth", "one_euro", "none")
CUTOFF = 6.0
"""Hz, as is usual for gait."""
_TWICE = (math.sqrt(2) - 1) ** 0.25
"""A filter that runs forward and backward has its cutoff at this share of the one way's."""
_PADDING = 1.0
"""Seconds by which a clip is turned about its ends, so that the filter has somewhere to start."""
MIN_CUTOFF, SPEED_COEFFICIENT, SPEED_CUTOFF = 2.0, 1.5, 1.0
"""Of the One-Euro filter (Casiez et al. 2012): Hz at rest, Hz more for every m/s, and Hz of the
filter of the speed.
"""


def smooth(values: Floats, fps: float, kind: str = "butterworth") -> Floats:
    """`(T, ...)` metres, smoothed by one of `FILTERS`; `one_euro` only looks back."""
    if kind == "none" or len(values) < 3:
        return values
    if kind == "one_euro":
        euro = OneEuro(fps)
        return np.stack([euro(value) for value in values])
    return butterworth(values, fps)


def butterworth(values: Floats, fps: float, cutoff: float = CUTOFF) -> Floats:
    """A filter of the second order, forward and backward: without delay, and 3 dB down at `cutoff`
    Hz. Below twice the cutoff, the frame rate leaves nothing to smooth.
    """
    if fps <= 2 * cutoff:
        return values
    margin = min(len(values) - 1, round(_PADDING * fps))
    padding = [(margin, margin)] + [(0, 0)] * (values.ndim - 1)
    padded = np.pad(values, padding, mode="reflect", reflect_type="odd")
    # The ends of what is transformed have to meet; the line between them is taken off before.
    line = np.linspace(0, 1, len(padded)).reshape(-1, *[1] * (values.ndim - 1))
    line = padded[0] + line * (padded[-1] - padded[0])
    frequency = np.fft.rfftfreq(len(padded), 1 / fps)
    gain = 1 / (1 + (frequency / (cutoff / _TWICE)) ** 4)
    spectrum = np.fft.rfft(padded - line, axis=0)
    spectrum *= gain.reshape(-1, *[1] * (values.ndim - 1))
    smoothed = np.fft.irfft(spectrum, len(padded), axis=0) + line
    return smoothed[margin : margin + len(values)]


class OneEuro:
    """A low-pass filter that gives way where something moves fast: `(..., 3)` points, frame by
    frame.
    """

    def __init__(self, fps: float):
        self._fps = fps
        self._last: Floats | None = None
        self._velocity: Floats | None = None

    def __call__(self, points: Floats) -> Floats:
        """The points of the frame that follows, smoothed."""
        if self._last is None or self._velocity is None:
            self._last, self._velocity = points, np.zeros_like(points)
            return points
        velocity = (points - self._last) * self._fps
        self._velocity = self._velocity + self._share(SPEED_CUTOFF) * (velocity - self._velocity)
        speed = np.linalg.norm(self._velocity, axis=-1, keepdims=True)
        share = self._share(MIN_CUTOFF + SPEED_COEFFICIENT * speed)
        self._last = self._last + share * (points - self._last)
        return self._last

    def _share(self, cutoff):
        return 1 / (1 + self._fps / (2 * math.pi * cutoff))
