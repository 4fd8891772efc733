"""Times of pictures -> frames at even steps of time, which poses and all their formats have."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_UNEVEN = 0.25
"""Of a step: how far a picture may be from its frame's time."""
_ROUNDED = 0.001
"""Seconds to which some files round their times."""
_LONGEST = 1.5
"""Steps between two pictures with a frame in between; in a longer pause, frames are missing."""


@dataclasses.dataclass(frozen=True)
class EvenSteps:
    """Frames at even steps, and what they are made of.

    Args:
      fps: frames per second.
      frames: `(N,)` the frames that are made, ascending; those between them are missing.
      before, after: `(N,)` the pictures around each, twice the same where it is one picture's.
      weight: `(N,)` of the picture after.
      times: `(num_frames,)` seconds between the first picture and each frame, in the file.
      note: what there is to say about it.
    """

    fps: float
    frames: npt.NDArray[np.int32]
    before: npt.NDArray[np.int32]
    after: npt.NDArray[np.int32]
    weight: Floats
    times: Floats
    note: str | None = None


def even_steps(times: Floats, fps: float | None = None) -> EvenSteps:
    """The frames of pictures at `(T,)` ascending seconds.

    A constant frame rate gives a frame for every picture, and missing frames where pictures were
    dropped. With a varying one, frames lie at steps of the median, between the two pictures
    around them.

    Args:
      fps: the rate at which the pictures were really taken, whatever the file says: all of them
        are frames then.
    """
    count = len(times)
    pictures = np.arange(count, dtype=np.int32)
    if fps is not None or count < 2:
        return EvenSteps(fps or 25.0, pictures, pictures, pictures, np.zeros(count), times)
    rate = _rate(times)
    places = (times - times[0]) * rate
    frames = np.rint(places).astype(np.int32)
    if (np.diff(frames) > 0).all() and np.abs(places - frames).max() <= _UNEVEN:
        missing = int(frames[-1]) + 1 - count
        note = f"pictures missing in the video: {missing}" if missing else None
        steps = times[0] + np.arange(frames[-1] + 1) / rate
        return EvenSteps(rate, frames, pictures, pictures, np.zeros(count), steps, note)
    frames = np.arange(int(places[-1]) + 1, dtype=np.int32)
    after = np.minimum(np.searchsorted(places, frames), count - 1).astype(np.int32)
    before = np.where(places[after] > frames, np.maximum(after - 1, 0), after).astype(np.int32)
    pause = places[after] - places[before]
    weight = np.where(pause > 0, (frames - places[before]) / np.maximum(pause, 1e-9), 0.0)
    kept = (pause <= _LONGEST) | (np.minimum(weight, 1 - weight) * pause <= _UNEVEN)
    pauses = 1000 * np.diff(times)
    note = (
        f"varying frame rate ({pauses.min():.0f} to {pauses.max():.0f} ms between pictures): "
        f"frames are at even steps, {rate:.3g} a second"
    )
    columns = (frames[kept], before[kept], after[kept], weight[kept])
    return EvenSteps(rate, *columns, times[0] + frames / rate, note)


def _rate(times: Floats) -> float:
    """Frames per second: by the median pause, made exact over the stretches that it fits to; a
    whole number, or television's 1000/1001 of one, if the times can be rounded ones of it.
    """
    pauses = np.diff(times)
    step = float(np.median(pauses))
    steps = np.rint(pauses / step)
    even = np.abs(pauses / step - steps) <= _UNEVEN
    if not steps[even].sum():
        return 1 / step
    rate = float(steps[even].sum() / pauses[even].sum())
    usual = min((round(rate), round(1.001 * rate) / 1.001), key=lambda near: abs(near - rate))
    off = abs(usual - rate) / rate * (times[-1] - times[0])
    return float(usual) if usual > 0 and off <= _ROUNDED else rate
