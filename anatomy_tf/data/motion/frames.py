"""The rate of a motion, and its pieces."""

from __future__ import annotations

import itertools

import numpy as np

from anatomy_tf.installation import check_installed

FPS = 50
"""Frames per second of a training set, as Human3.6M has it."""


def check_scipy() -> None:
    """Raises `InputError` if SciPy, which motion capture needs, is not installed."""
    check_installed("scipy", "mocap", "motion capture needs SciPy")


def resample(joints: np.ndarray, fps: float, to_fps: float = FPS) -> np.ndarray:
    """`(T, J, 3)` of two or more frames at `fps` -> `(T', J, 3)` at `to_fps`, along cubic splines;
    the first frame stays the first.

    Raises:
      InputError: SciPy is not installed.
    """
    check_scipy()
    from scipy.interpolate import CubicSpline

    last = (len(joints) - 1) / fps
    # A last frame that the rates put a rounding error beyond the end still counts.
    times = np.arange(int(last * to_fps + 1e-6) + 1) / to_fps
    return CubicSpline(np.arange(len(joints)) / fps, joints, axis=0)(np.minimum(times, last))


def pieces(frames: int, longest: int, shortest: int) -> list[slice]:
    """Cuts a motion into pieces of equal length, none longer than `longest`; none if it is too
    short.
    """
    if frames < shortest:
        return []
    count = -(-frames // longest)
    edges = np.linspace(0, frames, count + 1).round().astype(int)
    return [slice(int(a), int(b)) for a, b in itertools.pairwise(edges)]
