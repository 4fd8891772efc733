"""Which foot stands when: one that the video shows in the same place, low down.

The picture tells far more exactly where a foot is than its depth, so that its speed is that in the
picture, in metres at the foot's distance: of its keypoint, and of the joint on its path (their
geometric mean), since the one jitters where the other sways.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anatomy_tf.world.body import body_of
from anatomy_tf.world.moving_average import moving_average, odd_frames
from anatomy_tf.world.root_path import project
from anatomy_tf.world.track import Track

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

COEFFICIENTS = (-1.08, -1.45, -8.43)
"""Of the logarithm of the odds that a foot stands: a constant, per logarithm of its speed in m/s,
and per metre above where feet are around that time; `examples/world/fit_constants.py`.
"""
LEAST_SPEED = 0.05
SPEED_SECONDS = 0.3
AROUND_SECONDS = 1.5
LOW = 10.0
"""Percentile of the lower foot's height that counts as the floor around a time."""
BEGIN, GO_ON = 0.6, 0.5
_SHORTEST = 0.1
"""Seconds; a foot that stands for less is on its way."""


def features(track: Track, path: Floats, up: Floats) -> Floats:
    """`(T, C, 3)` of every foot: 1, the logarithm of its speed, and its height; see
    `COEFFICIENTS`.
    """
    feet = list(body_of(track.skeleton).feet)
    placed = track.joints[:, feet] + path[:, np.newaxis]
    frames = odd_frames(SPEED_SECONDS, track.fps)
    projected, depth = project(placed)
    distance = moving_average(depth, frames)
    logarithms = [
        np.log(_speed(moving_average(seen, frames), distance, track.fps) + LEAST_SPEED)
        for seen in (track.rays[:, feet], projected)
    ]
    height = placed @ up
    if not feet:
        return np.zeros((*height.shape, 3))
    floor = _running_low(height.min(axis=1), odd_frames(AROUND_SECONDS, track.fps))
    above = height - floor[:, np.newaxis]
    return np.stack([np.ones_like(above), np.mean(logarithms, axis=0), above], axis=-1)


def standing_odds(track: Track, path: Floats, up: Floats) -> Floats:
    """`(T, C)` how likely every foot stands, 0 to 1."""
    _, speed, above = np.moveaxis(features(track, path, up), -1, 0)
    return odds_of(speed, above)


def odds_of(log_speed: Floats, above: Floats) -> Floats:
    """How likely feet stand, of their `features`."""
    constant, by_speed, by_height = COEFFICIENTS
    odds = constant + by_speed * log_speed + by_height * above
    return 1 / (1 + np.exp(-np.clip(odds, -50, 50)))


def standing_feet(likely: Floats, fps: float) -> Bools:
    """`(T, C)` from how likely it is: a foot that begins to stand goes on until it surely does
    not, and what lasts for less than `_SHORTEST` is left out.
    """
    stands = np.zeros(likely.shape, bool)
    for foot in range(likely.shape[1]):
        for start, stop in runs(likely[:, foot] >= GO_ON):
            sure = likely[start:stop, foot].max() >= BEGIN
            stands[start:stop, foot] = sure and stop - start >= _SHORTEST * fps
    return stands


def runs(values: Bools) -> npt.NDArray[np.intp]:
    """`(R, 2)` first frames, and those past the last, of the runs of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], values, [False]]).astype(np.int8)))
    return edges.reshape(-1, 2)


def _speed(seen: Floats, distance: Floats, fps: float) -> Floats:
    """`(T, C)` m/s of `(T, C, 2)` rays at `(T, C, 1)` metres."""
    moved = np.gradient(seen, axis=0) if len(seen) > 1 else np.zeros_like(seen)
    return np.linalg.norm(moved * distance, axis=-1) * fps


def _running_low(values: Floats, frames: int) -> Floats:
    half = frames // 2
    padded = np.pad(values, half, mode="edge")
    every = max(1, half // 8)  # it changes slowly
    places = np.unique(np.append(np.arange(0, len(values), every), len(values) - 1))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)[places]
    return np.interp(np.arange(len(values)), places, np.percentile(windows, LOW, axis=1))
