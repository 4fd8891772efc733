"""Where poses stand in a level world, as files hold it."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from anatomy_tf.data.checks import check_shape
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import Skeleton
from anatomy_tf.world.body import body_of

Floats = npt.NDArray[np.float32]

BY_POSE = ("joints", "stands", "confidence", "reprojection")
"""The fields of a world that have a row for every pose."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class World:
    """`N` poses in one level world, in metres: x is the camera's right, y is up with the floor at
    0, and z comes towards the camera.

    Args:
      joints: `(N, J, 3)`.
      stands: `(N, C)` which of the `feet` stand.
      confidence: `(N, J)`, 0 to 1: the chance that a joint is within 15 cm of where it is from the
        root, the person's size apart.
      reprojection: `(N,)` pixels by which the lifted pose on its path misses the keypoints, the
        median of the pose.
      axes: `(3, 3)` from camera space into the world; and
      camera: `(3,)` where the camera is.
      focal: its focal length in pixels, as given or guessed.
    """

    joints: Floats
    stands: npt.NDArray[np.bool_]
    confidence: Floats
    reprojection: Floats
    axes: Floats
    camera: Floats
    focal: float

    def check(self, count: int, skeleton: Skeleton) -> None:
        """Raises an InputError where it is not of so many poses of the skeleton."""
        joints, feet = skeleton.num_joints, len(body_of(skeleton).feet)
        shapes = {
            **{"joints": (count, joints, 3), "stands": (count, feet)},
            **{"confidence": (count, joints), "reprojection": (count,)},
            **{"axes": (3, 3), "camera": (3,), "focal": ()},
        }
        for name, shape in shapes.items():
            values = np.asarray(getattr(self, name))
            check_shape(values, shape, f"poses: world: {name}")
            if values.dtype.kind not in "biuf" or not np.isfinite(values).all():
                raise InputError(f"poses: world: {name} holds what is no finite number")

    def of_rows(self, rows: npt.NDArray[np.bool_]) -> World:
        """That of some of the poses."""
        return dataclasses.replace(self, **{name: getattr(self, name)[rows] for name in BY_POSE})
