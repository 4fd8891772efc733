"""The way of the root through the space of the camera: where the lifted pose has to stand so that
it is seen where its keypoints are.

For a joint that is `(X, Y, Z)` from the root and is seen along the ray `(u, v, 1)`, the root
`(x, y, z)` satisfies `x - u z = u Z - X` and `y - v z = v Z - Y`: linear, and solved for all frames
at once by least squares, together with terms that keep the way smooth and standing feet in place.
Lifted poses err for a while in the same way, so that errors count by time, not by frames.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from anatomy_tf.world import block_tridiagonal

Floats = npt.NDArray[np.float64]

NEAREST = 0.3
"""Metres from the camera at the least."""
_ROUNDS = 4
_ERROR = 0.04
"""Metres by which a joint typically misses its ray."""
_ERROR_SECONDS = 0.3
"""For how long it does so in the same way."""
_JERKINESS = 0.6
"""m^2/s^3: the square of typical accelerations times the seconds for which they last."""
_SLIDING = 0.01
"""m^2/s: the square of the way that a standing foot seems to go, by the seconds that it takes."""
NEUTRAL = np.array([0.0, 0.0, 4.0])
"""Where a person is of whom nothing was seen."""
_EASE = 1e-6
"""Weight of that place beside what is seen."""


class Standing(NamedTuple):
    """Feet that stand.

    Args:
      places: `(T, C, 3)` of the `C` feet, metres from the root in camera space.
      stands: `(T, C)` between 0 and 1.
    """

    places: Floats
    stands: Floats


def root_path(
    joints: Floats, rays: Floats, weights: Floats, fps: float, standing: Standing | None = None
) -> Floats:
    """`(T, 3)` metres in camera space.

    Args:
      joints: `(T, J, 3)` metres, relative to the root.
      rays: `(T, J, 2)` x / z and y / z of the keypoints.
      weights: `(T, J)`, 0 to 1, how sure they are.
    """
    robust = weights
    for _ in range(_ROUNDS):
        normal, right = reprojection(joints, rays, robust, fps)
        path = _smoothed(normal, right, fps, standing)
        path[:, 2] = np.maximum(path[:, 2], NEAREST)
        robust = weights * trust(joints, rays, path)
    return path


def trust(joints: Floats, rays: Floats, path: Floats) -> Floats:
    """`(T, J)`, 0 to 1: how much a keypoint counts, by how far its joint misses it from `path`;
    where most of a frame are far off, they are not what is wrong.
    """
    off = np.linalg.norm(ray_errors(joints, rays, path), axis=-1) * path[:, 2:]
    usual = np.maximum(np.median(off, axis=1, keepdims=True), _ERROR)
    return 1 / (1 + (off / usual) ** 2)


def project(points: Floats) -> tuple[Floats, Floats]:
    """Rays `(..., 2)` and depths `(..., 1)`, no nearer than `NEAREST`, of points `(..., 3)`."""
    depth = np.maximum(points[..., 2:], NEAREST)
    return points[..., :2] / depth, depth


def ray_errors(joints: Floats, rays: Floats, path: Floats) -> Floats:
    """`(T, J, 2)`: by how much the joints, with the root on its path, miss their rays."""
    return project(joints + path[:, np.newaxis])[0] - rays


def reprojection(
    joints: Floats, rays: Floats, weights: Floats, fps: float
) -> tuple[Floats, Floats]:
    """Normal equations `(T, 3, 3)` and `(T, 3)` of every frame alone."""
    weights = weights / (_ERROR**2 * _ERROR_SECONDS * fps)
    u, v = rays[..., 0], rays[..., 1]
    x, y, z = np.moveaxis(joints, -1, 0)
    first, second = u * z - x, v * z - y
    total = weights.sum(axis=1)
    normal = np.tile(_EASE * np.eye(3), (len(joints), 1, 1))
    normal[:, 0, 0] += total
    normal[:, 1, 1] += total
    normal[:, 0, 2] = normal[:, 2, 0] = -(weights * u).sum(axis=1)
    normal[:, 1, 2] = normal[:, 2, 1] = -(weights * v).sum(axis=1)
    normal[:, 2, 2] += (weights * (u * u + v * v)).sum(axis=1)
    right = np.stack(
        [
            (weights * first).sum(axis=1),
            (weights * second).sum(axis=1),
            -(weights * (u * first + v * second)).sum(axis=1),
        ],
        axis=-1,
    )
    return normal, right + _EASE * NEUTRAL


def bending(fps: float) -> float:
    """Weight of the square of a second difference of the path."""
    return fps**3 / _JERKINESS


def holding(fps: float) -> float:
    """Weight of the square of the way that a standing foot goes in a frame."""
    return fps / _SLIDING


def _smoothed(normal: Floats, right: Floats, fps: float, standing: Standing | None) -> Floats:
    """The path that fits the equations of all frames, is smooth, and keeps standing feet in
    place.
    """
    frames = len(normal)
    same = np.zeros(frames)  # of a frame with itself, with the next, and with the one after that
    following, second = np.zeros(frames), np.zeros(frames)
    if frames > 2:
        bent = bending(fps)
        same[:-2] += bent
        same[1:-1] += 4 * bent
        same[2:] += bent
        following[:-2] -= 2 * bent
        following[1:-1] -= 2 * bent
        second[:-2] += bent
    if standing is not None:
        for foot in range(standing.stands.shape[1]):
            stands, place = standing.stands[:, foot], standing.places[:, foot]
            hold = holding(fps) * np.minimum(stands[1:], stands[:-1])
            same[:-1] += hold
            same[1:] += hold
            following[:-1] -= hold
            pull = hold[:, np.newaxis] * np.diff(place, axis=0)
            right[:-1] += pull
            right[1:] -= pull
    unit = np.eye(3)
    normal = normal + same[:, np.newaxis, np.newaxis] * unit
    if frames % 2:  # two frames make a block, which then only knows its neighbours
        normal = np.concatenate([normal, unit[np.newaxis]])
        right = np.concatenate([right, np.zeros((1, 3))])
        following, second = np.append(following, 0.0), np.append(second, 0.0)
    blocks = len(normal) // 2
    diagonal = np.zeros((blocks, 2, 3, 2, 3))
    diagonal[:, 0, :, 0], diagonal[:, 1, :, 1] = normal[::2], normal[1::2]
    within = following[::2, np.newaxis, np.newaxis] * unit
    diagonal[:, 0, :, 1] = diagonal[:, 1, :, 0] = within
    beside = np.zeros((blocks - 1, 2, 3, 2, 3))
    beside[:, 1, :, 0] = following[1:-1:2, np.newaxis, np.newaxis] * unit
    beside[:, 0, :, 0] = second[:-2:2, np.newaxis, np.newaxis] * unit
    beside[:, 1, :, 1] = second[1:-1:2, np.newaxis, np.newaxis] * unit
    solution = block_tridiagonal.solve(
        diagonal.reshape(-1, 6, 6), beside.reshape(-1, 6, 6), right.reshape(-1, 6)
    )
    return solution.reshape(-1, 3)[:frames]
