r"""How well single views of a real scene are lifted, against what several views tell together.

    python examples/wild/compare_views.py --demo=Pose2Sim/Demo_SinglePerson --models=any_81f,cmu_27f

The demonstration comes inside the package pose2sim of PyPI: videos of calibrated cameras that run
in step, of one person. The 2D keypoints that are lifted are triangulated too: what is measured is
what lifting adds to the detector's errors, not those that all views share.
"""

from __future__ import annotations

import argparse
import pathlib
import xml.etree.ElementTree as ElementTree

import numpy as np

from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.people import choose_people
from anatomy_tf.data.keypoint_sets import COCO_17, HUMAN36M_17, conversion
from anatomy_tf.evaluation.limb_metrics import flexion_errors, limb_errors
from anatomy_tf.evaluation.metrics import clip_scale_mpjpe, p_mpjpe
from anatomy_tf.poses.pose_lifter import load
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.video.people_in_video import detect_people

_SUBPIXELS = 64.0  # of Qualisys' files
_MILLIMETRES = 1000.0
_SMOOTHED = 7  # frames


class View:
    """A calibrated camera as Qualisys writes it: world -> camera, x right, y down, z forward."""

    def __init__(self, element: ElementTree.Element):
        place = _numbers(element, "transform")
        lens = _numbers(element, "intrinsic")
        rows = [[place[f"r{row}{column}"] for column in "123"] for row in "123"]
        self.rotation = np.diag([1.0, -1.0, -1.0]) @ np.array(rows)
        position = np.array([place[axis] for axis in "xyz"]) / _MILLIMETRES
        self.translation = -self.rotation @ position
        self.focal = np.array([lens["focalLengthU"], lens["focalLengthV"]]) / _SUBPIXELS
        self.centre = np.array([lens["centerPointU"], lens["centerPointV"]]) / _SUBPIXELS
        self.radial = (lens["radialDistortion1"], lens["radialDistortion2"])
        self.tangential = (lens["tangentalDistortion1"], lens["tangentalDistortion2"])

    @property
    def matrix(self) -> np.ndarray:
        """`(3, 4)`: world, homogeneous -> rays."""
        return np.column_stack([self.rotation, self.translation])

    def rays(self, keypoints: np.ndarray) -> np.ndarray:
        """`(..., 2)` pixels -> x / z and y / z without the lens' distortion."""
        seen = (keypoints - self.centre) / self.focal
        straight = seen
        for _ in range(20):
            square = (straight**2).sum(axis=-1, keepdims=True)
            x, y = straight[..., :1], straight[..., 1:]
            p, q = self.tangential
            shift = np.concatenate(
                [
                    2 * p * x * y + q * (square + 2 * x**2),
                    p * (square + 2 * y**2) + 2 * q * x * y,
                ],
                axis=-1,
            )
            straight = (seen - shift) / (1 + self.radial[0] * square + self.radial[1] * square**2)
        return straight


def views_of(path: pathlib.Path) -> list[View]:
    """The cameras of a Qualisys calibration, in the order of the file."""
    return [View(element) for element in ElementTree.parse(path).iter("camera")]


def triangulated(rays: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    """`(V, ..., 2)` rays of `(V, 3, 4)` cameras -> `(..., 3)`: least squares."""
    equations = rays[..., np.newaxis] * matrices[:, 2].reshape(
        len(matrices), *[1] * (rays.ndim - 1), 4
    ) - matrices[:, :2].reshape(len(matrices), *[1] * (rays.ndim - 2), 2, 4)
    stacked = np.moveaxis(equations, 0, -3).reshape(*rays.shape[1:-1], -1, 4)
    points = np.linalg.svd(stacked)[2][..., -1, :]
    return points[..., :3] / points[..., 3:]


def errors_of(predicted: np.ndarray, true: np.ndarray) -> dict[str, float]:
    """Of `(T, 17, 3)` joints of Human3.6M: millimetres and degrees."""
    return {
        "one scale, mm": _MILLIMETRES * clip_scale_mpjpe(predicted, true).mean(),
        "P-MPJPE, mm": _MILLIMETRES * p_mpjpe(predicted, true).mean(),
        "limbs": limb_errors(predicted, true, H36M_17).mean(),
        "knees": flexion_errors(predicted, true, "knee", H36M_17).mean(),
        "elbows": flexion_errors(predicted, true, "elbow", H36M_17).mean(),
    }


def main() -> None:
    """Prints a line for every model and view."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--demo", required=True, help="folder with videos/ and calibration/")
    parser.add_argument("--models", default="any_81f", help="models to compare, with commas")
    parser.add_argument("--guess_focal", action="store_true", help="do not tell focal lengths")
    given = parser.parse_args()
    demo = pathlib.Path(given.demo)
    views = views_of(next((demo / "calibration").glob("Calib*")))
    found = [detect_people(path) for path in sorted((demo / "videos").glob("cam*.mp4"))]
    rays = np.stack([view.rays(_keypoints(d)) for view, d in zip(views, found, strict=True)])
    joints = _smooth(triangulated(rays, np.stack([view.matrix for view in views])))
    world = conversion(COCO_17, HUMAN36M_17) @ joints
    rows = []
    for name in given.models.split(","):
        lifter = load(name)
        for number, (view, detections) in enumerate(zip(views, found, strict=True)):
            focal = None if given.guess_focal else float(view.focal.mean())
            poses = lifter.lift_detections(detections, focal=focal)
            true = world[poses.frame] @ view.rotation.T
            true = true - true[:, [H36M_17.root]]
            rows.append((f"{name}, camera {number + 1}", errors_of(poses.joints, true)))
        mean = {key: np.mean([row[key] for _, row in rows[-len(views) :]]) for key in rows[-1][1]}
        rows.append((f"{name}, mean", mean))
    print("| | " + " | ".join(rows[0][1]) + " |")
    for label, row in rows:
        print(f"| {label} | " + " | ".join(f"{value:.1f}" for value in row.values()) + " |")


def _numbers(element: ElementTree.Element, name: str) -> dict[str, float]:
    return {key: float(value) for key, value in element.find(name).attrib.items()}


def _keypoints(detections: Detections) -> np.ndarray:
    """`(T, 17, 2)` of the largest person, held where not found."""
    (person,) = choose_people(detections, detections.track, "largest")
    rows = np.flatnonzero(detections.track == person)
    frames = np.searchsorted(detections.frame[rows], np.arange(detections.num_frames), "right")
    return detections.keypoints[rows[np.maximum(frames - 1, 0)]].astype(np.float64)


def _smooth(joints: np.ndarray) -> np.ndarray:
    padded = np.pad(joints, ((_SMOOTHED // 2,) * 2, (0, 0), (0, 0)), mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, _SMOOTHED, axis=0).mean(axis=-1)


if __name__ == "__main__":
    main()
