"""Calibrated cameras: world -> camera space, and projection with lens distortion.

Camera space is x right, y down, z forward. Works on NumPy arrays and, where said, on tensors.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.rotations import quaternions_of
from anatomy_tf.geometry.screen import pixels_to_screen


@dataclasses.dataclass(frozen=True)
class Camera:
    """A camera's lens (pixels) and pose (metres).

    Args:
      resolution: (width, height) of the image.
      focal_length, center: (x, y) in pixels.
      radial_distortion: k1, k2, k3.
      tangential_distortion: p1, p2.
      orientation: unit quaternion (w, x, y, z) that turns camera axes into world axes.
      translation: position of the camera in the world, in metres.

    Raises:
      InputError: a field of the wrong length, not finite, or not positive where it has to be.
    """

    resolution: tuple[int, int]
    focal_length: tuple[float, float]
    center: tuple[float, float]
    radial_distortion: tuple[float, float, float] = (0.0, 0.0, 0.0)
    tangential_distortion: tuple[float, float] = (0.0, 0.0)
    orientation: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)
    translation: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        lengths = {"radial_distortion": 3, "orientation": 4, "translation": 3}
        for field in dataclasses.fields(self):
            count = lengths.get(field.name, 2)
            try:
                value = np.asarray(getattr(self, field.name), np.float64)
            except (TypeError, ValueError, OverflowError):
                value = np.empty(0)
            if value.shape != (count,):
                raise InputError(f"camera: {field.name} must be {count} numbers")
            if not np.isfinite(value).all():
                raise InputError(f"camera: {field.name} is not finite")
        if min(self.resolution) <= 0 or min(self.focal_length) <= 0:
            raise InputError("camera: resolution and focal_length must be positive")
        if abs(np.linalg.norm(self.orientation) - 1) > 1e-3:
            raise InputError("camera: orientation is not a unit quaternion")

    def world_to_camera(self, points: np.ndarray) -> np.ndarray:
        """`(..., 3)` metres in the world -> `(..., 3)` metres in camera space."""
        rotation = _rotation_matrix(self.orientation)
        return ((points - np.asarray(self.translation)) @ rotation).astype(points.dtype)

    @property
    def intrinsics(self) -> np.ndarray:
        """`(9,)` fx, fy, cx, cy, k1, k2, k3, p1, p2 in pixels, as `project` takes them."""
        return np.array(
            [
                *self.focal_length,
                *self.center,
                *self.radial_distortion,
                *self.tangential_distortion,
            ],
            np.float64,
        )

    @property
    def screen_intrinsics(self) -> np.ndarray:
        """`intrinsics` for projection to screen coordinates instead of pixels."""
        intrinsics = self.intrinsics
        intrinsics[:2] *= 2 / self.resolution[0]
        intrinsics[2:4] = pixels_to_screen(intrinsics[2:4], self.resolution)
        return intrinsics


def camera_of_matrices(
    resolution: tuple[int, int],
    lens: np.ndarray,
    rotation: np.ndarray,
    translation: np.ndarray,
    radial_distortion: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Camera:
    """The camera whose space is `rotation @ x + translation` of points `x` in the world.

    Args:
      lens: `(3, 3)` in pixels.
      rotation, translation: `(3, 3)`, and `(3,)` metres.

    Raises:
      InputError: the lens is none, or has oblique pixels; `rotation` is no rotation; or as `Camera`
        has it.
    """
    if not all(np.isfinite(values).all() for values in (lens, rotation, translation)):
        raise InputError("camera: a matrix is not finite")
    (fx, skew, cx), (_, fy, cy), last = lens
    if np.abs([skew, lens[1, 0]]).max() > 1e-3 * abs(fx) or np.abs(last - [0, 0, 1]).max() > 1e-6:
        raise InputError("camera: the matrix of its lens is none, or has oblique pixels")
    unit = np.abs(rotation @ rotation.T - np.eye(3)).max() < 1e-3
    if not unit or np.linalg.det(rotation) < 0:
        raise InputError("camera: its rotation is none")
    return Camera(
        resolution=resolution,
        focal_length=(fx, fy),
        center=(cx, cy),
        radial_distortion=radial_distortion,
        orientation=tuple(quaternions_of(rotation.T).tolist()),
        translation=tuple(-rotation.T @ translation),
    )


def project(points: Any, intrinsics: Any) -> tuple[Any, Any]:
    """`(..., 3)` camera-space points and `(..., 9)` intrinsics -> x and y on the image, each
    `(...)`.

    Arrays or tensors; leading axes broadcast. Radial and tangential distortion as Human3.6M has it.
    """
    fx, fy, cx, cy, k1, k2, k3, p1, p2 = (intrinsics[..., i] for i in range(9))
    x = points[..., 0] / points[..., 2]
    y = points[..., 1] / points[..., 2]
    r2 = x * x + y * y
    gain = 1 + r2 * (k1 + r2 * (k2 + r2 * k3)) + p1 * x + p2 * y
    return fx * (x * gain + p1 * r2) + cx, fy * (y * gain + p2 * r2) + cy


def mirror_intrinsics(intrinsics: np.ndarray) -> np.ndarray:
    """The lens that sees the mirrored scene as the mirror image; screen intrinsics `(..., 9)`."""
    mirrored = intrinsics.copy()
    mirrored[..., [2, 7]] *= -1
    return mirrored


def _rotation_matrix(quaternion: Sequence[float]) -> np.ndarray:
    w, x, y, z = np.asarray(quaternion, np.float64) / np.linalg.norm(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
