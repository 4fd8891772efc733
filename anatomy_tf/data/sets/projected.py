"""Keypoints of a perfect detector, for the lower bound of the paper's Table II."""

from __future__ import annotations

import dataclasses

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.geometry.camera import project


def project_keypoints(clip: Clip) -> Clip:
    """`clip` with its 3D joints as the camera sees them in place of detections, all of them
    visible.

    Raises:
      InputError: the clip has no 3D joints or no camera.
    """
    points = clip.camera_joints().astype(np.float64)
    keypoints = np.stack(project(points, clip.camera.intrinsics), axis=-1)
    return dataclasses.replace(
        clip,
        keypoints=keypoints.astype(np.float32),
        visibility=np.ones_like(clip.visibility),
        keypoints_from="projected joints",
    )
