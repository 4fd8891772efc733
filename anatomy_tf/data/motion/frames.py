"""The frames of a motion: which of them are motion, and at what rate."""

from __future__ import annotations

import importlib.util
import itertools

import numpy as np

from anatomy_tf.errors import InputError
from anatomy_tf.installation import install_hint
from anatomy_tf.skeleton import H36M_17

FPS = 50
"""Frames per second of a training set, as Human3.6M has it."""
_LEAD_IN_SECONDS = 1.0
_FASTEST = 25.0
"""Metres per second that a joint moves relative to the pelvis; a jump from a rest pose is faster.
"""


def check_scipy() -> None:
    """Raises `InputError` if SciPy, which motion capture needs, is not installed."""
    if importlib.util.find_spec("scipy") is None:
        raise InputError(f"motion capture needs SciPy: {install_hint('mocap')}")


def lead_in(joints: np.ndarray, fps: float) -> int:
    """How many frames at the start are a rest pose, from which the person jumps into the motion.

    Args:
      joints: `(T, 17, 3)` metres.
    """
    first = joints[: int(_LEAD_IN_SECONDS * fps) + 1]
    relative = first - first[:, H36M_17.root, np.newaxis]
    speed = np.linalg.norm(np.diff(relative, axis=0), axis=-1).max(axis=-1, initial=0) * fps
    jumps = np.flatnonzero(speed > _FASTEST)
    return int(jumps[-1]) + 1 if len(jumps) else 0


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
