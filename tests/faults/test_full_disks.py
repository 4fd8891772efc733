"""Everything that is written is whole or absent, and one line says so: on a disk that fills up at
the first byte, in the middle, and at the last.
"""

import pathlib

import numpy as np
import pytest

from anatomy_tf.data.detections.plain import write_plain_csv, write_plain_npz
from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.error_report import write_report
from anatomy_tf.export.written_outputs import Outputs, export
from anatomy_tf.files import new_folder, replacing
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.poses.formats import FORMATS
from anatomy_tf.poses.pose_lifter import PoseLifter
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.visualize.pose_animation import animate_poses
from anatomy_tf.visualize.pose_picture import draw_poses
from tests.faults.no_room import no_room

DETECTIONS = pathlib.Path(__file__).parents[1] / "data/detections/files/balance_mmpose.json"
KEYPOINTS = np.random.default_rng(0).uniform(0, 500, (2, 17, 2))
JOINTS = np.random.default_rng(1).uniform(-1, 1, (2, 17, 3))


@pytest.fixture(scope="module")
def model():
    return AnatomyLifter(H36M_17, filter_widths=(3, 3), channels=4, sub_networks=1)


@pytest.fixture(scope="module")
def detections():
    return read_detections(str(DETECTIONS), "auto", (1920, 1080), 30.0)


@pytest.fixture(scope="module")
def poses(model, detections):
    return PoseLifter(model, "tiny").lift_detections(detections)


def save_model(model, path):
    with replacing(path) as temporary:
        model.save(temporary)


WRITERS = {
    **{f"x{ending}": lambda make, path: make("poses").save(path) for ending in FORMATS},
    "x.keras": lambda make, path: save_model(make("model"), path),
    "x.tflite": lambda make, path: export(make("model"), Outputs(tflite=path)),
    "x.onnx": lambda make, path: export(make("model"), Outputs(onnx=path)),
    "saved_model": lambda make, path: export(make("model"), Outputs(saved_model_dir=path)),
    "serving": lambda make, path: export(make("model"), Outputs(serving_dir=path)),
    "report.json": lambda make, path: write_report({"mpjpe_mm": 1.0}, path),
    "found.npz": lambda make, path: write_plain_npz(path, make("detections")),
    "found.csv": lambda make, path: write_plain_csv(path, make("detections")),
    "picture.png": lambda make, path: draw_poses(KEYPOINTS, JOINTS, H36M_17, (0, 1), path),
    "picture.svg": lambda make, path: draw_poses(KEYPOINTS, JOINTS, H36M_17, (0, 1), path),
    "picture.gif": lambda make, path: animate_poses(KEYPOINTS, JOINTS, H36M_17, 25, path),
}


EXPORTS = ("x.tflite", "x.onnx", "saved_model", "serving")


@pytest.mark.parametrize("name", [name for name in WRITERS if name not in EXPORTS])
def test_what_is_written_is_whole_or_absent(name, request, tmp_path):
    WRITERS[name](request.getfixturevalue, tmp_path / name)
    size = (tmp_path / name).stat().st_size
    for limit in (0, size // 2, size - 1):
        check_absent(name, limit, request, tmp_path / f"limit{limit}" / name)


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_whole_or_absent(name, request, tmp_path):
    """Once, in the middle of its largest file, as exports take long."""
    check_absent(name, 10_000, request, tmp_path / "limit" / name)


def check_absent(name: str, limit: int, request, target: pathlib.Path) -> None:
    with pytest.raises(InputError, match="cannot be written") as caught, no_room(limit):
        WRITERS[name](request.getfixturevalue, target)
    assert "\n" not in str(caught.value)
    assert str(target) in str(caught.value)
    assert [path for path in target.parent.rglob("*") if path.is_file()] == []


def test_an_older_file_or_folder_stays_as_it_was(tmp_path):
    path, folder = tmp_path / "file", tmp_path / "folder"
    path.write_bytes(b"older")
    folder.mkdir()
    (folder / "file").write_bytes(b"older")
    with pytest.raises(InputError), no_room(3), replacing(path) as temporary:
        temporary.write_bytes(b"newer")
    with pytest.raises(InputError), no_room(3), new_folder(folder, replace=True) as temporary:
        (temporary / "file").write_bytes(b"newer")
    assert path.read_bytes() == (folder / "file").read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
