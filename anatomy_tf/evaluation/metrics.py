"""Errors of predicted poses. All in the unit of the joints (`pck` and `auc` in metres), over
`(T, J, 3)` frames of one clip.
"""

from __future__ import annotations

import numpy as np


def mpjpe(predicted: np.ndarray, target: np.ndarray) -> np.ndarray:
    """`(T,)` mean per-joint position error (protocol 1)."""
    return np.linalg.norm(predicted - target, axis=-1).mean(axis=-1)


def n_mpjpe(predicted: np.ndarray, target: np.ndarray) -> np.ndarray:
    """`(T,)` error after each pose is scaled to fit the target best."""
    products = (predicted * target).sum(axis=(-2, -1), keepdims=True)
    squares = (predicted**2).sum(axis=(-2, -1), keepdims=True)
    scale = np.divide(products, squares, out=np.zeros_like(squares), where=squares > 0)
    return mpjpe(scale * predicted, target)


def clip_scale_mpjpe(predicted: np.ndarray, target: np.ndarray) -> np.ndarray:
    """`(T,)` error after all poses of the clip are scaled by one factor, that of least squares."""
    square = (predicted**2).sum()
    scale = (predicted * target).sum() / square if square > 0 else 0.0
    return mpjpe(scale * predicted, target)


def p_mpjpe(predicted: np.ndarray, target: np.ndarray) -> np.ndarray:
    """`(T,)` error after each pose is moved, turned and scaled to fit the target best (protocol 2).

    Never mirrored: the best fit is sought among proper rotations.
    """
    target_mean = target.mean(axis=-2, keepdims=True)
    centred_target = target - target_mean
    centred = predicted - predicted.mean(axis=-2, keepdims=True)
    covariance = np.swapaxes(centred, -1, -2) @ centred_target
    u, singular, vt = np.linalg.svd(covariance)
    sign = np.ones_like(singular)
    sign[..., -1] = np.sign(np.linalg.det(u @ vt))
    rotation = (u * sign[..., np.newaxis, :]) @ vt
    squares = (centred**2).sum(axis=(-2, -1))
    fit = (singular * sign).sum(axis=-1)
    scale = np.divide(fit, squares, out=np.zeros_like(squares), where=squares > 0)
    return mpjpe(scale[..., np.newaxis, np.newaxis] * (centred @ rotation) + target_mean, target)


def mpjve(predicted: np.ndarray, target: np.ndarray) -> np.ndarray:
    """`(T - 1,)` mean error of the joints' change from frame to frame."""
    return mpjpe(np.diff(predicted, axis=0), np.diff(target, axis=0))


def pck(predicted: np.ndarray, target: np.ndarray, threshold: float = 0.150) -> np.ndarray:
    """`(T,)` share of joints that are off by less than `threshold`."""
    return (np.linalg.norm(predicted - target, axis=-1) < threshold).mean(axis=-1)


def auc(predicted: np.ndarray, target: np.ndarray) -> np.ndarray:
    """`(T,)` mean of `pck` over the thresholds 0, 5, ... 150 mm, as MPI-INF-3DHP's evaluation takes
    it.
    """
    return np.mean([pck(predicted, target, 0.005 * step) for step in range(31)], axis=0)


def bone_std(predicted: np.ndarray, bones: np.ndarray) -> float:
    """Standard deviation over time of the bones' lengths, mean over the `(K, 2)` bones."""
    near, far = bones.T
    lengths = np.linalg.norm(predicted[:, far] - predicted[:, near], axis=-1)
    return float(lengths.std(axis=0).mean())
