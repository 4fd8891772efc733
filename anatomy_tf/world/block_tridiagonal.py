"""Symmetric systems of equations in which each block of unknowns only knows its two neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[Any]


def solve(diagonal: Floats, beside: Floats, right: Floats) -> Floats:
    """`(N, m)` unknowns, by cyclic reduction: every other block is eliminated, all at once, and the
    half that is left is solved in the same way.

    Args:
      diagonal: `(N, m, m)`, positive definite as the whole.
      beside: `(N - 1, m, m)`, from each block to the next.
      right: `(N, m)`.
    """
    if len(diagonal) == 1:
        return np.linalg.solve(diagonal, right[..., np.newaxis])[..., 0]
    to_next, from_last = beside[::2], beside[1::2]  # even to odd, odd to even
    odd = len(to_next)
    after = len(from_last)  # odd blocks that have an even one after them
    inverse = np.linalg.inv(diagonal[1::2])
    back = _turned(to_next)
    kept, kept_right = diagonal[::2].copy(), right[::2].copy()
    kept[:odd] -= to_next @ inverse @ back
    kept_right[:odd] -= _times(to_next @ inverse, right[1::2])
    forth = _turned(from_last)
    kept[1 : after + 1] -= forth @ inverse[:after] @ from_last
    kept_right[1 : after + 1] -= _times(forth @ inverse[:after], right[1::2][:after])
    between = -to_next[:after] @ inverse[:after] @ from_last
    solution = np.empty_like(right)
    solution[::2] = solve(kept, between, kept_right)
    rest = right[1::2] - _times(back, solution[::2][:odd])
    rest[:after] -= _times(from_last, solution[::2][1 : after + 1])
    solution[1::2] = _times(inverse, rest)
    return solution


def _turned(blocks: Floats) -> Floats:
    return np.swapaxes(blocks, 1, 2)


def _times(blocks: Floats, vectors: Floats) -> Floats:
    return np.einsum("nij,nj->ni", blocks, vectors)
