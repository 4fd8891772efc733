"""The client for devices, in an environment that has nothing but what it asks for."""

import csv
import importlib.util
import io
import os
import pathlib
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.data.clip import Clip
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.skeleton import H36M_17
from tests.damage import changed, fuzz
from tests.export.tflite.small_tflite import small_tflite
from tests.mocap_folder import rewrite

FOLDER = pathlib.Path(__file__).parents[2] / "examples" / "device"


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("device_stream", FOLDER / "stream.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def model(tmp_path):
    (tmp_path / "small.tflite").write_bytes(small_tflite()[1])
    return tmp_path / "small.tflite"


@pytest.fixture
def detections(tmp_path):
    (tmp_path / "balance.npz").write_bytes((FOLDER / "balance.npz").read_bytes())
    return tmp_path / "balance.npz"


@pytest.mark.long
def test_alone_in_a_fresh_environment_it_gives_the_joints_of_keras(tmp_path, model, detections):
    folder = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def run(*arguments: object) -> subprocess.CompletedProcess:
        return subprocess.run(
            [str(python), *map(str, arguments)],
            **{"cwd": tmp_path, "env": environment, "capture_output": True, "text": True},
        )

    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    subprocess.run([*pip, "-r", FOLDER / "requirements.txt"], check=True)
    for module in ("tensorflow", "keras", "anatomy_tf"):
        assert f"No module named '{module}'" in run("-c", f"import {module}").stderr

    flags = (f"--model={model}", f"--detections={detections}")
    lifted = run(FOLDER / "stream.py", *flags)
    assert lifted.returncode == 0, lifted.stderr
    rows = list(csv.DictReader(io.StringIO(lifted.stdout)))
    assert [row["joint"] for row in rows[:17]] == list(H36M_17.joint_names)
    found = np.array([[float(row[axis]) for axis in "xyz"] for row in rows]).reshape(-1, 17, 3)
    expected = ClipLifter(small_tflite()[0])(_clip(detections))["joints"]
    np.testing.assert_allclose(found, expected, atol=2e-4)  # printed with 4 decimals
    assert "84 frames: " in lifted.stderr.splitlines()[-1]

    failed = run(FOLDER / "stream.py", flags[0], "--detections=none.npz")
    assert (failed.returncode, failed.stdout) == (1, "")
    reason = "stream.py: none.npz: cannot be read (No such file or directory)"
    assert failed.stderr.splitlines() == [reason]


def _clip(detections: pathlib.Path) -> Clip:
    with np.load(detections) as archive:
        keypoints, visibility = archive["keypoints"], archive["visibility"]
        width, height = archive["image_size"].tolist()
    size = {"resolution": (width, height), "fps": 50}
    seen = {"keypoints": keypoints, "visibility": visibility}
    return Clip("balance", "somebody", "balance", H36M_17, **size, **seen)


def test_a_joint_that_is_not_seen_stays_where_it_was(example, model, detections):
    keypoints, visibility, image_size = example.read_detections(str(detections), 17)
    stream = example.Stream(model.read_bytes())
    shown, hidden = keypoints[:10].copy(), keypoints[:10].copy()
    shown[5:, 3], hidden[5:, 3] = keypoints[4, 3], np.nan
    visibility[5:, 3] = 0
    joints = []
    for frames in (shown, hidden):
        stream.reset()
        joints.append([stream.push(*f, image_size) for f in zip(frames, visibility, strict=False)])
    np.testing.assert_array_equal(joints[0], joints[1])
    assert np.isfinite(joints).all()


def test_detections_that_are_none(example, detections):
    for changes, reason in (
        ({"visibility": None}, "visibility is missing"),
        ({"keypoints": np.zeros((84, 16, 2))}, r"keypoints has shape \(84, 16, 2\), expected"),
        ({"keypoints": np.zeros((0, 17, 2))}, r"keypoints has shape \(0, 17, 2\), expected"),
        ({"keypoints": np.float32(1)}, r"keypoints has shape \(\), expected"),
        ({"visibility": np.zeros((83, 17))}, r"visibility has shape \(83, 17\), expected"),
        ({"image_size": np.zeros(3)}, r"image_size has shape \(3,\), expected"),
        ({"keypoints": np.array(["a"])}, "not an .npz file of numbers"),
        ({"keypoints": np.array([None])}, "not an .npz file of numbers"),
    ):
        detections.write_bytes((FOLDER / "balance.npz").read_bytes())
        rewrite(detections, **changes)
        with pytest.raises(example.InputError, match=rf"balance.npz: {reason}"):
            example.read_detections(str(detections), 17)


def test_an_array_that_claims_more_than_there_is(example, detections):
    with zipfile.ZipFile(detections, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("keypoints.npy", bytes(example.LARGEST_DETECTIONS + 1))
    with pytest.raises(example.InputError, match="holds more than 100000000 bytes"):
        example.read_detections(str(detections), 17)


def test_models_that_are_none(example, model):
    content = model.read_bytes()
    model.write_bytes(content[: len(content) // 2])
    with pytest.raises(example.InputError, match=r"small.tflite: not a TFLite file of anatomy-tf"):
        example.read_metadata(str(model))
    with zipfile.ZipFile(model, "w") as archive:
        archive.writestr("metadata.json", '{"signatures": {"lift": {}}, "joint_names": []}')
    with pytest.raises(example.InputError, match=r"small.tflite: the model is not causal"):
        example.read_metadata(str(model))


@fuzz(max_examples=50)
@given(data=st.data())
def test_damaged_detections_are_read_or_refused(example, detections, data):
    original = (FOLDER / "balance.npz").read_bytes()
    detections.write_bytes(changed(data, original))
    try:
        example.read_detections(str(detections), 17)
    except example.InputError as error:
        assert "\n" not in str(error)
