"""A body of rigid bones that moves by rotations, as animation programs have it: which way its bones
point at rest, and how every joint is turned so that they point as they do in a clip.

Vectors are y up, and the person at rest looks along z, the left hand towards x.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anatomy_tf.skeleton import Skeleton

Floats = npt.NDArray[np.float64]

_ROUNDS = 5
_OF_PARENT = 0.01
"""Weight of the parent's rotation beside that of each bone, where bones alone leave it open."""


def rest_directions(skeleton: Skeleton) -> Floats:
    """`(K, 3)` unit vectors of a body with its arms stretched out to the sides: limbs that hang on
    the root point down from their second bone on, all others sideways, and what has no side up.
    """
    rest = np.zeros((skeleton.num_bones, 3))
    for bone, (_, far) in enumerate(skeleton.bones.tolist()):
        side = (far in skeleton.left) - (far in skeleton.right)
        first = far
        while side and skeleton.parents[first] in (*skeleton.left, *skeleton.right):
            first = skeleton.parents[first]
        is_leg = skeleton.parents[first] == skeleton.root and first != far
        rest[bone] = (side, 0, 0) if side and not is_leg else (0, -1 if side else 1, 0)
    return rest


def rest_and_turns(directions: Floats, skeleton: Skeleton) -> tuple[Floats, Floats]:
    """How the bones point at rest, and how every joint is turned.

    A joint with one bone is turned by the smallest angle from its parent's rotation, without twist.
    One with several cannot point all of them as it should: between them, the body is rigid, in the
    shape that fits all frames best, and it is turned to where they fit best.

    Args:
      directions: `(T, K, 3)` unit vectors; one of length 0 points as at rest.

    Returns:
      `(K, 3)` unit vectors at rest, and `(T, J, 3, 3)` rotations of the joints, not relative to
      their parents; a bone points along `turns[:, near] @ rest`.
    """
    directions = np.asarray(directions, np.float64)
    rest = rest_directions(skeleton)
    turns = np.tile(np.eye(3), (len(directions), skeleton.num_joints, 1, 1))
    for joint in np.argsort(skeleton.path_matrix.sum(axis=1), kind="stable").tolist():
        parent = skeleton.parents[joint]
        before = turns[:, parent] if parent >= 0 else turns[:, joint]
        bones = np.flatnonzero(skeleton.bones[:, 0] == joint)
        aims = directions[:, bones]
        unknown = ~aims.any(axis=-1, keepdims=True)
        aims = np.where(unknown, _turned(before, rest[bones]), aims)
        if len(bones) == 1:
            turns[:, joint] = _swing(_turned(before, rest[bones])[:, 0], aims[:, 0]) @ before
        elif len(bones):
            rest[bones] = _common_shape(rest[bones], aims, before)
            turns[:, joint] = _best_turn(rest[bones], aims, before)
        else:
            turns[:, joint] = before
    return rest, turns


def joints_at(rest: Floats, turns: Floats, lengths: Floats, skeleton: Skeleton) -> Floats:
    """`(T, J, 3)` joints of the rigid body with `(K,)` bone lengths, relative to the root."""
    bones = np.einsum("tkij,kj->tki", turns[:, skeleton.bones[:, 0]], rest * lengths[:, np.newaxis])
    return np.einsum("jk,tki->tji", skeleton.path_matrix.astype(np.float64), bones)


def _turned(turns: Floats, vectors: Floats) -> Floats:
    """`(T, 3, 3)` rotations of `(N, 3)` vectors -> `(T, N, 3)`."""
    return np.einsum("tij,nj->tni", turns, vectors)


def _swing(start: Floats, aim: Floats) -> Floats:
    """The smallest rotations of `(T, 3)` unit vectors to others: `(T, 3, 3)`."""
    axis, cosine = np.cross(start, aim), np.sum(start * aim, axis=-1)
    cross = np.cross(np.eye(3), axis[:, np.newaxis])
    opposite = cosine < -1 + 1e-9
    share = 1 / np.where(opposite, 1, 1 + cosine)
    swing = np.eye(3) + cross + share[:, np.newaxis, np.newaxis] * (cross @ cross)
    # Half a turn, about whatever axis stands upright on both.
    across = np.cross(start, np.eye(3)[np.abs(start).argmin(axis=-1)])
    across /= np.linalg.norm(across, axis=-1, keepdims=True)
    half = 2 * across[:, :, np.newaxis] * across[:, np.newaxis] - np.eye(3)
    return np.where(opposite[:, np.newaxis, np.newaxis], half, swing)


def _best_turn(rest: Floats, aims: Floats, before: Floats) -> Floats:
    """The rotations `(T, 3, 3)` that bring `(N, 3)` vectors nearest to `(T, N, 3)` (Kabsch)."""
    left, _, right = np.linalg.svd(np.einsum("tni,nj->tij", aims, rest) + _OF_PARENT * before)
    mirrored = np.linalg.det(left @ right) < 0
    left[..., -1] *= np.where(mirrored, -1, 1)[:, np.newaxis]
    return left @ right


def _common_shape(rest: Floats, aims: Floats, before: Floats) -> Floats:
    """`(N, 3)` unit vectors of the rigid shape that `(T, N, 3)` are nearest to, turned so that it
    fits `rest`.
    """
    shape = rest
    for _ in range(_ROUNDS):
        turns = _best_turn(shape, aims, before)
        shape = np.einsum("tij,tni->nj", turns, aims)
        shape /= np.maximum(np.linalg.norm(shape, axis=-1, keepdims=True), 1e-12)
    to_rest = _best_turn(shape, rest[np.newaxis], np.eye(3)[np.newaxis])[0]
    return shape @ to_rest.T
