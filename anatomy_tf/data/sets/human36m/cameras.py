"""The four cameras of Human3.6M, whose calibration is published: lenses, and poses for every
subject.
"""

from __future__ import annotations

import functools
import json
import pathlib

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import Camera

_FILE = pathlib.Path(__file__).parent / "cameras.json"


def cameras_of(subject: str) -> tuple[Camera, ...]:
    """54138969, 55011271, 58860488 and 60457274, in the order that all files have them.

    Raises:
      InputError: a subject without published cameras.
    """
    published = _published()
    if subject not in published["poses_mm"]:
        known = ", ".join(published["poses_mm"])
        raise InputError(f"no cameras of subject {subject} are published; there are {known}")
    return tuple(
        Camera(
            resolution=(lens["res_w"], lens["res_h"]),
            focal_length=tuple(lens["focal_length"]),
            center=tuple(lens["center"]),
            radial_distortion=tuple(lens["radial_distortion"]),
            tangential_distortion=tuple(lens["tangential_distortion"]),
            orientation=tuple(pose["orientation"]),
            translation=tuple(mm / 1000 for mm in pose["translation"]),
        )
        for lens, pose in zip(published["lenses"], published["poses_mm"][subject], strict=True)
    )


@functools.cache
def _published() -> dict:
    return json.loads(_FILE.read_text(encoding="utf-8"))
