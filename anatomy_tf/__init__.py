"""3D human pose from 2D keypoints in video, by bone directions and bone lengths.

    import anatomy_tf as at

    lifter = at.load("cmu_27f")
    detections = at.read_detections("alphapose-results.json", resolution=(1920, 1080), fps=30)
    poses = lifter.lift_detections(detections)
    print(poses.joints.shape, poses.notes)  # (frames, 17, 3) metres
    poses.save("walk.json")  # or .html, .glb, .csv, ...

`load(...).lift_video` takes a video file, `.lift` keypoints as arrays, `.stream` live ones.
TensorFlow is loaded when it is first needed. Follows Chen et al., "Anatomy-aware 3D Human Pose
Estimation with Bone-based Pose Decomposition"; sections and equations in the docstrings are that
paper's.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from anatomy_tf.errors import InputError
from anatomy_tf.version import __version__

if TYPE_CHECKING:
    from anatomy_tf.data.detections.arrays import detections_of_arrays
    from anatomy_tf.data.detections.detections import Detections
    from anatomy_tf.data.detections.reading import read_detections
    from anatomy_tf.data.keypoint_sets import KEYPOINT_SETS
    from anatomy_tf.evaluation.of_data import evaluate
    from anatomy_tf.inference.live import LiveStream
    from anatomy_tf.poses.pose_lifter import PoseLifter, load
    from anatomy_tf.poses.result import Poses, read_poses
    from anatomy_tf.shipped import model_names
    from anatomy_tf.skeleton import Skeleton
    from anatomy_tf.training.experiment import train
    from anatomy_tf.video.people_in_video import detect_people

__all__ = [
    "KEYPOINT_SETS",
    "Detections",
    "InputError",
    "LiveStream",
    "PoseLifter",
    "Poses",
    "Skeleton",
    "__version__",
    "detect_people",
    "detections_of_arrays",
    "evaluate",
    "load",
    "model_names",
    "read_detections",
    "read_poses",
    "train",
]

_PLACES = {
    "KEYPOINT_SETS": "data.keypoint_sets",
    "Detections": "data.detections.detections",
    "LiveStream": "inference.live",
    "PoseLifter": "poses.pose_lifter",
    "Poses": "poses.result",
    "Skeleton": "skeleton",
    "detect_people": "video.people_in_video",
    "detections_of_arrays": "data.detections.arrays",
    "evaluate": "evaluation.of_data",
    "load": "poses.pose_lifter",
    "model_names": "shipped",
    "read_detections": "data.detections.reading",
    "read_poses": "poses.result",
    "train": "training.experiment",
}


def __getattr__(name: str) -> object:
    """Public names are looked up when they are first used, so that importing costs nothing."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
