"""Bones of joints without TensorFlow, so that poses can be read and written without it."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from anatomy_tf.skeleton import Skeleton

Floats = npt.NDArray[np.float32]
Real = TypeVar("Real", bound=np.floating)


def bones_of_joints(joints: Floats, skeleton: Skeleton) -> tuple[Floats, Floats]:
    """`(N, J, 3)` joints -> `(N, K, 3)` unit directions, 0 for a bone of no length, and `(N, K)`
    lengths.
    """
    near, far = skeleton.bones.T
    vectors = joints[:, far] - joints[:, near]
    lengths = np.linalg.norm(vectors, axis=-1)
    return unit_vectors(vectors), lengths.astype(np.float32)


def unit_vectors(vectors: npt.NDArray[Real]) -> npt.NDArray[Real]:
    """`(..., 3)` of length 1; those of no length stay 0."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
