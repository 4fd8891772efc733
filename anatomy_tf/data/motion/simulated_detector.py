"""What a 2D detector would make of a person whose joints are known."""

from __future__ import annotations

import numpy as np

from anatomy_tf.data.motion.occlusion import hidden_joints
from anatomy_tf.geometry.camera import Camera, project
from anatomy_tf.skeleton import H36M_17

ERROR_SDS = {
    **dict.fromkeys(("pelvis", "hip", "spine", "thorax"), 0.009),
    **dict.fromkeys(("knee", "shoulder", "neck", "head"), 0.013),
    **dict.fromkeys(("ankle", "elbow"), 0.018),
    "wrist": 0.024,
}
"""Error of a visible joint, sd per axis, relative to the person's size in the image."""
_ERROR_CORRELATION = 0.8
_TAIL = 5
"""Degrees of freedom of the innovations: Student's t."""
_VOLATILITY_SD, _VOLATILITY_CORRELATION = 0.3, 0.98
_SIZE_FRAMES = 25
_HIDDEN_FACTORS = (2.5, 4.0)
_HIDDEN_BIAS = 1.0
"""Offset that lasts as long as the joint is hidden, per axis, in sds of a visible joint's error."""
_OVERCONFIDENT = 0.12
_SWAPPED = 0.003
"""Share of frames in which the arms, or the legs, are taken for each other."""
_SWAP_FRAMES = (3, 10)
_SWAPS = (("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle"))
_DOUBT, _DOUBT_SD = 0.115, 0.8
"""1 - score of a visible joint: the median, and the sd of its logarithm."""
_DOUBT_BY_ERROR, _USUAL_ERROR = 0.15, 2.0
"""How the logarithm grows with an error beyond so many sds."""
_HIDDEN_SCORE, _HIDDEN_SCORE_SD = 0.28, 0.27
_SCORE_CORRELATION, _SCORE_STEADY = 0.78, 0.82
"""A score's share of variance that lasts from frame to frame, and how well it lasts."""
_BURN_IN = 100

_SDS = np.array([ERROR_SDS[name] for name in H36M_17.plain_names])


def simulate_detections(
    points: np.ndarray, camera: Camera, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Keypoints and scores of a person, with the errors of a detector at 50 frames per second.

    Args:
      points: `(T, 17, 3)` joints in camera space, metres, in front of the camera.
      camera: what sees them.
      rng: where the errors come from.

    Returns:
      `(T, 17, 2)` pixels within the image, and `(T, 17)` scores from 0 to 1, both float32.
    """
    shape = points.shape[:2]
    exact = np.stack(project(points.astype(np.float64), camera.intrinsics), axis=-1)
    hidden = hidden_joints(points)
    occlusion, count = _runs(hidden)
    factor = np.where(hidden, rng.uniform(*_HIDDEN_FACTORS, size=count)[occlusion], 1.0)
    bias = _HIDDEN_BIAS * rng.normal(size=(count, 2))[occlusion] * hidden[..., np.newaxis]
    noise = _noise(rng, shape)
    scale = _person_size(exact)[:, np.newaxis] * _SDS
    error = (noise * factor[..., np.newaxis] + bias) * scale[..., np.newaxis]

    confident = ~hidden | (rng.random(count) < _OVERCONFIDENT)[occlusion]
    scores = _scores(rng, confident, np.linalg.norm(noise, axis=-1))
    keypoints = exact + error
    for names in _SWAPS:
        _swap(rng, names, keypoints, scores)
    keypoints = np.clip(keypoints, 0, np.array(camera.resolution) - 1)
    return keypoints.astype(np.float32), scores.astype(np.float32)


def _person_size(keypoints: np.ndarray) -> np.ndarray:
    """`(T,)` pixels: the box's height, or 0.8 of its width if that is more, smoothed in time."""
    width, height = np.moveaxis(np.ptp(keypoints, axis=1), -1, 0)
    size = np.maximum(height, 0.8 * width)
    padded = np.pad(size, _SIZE_FRAMES // 2, mode="edge")
    return np.convolve(padded, np.full(_SIZE_FRAMES, 1 / _SIZE_FRAMES), mode="valid")


def _runs(mask: np.ndarray) -> tuple[np.ndarray, int]:
    """`(T, J)` -> the number of the run of True that every frame is in, and a count that is above
    them all.
    """
    before = np.pad(mask[:-1], ((1, 0), (0, 0)))
    starts = (mask & ~before).T.ravel()
    numbers = np.cumsum(starts).reshape(mask.T.shape).T
    return numbers, int(starts.sum()) + 1


def _autoregressive(innovations: np.ndarray, correlation: float) -> np.ndarray:
    """Along the first axis, of the innovations' variance; the first `_BURN_IN`
    frames are dropped.
    """
    from scipy.signal import lfilter

    gain = np.sqrt(1 - correlation**2)
    return lfilter([gain], [1, -correlation], innovations, axis=0)[_BURN_IN:]


def _noise(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """`(T, J, 2)` of unit variance: heavy-tailed, correlated in time, of slowly
    varying strength.
    """
    frames, joints = shape[0] + _BURN_IN, shape[1]
    strength = _autoregressive(
        rng.normal(size=(frames + _BURN_IN, joints, 1)), _VOLATILITY_CORRELATION
    )
    strength = np.exp(_VOLATILITY_SD * strength - _VOLATILITY_SD**2)
    heavy = rng.standard_t(_TAIL, size=(frames, joints, 2)) * np.sqrt((_TAIL - 2) / _TAIL)
    return _autoregressive(strength * heavy, _ERROR_CORRELATION)


def _scores(rng: np.random.Generator, confident: np.ndarray, error: np.ndarray) -> np.ndarray:
    """`(T, J)` scores; `error` is in sds."""
    frames, joints = confident.shape
    lasting = _autoregressive(rng.normal(size=(frames + _BURN_IN, joints)), _SCORE_CORRELATION)
    passing = rng.normal(size=(frames, joints))
    drawn = np.sqrt(_SCORE_STEADY) * lasting + np.sqrt(1 - _SCORE_STEADY) * passing
    large = _DOUBT_BY_ERROR * np.maximum(error - _USUAL_ERROR, 0)
    seen = 1 - _DOUBT * np.exp(_DOUBT_SD * drawn + large)
    unseen = _HIDDEN_SCORE + _HIDDEN_SCORE_SD * drawn
    return np.clip(np.where(confident, seen, unseen), 0.01, 1)


def _swap(
    rng: np.random.Generator, names: tuple, keypoints: np.ndarray, scores: np.ndarray
) -> None:
    """Takes left for right, in place, for several frames at a time."""
    frames = len(keypoints)
    mean = sum(_SWAP_FRAMES) / 2
    starts = np.flatnonzero(rng.random(frames) < _SWAPPED / mean)
    ends = starts + rng.integers(*_SWAP_FRAMES, size=len(starts), endpoint=True)
    swapped = np.zeros(frames, bool)
    for start, end in zip(starts, ends, strict=True):
        swapped[start:end] = True
    left, right = ([H36M_17.joint_names.index(f"{side}_{name}") for name in names] for side in "lr")
    for values in (keypoints, scores):
        there = values[np.ix_(swapped, left + right)]
        values[np.ix_(swapped, right + left)] = there
