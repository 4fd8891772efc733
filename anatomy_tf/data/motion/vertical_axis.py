"""Which axis of a motion file points up, told by the person in it."""

from __future__ import annotations

import dataclasses

import numpy as np

from anatomy_tf.data.motion.bone_sizes import body_length, bone_lengths
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17

AUTO = "auto"
UPS = ("y", "z", "x", "-y", "-z", "-x")
"""Axes that may point up in a file; the world of this package has z up."""
_TURNS = {
    "x": ((0, 1, 0), (0, 0, 1), (1, 0, 0)),
    "y": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
    "z": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "-x": ((0, 1, 0), (0, 0, -1), (-1, 0, 0)),
    "-y": ((1, 0, 0), (0, 0, 1), (0, -1, 0)),
    "-z": ((1, 0, 0), (0, -1, 0), (0, 0, -1)),
}
"""Rotations that take an axis to z."""
_UPRIGHT = 0.71
"""Cosine of body and trunk to the vertical, so that only one axis can be it."""
_SOME, _MOST = 0.2, 0.5
"""Shares of the frames."""
_STEADIER, _FLOOR = 0.15, 0.2
"""Shares of the body's length: how much less the lowest joint moves along the vertical than along
another axis, and how far from 0 it is where 0 is the floor.
"""
_PLACED = 0.03
"""Share of the body's length that the pelvis is away from 0, unless the file has no places."""
_FRAMES = 2000


@dataclasses.dataclass(frozen=True)
class Vertical:
    """What a body says about the vertical.

    Args:
      up: one of `UPS`.
      certain: more than one thing says so.
      reason: what does, in a few words.
    """

    up: str
    certain: bool
    reason: str


def z_up(positions: np.ndarray, up: str) -> np.ndarray:
    """`(..., 3)` with `up`, one of `UPS`, as the vertical axis -> the same with z up,
    right-handed.
    """
    return positions @ np.array(_TURNS[up], positions.dtype).T


def choose_up(name: str, joints: np.ndarray, rest: np.ndarray | None, up: str) -> tuple[str, str]:
    """The vertical axis of a motion, and a note on where it comes from.

    Args:
      name: of the motion, for messages.
      joints: `(T, 17, 3)` of `H36M_17`, in the file's axes.
      rest: `(17, 3)` at rest, or None.
      up: `auto`, or the axis that the user gives.

    Raises:
      InputError: the body clearly stands along another axis than the given one.
    """
    found = find_up(joints, rest)
    if up == AUTO and found.certain:
        return found.up, f"found: {found.reason}"
    if up == AUTO:
        return found.up, f"assumed, --up gives another: {found.reason}"
    if found.certain and found.up != up:
        raise InputError(
            f"{name}: with --up={up} the person lies or stands on the head: {found.reason}; "
            f"try --up={found.up}, or leave --up out"
        )
    return up, "as given" if found.certain else f"as given, the body does not tell: {found.reason}"


def find_up(joints: np.ndarray, rest: np.ndarray | None = None) -> Vertical:
    """Which axis points from the feet to the head of somebody who stands.

    A person may lie, or stand on the hands, for a whole file. So what the motion says is weighed
    against the rest pose of the skeleton, and, where both name an axis, against the floor: the
    lowest joint stays where it is along the vertical, at 0 in most files.

    Args:
      joints: `(T, 17, 3)` of `H36M_17`, in the file's axes.
      rest: `(17, 3)` at rest, or None.
    """
    joints = joints[:: max(1, len(joints) // _FRAMES)].astype(np.float64)
    shares = {up: float(_upright(joints, up).mean()) for up in UPS}
    standing = next((up for up in UPS if rest is not None and _stands(rest, up)), None)
    candidates = [up for up in UPS if shares[up] >= _SOME or up == standing]
    if not candidates:
        return Vertical("y", False, "the person is upright along no axis")
    body = max(body_length(bone_lengths(joints)), 1e-30)
    lowest = {up: _along(joints, up).min(axis=1) / body for up in UPS}
    most = max(candidates, key=shares.get)
    reason = f"upright along {most} in {shares[most]:.0%} of the frames"
    if len(candidates) == 1:
        up = candidates[0]
        if shares[up] < _SOME:
            return Vertical(up, False, f"only the rest pose stands along {up}")
        others = [other for other in UPS if other[-1] != up[-1]]
        steadiest = all(_steadier(lowest[up], lowest[other]) for other in others)
        witness = up == standing or _on_floor(lowest[up]) or steadiest
        return Vertical(up, witness and (up == standing or shares[up] >= _MOST), reason)
    reason += f", the rest pose along {standing}" if standing not in (most, None) else ""
    if np.median(np.linalg.norm(joints[:, H36M_17.root], axis=-1)) > _PLACED * body:
        for up in candidates:
            rivals = [other for other in candidates if other != up]
            if all(_steadier(lowest[up], lowest[other]) for other in rivals):
                return Vertical(up, True, f"{reason}, the floor is steady along {up}")
        on_floor = [up for up in candidates if _on_floor(lowest[up])]
        if len(on_floor) == 1:
            return Vertical(on_floor[0], True, f"{reason}, the floor is at 0 along {on_floor[0]}")
    # Nothing tells. Files in which the whole body was turned from y to z, or back, are more
    # frequent than people who lie all the time; other axes are rarer than these.
    up = next((up for up in (most, standing) if up in ("y", "z")), most)
    return Vertical(up, most == standing, reason)


def _along(joints: np.ndarray, up: str) -> np.ndarray:
    """`(..., 3)` -> `(...)` heights along `up`."""
    return (-1 if up[0] == "-" else 1) * joints[..., "xyz".index(up[-1])]


def _between(joints: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    return joints[..., [H36M_17.joint_names.index(name) for name in names], :].mean(axis=-2)


def _cosine(vectors: np.ndarray, up: str) -> np.ndarray:
    norms = np.linalg.norm(vectors, axis=-1)
    return _along(vectors, up) / np.where(norms > 0, norms, 1)


def _upright(joints: np.ndarray, up: str) -> np.ndarray:
    """`(..., 17, 3)` -> `(...)` whether head and trunk are above the feet."""
    ankles, pelvis = _between(joints, ("l_ankle", "r_ankle")), _between(joints, ("l_hip", "r_hip"))
    body, trunk = _between(joints, ("head",)) - ankles, _between(joints, ("thorax",)) - pelvis
    return (_cosine(body, up) > _UPRIGHT) & (_cosine(trunk, up) > _UPRIGHT)


def _stands(rest: np.ndarray, up: str) -> bool:
    """Whether a rest pose is a person on straight legs; those of some tools are no pose at all."""
    legs = _between(rest, ("l_hip", "r_hip")) - _between(rest, ("l_ankle", "r_ankle"))
    return bool(_upright(rest, up) and _cosine(legs, up) > _UPRIGHT)


def _spread(lowest: np.ndarray) -> float:
    return float(np.ptp(np.percentile(lowest, [5, 95])))


def _steadier(lowest: np.ndarray, other: np.ndarray) -> bool:
    return _spread(lowest) + _STEADIER < _spread(other)


def _on_floor(lowest: np.ndarray) -> bool:
    return bool(abs(np.median(lowest)) < _FLOOR)
