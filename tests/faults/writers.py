"""Everything that is written whole or not at all, each kind by a small example."""

import functools
import pathlib
import tempfile
from collections.abc import Callable

import keras
import numpy as np

from anatomy_tf.data.detections.plain import write_plain_csv, write_plain_npz
from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.data.sets.mocap_folder_writer import write_mocap_folder
from anatomy_tf.evaluation.error_report import write_report
from anatomy_tf.export.written_outputs import Outputs, export
from anatomy_tf.files import replacing
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.poses.formats import FORMATS
from anatomy_tf.poses.pose_lifter import PoseLifter
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.visualize.pose_animation import animate_poses
from anatomy_tf.visualize.pose_picture import draw_poses
from tests.faults.tiny_run import read_clips

DETECTIONS = pathlib.Path(__file__).parents[1] / "data/detections/files/balance_mmpose.json"
KEYPOINTS = np.random.default_rng(0).uniform(0, 500, (2, 17, 2))
JOINTS = np.random.default_rng(1).uniform(-1, 1, (2, 17, 3))


class Examples:
    """What there is to write; only `model` and `poses` compute with TensorFlow."""

    @functools.cached_property
    def model(self):
        keras.utils.set_random_seed(0)
        return AnatomyLifter(H36M_17, filter_widths=(3, 3), channels=4, sub_networks=1)

    @functools.cached_property
    def detections(self):
        return read_detections(str(DETECTIONS), "auto", (1920, 1080), 30.0)

    @functools.cached_property
    def poses(self):
        return PoseLifter(self.model, "tiny").lift_detections(self.detections)

    @functools.cached_property
    def clips(self):
        with tempfile.TemporaryDirectory() as folder:
            train, test = read_clips(pathlib.Path(folder))
            return [*train, *test]


def _save_model(examples: Examples, path: pathlib.Path) -> None:
    with replacing(path) as temporary:
        examples.model.save(temporary)


def _write_training_set(examples: Examples, path: pathlib.Path) -> None:
    write_mocap_folder(path, examples.clips, ["A01"], ["A10"])


EXPORTS: dict[str, Callable[[Examples, pathlib.Path], object]] = {
    "x.tflite": lambda make, path: export(make.model, Outputs(tflite=path)),
    "x.onnx": lambda make, path: export(make.model, Outputs(onnx=path)),
    "saved_model": lambda make, path: export(make.model, Outputs(saved_model_dir=path)),
    "serving": lambda make, path: export(make.model, Outputs(serving_dir=path)),
}
WRITERS: dict[str, Callable[[Examples, pathlib.Path], object]] = {
    **{f"x{ending}": lambda make, path: make.poses.save(path) for ending in FORMATS},
    "x.keras": _save_model,
    "training_set": _write_training_set,
    "report.json": lambda make, path: write_report({"mpjpe_mm": 1.0}, path),
    "found.npz": lambda make, path: write_plain_npz(path, make.detections),
    "found.csv": lambda make, path: write_plain_csv(path, make.detections),
    "picture.png": lambda make, path: draw_poses(KEYPOINTS, JOINTS, H36M_17, (0, 1), path),
    "picture.svg": lambda make, path: draw_poses(KEYPOINTS, JOINTS, H36M_17, (0, 1), path),
    "picture.gif": lambda make, path: animate_poses(KEYPOINTS, JOINTS, H36M_17, 25, path),
}
