"""Cameras around a capture volume: drawn, or read from a file."""

from __future__ import annotations

import dataclasses
import json
import pathlib

import numpy as np

from anatomy_tf.data.motion.motion_text import read_text
from anatomy_tf.data.sets.mocap_folder import camera_of_entry
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import Camera, project

RESOLUTION = (1000, 1000)
_FOCAL_LENGTH = 1145.0
_DISTANCES = (4.2, 5.6)
_HEIGHTS = (1.3, 1.7)
_AIM = (0.0, 0.0, 0.9)
_AIM_SD = 0.1
_SPREAD = 0.6
"""How far a camera may be from its place on the circle, of the angle between two."""
IN_IMAGE = 0.995
_NEAREST = 0.3
_SLACK = 1e-3
"""Metres beyond the place from which a joint is on the very edge of the image."""


def draw_cameras(rng: np.random.Generator, count: int = 4) -> list[Camera]:
    """Cameras around the origin that look at a person who stands there; they do not know the motion
    yet.

    Distances of 4.2 to 5.6 m, heights of 1.3 to 1.7 m, and a focal length of 1145 pixels for an
    image of 1000 x 1000, as in Human3.6M.
    """
    start = rng.uniform(0, 2 * np.pi)
    cameras = []
    for number in range(count):
        angle = start + 2 * np.pi / count * (number + rng.uniform(-0.5, 0.5) * _SPREAD)
        distance, height = rng.uniform(*_DISTANCES), rng.uniform(*_HEIGHTS)
        place = np.array([distance * np.cos(angle), distance * np.sin(angle), height])
        aim = np.array(_AIM) + rng.normal(size=3) * _AIM_SD
        cameras.append(_looking(place, aim))
    return cameras


def step_back(camera: Camera, joints: np.ndarray, share: float = IN_IMAGE) -> Camera:
    """`camera`, moved straight back until it sees this share of the joints.

    Args:
      camera: without distortion, its centre in the middle of the image.
      joints: `(T, J, 3)` metres in world space.
    """
    points = camera.world_to_camera(joints).reshape(-1, 3)
    # At this depth a point lies on the edge of the image.
    slopes = np.array(camera.center) / camera.focal_length
    depths = np.abs(points[:, :2] / slopes).max(axis=1)
    missing = np.quantile(depths - points[:, 2], share, method="higher")
    back = max(0.0, missing + _SLACK, np.max(_NEAREST - points[:, 2]) + _SLACK)
    forward = camera_axes(camera)[2]
    place = np.array(camera.translation) - back * forward
    return dataclasses.replace(camera, translation=tuple(place.tolist()))


def camera_axes(camera: Camera) -> np.ndarray:
    """`(3, 3)`: the camera's x, y and z axis in the world, one a row."""
    origin = np.array(camera.translation)
    return camera.world_to_camera(origin + np.eye(3)).T


def share_in_image(camera: Camera, joints: np.ndarray) -> float:
    """Share of the joints, `(T, J, 3)` metres in world space, in the image; 0 if one of them is not
    ahead.
    """
    points = camera.world_to_camera(joints.astype(np.float64))
    if points[..., 2].min() < _NEAREST:
        return 0.0
    x, y = project(points, camera.intrinsics)
    width, height = camera.resolution
    return float(((x >= 0) & (x < width) & (y >= 0) & (y < height)).mean())


def _looking(place: np.ndarray, aim: np.ndarray) -> Camera:
    """An upright camera at `place` with `aim` in the middle of its image."""
    from scipy.spatial.transform import Rotation

    forward = (aim - place) / np.linalg.norm(aim - place)
    right = np.cross(forward, [0, 0, 1])
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(forward, right), forward], axis=1)
    return Camera(
        resolution=RESOLUTION,
        focal_length=(_FOCAL_LENGTH, _FOCAL_LENGTH),
        center=(RESOLUTION[0] / 2, RESOLUTION[1] / 2),
        orientation=tuple(Rotation.from_matrix(axes).as_quat(scalar_first=True).tolist()),
        translation=tuple(place.tolist()),
    )


def read_cameras(path: pathlib.Path | str) -> list[Camera]:
    """The cameras of a file: `{"cameras": [...]}`, each as in the `cameras.json` of a mocap folder.

    Raises:
      InputError: the file is missing or no JSON, or a camera lacks a field or is unusable.
    """
    path = pathlib.Path(path)
    try:
        content = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: {error}") from error
    entries = content.get("cameras") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not entries:
        raise InputError(f"{path}: expected an object with a list of cameras")
    return [
        camera_of_entry(entry, f"{path}: camera {number}") for number, entry in enumerate(entries)
    ]
