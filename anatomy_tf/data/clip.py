"""One video of one person: what every data source is read into."""

from __future__ import annotations

import dataclasses

import numpy as np

from anatomy_tf.data.checks import check_finite, check_shape
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import Camera
from anatomy_tf.geometry.screen import pixels_to_screen, screen_focal
from anatomy_tf.skeleton import Skeleton


@dataclasses.dataclass(frozen=True)
class Clip:
    """2D keypoints of `T` frames, with the 3D joints and the camera where they are known.

    Args:
      name: how messages call the clip.
      subject, action: who does what.
      skeleton: what the `J` joints are.
      resolution: (width, height) of the image in pixels.
      fps: frames per second.
      keypoints: `(T, J, 2)` pixels, origin at the top left, y down.
      visibility: `(T, J)` scores, 0 to 1.
      joints: `(T, J, 3)` metres in world space, or None.
      camera: the calibrated camera, or None.
      focal_length: in pixels, where it is known though the camera is not.
      keypoints_from: how reports call the source of the keypoints.
      scored: `(T,)` bool, the frames that an evaluation counts; None counts all.

    Raises:
      InputError: no frames, a wrong shape, or values that are not finite; names clip and field.
    """

    name: str
    subject: str
    action: str
    skeleton: Skeleton
    resolution: tuple[int, int]
    fps: float
    keypoints: np.ndarray
    visibility: np.ndarray
    joints: np.ndarray | None = None
    camera: Camera | None = None
    keypoints_from: str = "detections"
    scored: np.ndarray | None = None
    focal_length: float | None = None

    def __post_init__(self) -> None:
        frames = len(self.keypoints) if np.ndim(self.keypoints) else 0
        if frames == 0:
            raise InputError(f"clip {self.name}: keypoints: the clip has no frames")
        if self.scored is not None:
            check_shape(self.scored, (frames,), f"clip {self.name}: scored")
        shapes = {"keypoints": (2,), "visibility": (), "joints": (3,)}
        for field, tail in shapes.items():
            values = getattr(self, field)
            if values is None and field == "joints":
                continue
            where = f"clip {self.name}: {field}"
            check_shape(values, (frames, self.skeleton.num_joints, *tail), where)
            check_finite(values, where)
        if not (np.isfinite(self.fps) and self.fps > 0 and min(self.resolution) > 0):
            raise InputError(f"clip {self.name}: fps and resolution must be positive")
        if self.focal_length is not None:
            self.screen_focal()

    def __len__(self) -> int:
        return len(self.keypoints)

    def screen_keypoints(self) -> np.ndarray:
        """`(T, J, 2)` float32 screen coordinates, as the models take them."""
        return pixels_to_screen(self.keypoints, self.resolution).astype(np.float32)

    def screen_focal(self) -> float:
        """Focal length in screen units: the camera's, or `focal_length`, or the guess.

        Raises:
          InputError: one that cannot be that of an image of this resolution.
        """
        known = self.focal_length if self.camera is None else float(self.camera.focal_length[0])
        try:
            return screen_focal(self.resolution, known)
        except InputError as error:
            raise InputError(f"clip {self.name}: {error}") from error

    def camera_joints(self) -> np.ndarray:
        """`(T, J, 3)` float32 metres in camera space.

        Raises:
          InputError: the clip has no 3D joints or no camera.
        """
        if self.joints is None:
            raise InputError(f"clip {self.name}: joints is needed here, and the clip has none")
        return self.known_camera().world_to_camera(self.joints).astype(np.float32)

    def known_camera(self) -> Camera:
        """The camera; raises an InputError where there is none."""
        if self.camera is None:
            raise InputError(f"clip {self.name}: camera is needed here, and the clip has none")
        return self.camera
