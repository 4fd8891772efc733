"""A person in frames that follow each other: what a level world is made of."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from anatomy_tf.skeleton import Skeleton
from anatomy_tf.world.root_path import Standing, root_path

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Track:
    """`T` frames of one person, in camera space.

    Args:
      skeleton: what the `J` joints are.
      fps: frames per second.
      joints: `(T, J, 3)` metres, relative to the root.
      rays: `(T, J, 2)` x / z and y / z of the keypoints.
      scores: `(T, J)`, 0 to 1.
    """

    skeleton: Skeleton
    fps: float
    joints: Floats
    rays: Floats
    scores: Floats

    def path(self, standing: Standing | None = None) -> Floats:
        """`(T, 3)` of the root."""
        return root_path(self.joints, self.rays, self.scores, self.fps, standing)


def rays_of(keypoints: npt.ArrayLike, resolution: tuple[int, int], focal: float) -> Floats:
    """`(..., 2)` pixels -> x / z and y / z; `focal` in pixels."""
    middle = np.array(resolution, np.float64) / 2
    return (np.asarray(keypoints, np.float64) - middle) / focal
