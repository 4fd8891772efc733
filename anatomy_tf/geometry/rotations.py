"""Rotation matrices as quaternions and as angles."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def quaternions_of(rotations: npt.ArrayLike) -> Floats:
    """`(..., 3, 3)` rotations -> `(..., 4)` unit quaternions w, x, y, z, of either sign.

    Each is the `q` with the largest `q^T M q`, as every entry of the rotation is a sum of products
    of two of its numbers; `M` has them in its rows.
    """
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = np.moveaxis(np.asarray(rotations), (-2, -1), (0, 1))
    products = np.array(
        [
            [xx + yy + zz, zy - yz, xz - zx, yx - xy],
            [zy - yz, xx - yy - zz, xy + yx, xz + zx],
            [xz - zx, xy + yx, yy - xx - zz, yz + zy],
            [yx - xy, xz + zx, yz + zy, zz - xx - yy],
        ]
    )
    return np.linalg.eigh(np.moveaxis(products, (0, 1), (-2, -1)))[1][..., -1]


def zxy_angles(rotations: npt.ArrayLike) -> Floats:
    """`(..., 3, 3)` rotations -> `(..., 3)` radians about z, x and y, whose rotations multiplied in
    this order are the given ones. That about x is between quarter turns.
    """
    turns = np.asarray(rotations, np.float64)
    z = np.arctan2(-turns[..., 0, 1], turns[..., 1, 1])
    x = np.arcsin(np.clip(turns[..., 2, 1], -1, 1))
    y = np.arctan2(-turns[..., 2, 0], turns[..., 2, 2])
    return np.stack([z, x, y], axis=-1)
