"""What a TFLite file's precision costs the shipped model, on real clips."""

import dataclasses
import json
import zipfile

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from anatomy_tf.export.tflite.tflite_file import write_tflite
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.lifter import load_lifter
from tests.long import long


@pytest.fixture(scope="module")
def real(cmu, cmu_test_clips):
    """The shipped model; clips, and what it gives for them."""
    model = load_lifter("saved_models/cmu_27f")
    keras, lifted = ClipLifter(model), []
    for clip in cmu_test_clips[::10]:
        shorter = {f: getattr(clip, f)[:100] for f in ("keypoints", "visibility", "joints")}
        clip = dataclasses.replace(clip, **shorter)
        lifted.append((clip, keras(clip)["joints"]))
    return model, lifted


@pytest.mark.parametrize(
    ("precision", "bound"), [("int8", 1), long("float16", 0.1), long("dynamic_int8", 1)]
)
def test_what_a_precision_costs_on_real_clips(precision, bound, real, cmu, tmp_path):
    (model, lifted), path = real, tmp_path / "model.tflite"
    calibration = cmu.clips(cmu.train_subjects[:2]) if precision == "int8" else ()
    write_tflite(model, path, precision, calibration=calibration)
    lift = Interpreter(str(path), num_threads=1).get_signature_runner("lift")
    costs = []
    for clip, expected in lifted:
        target = clip.camera_joints()
        target = target - target[:, model.skeleton.root, np.newaxis]
        found = lift(
            keypoints=clip.keypoints[np.newaxis].astype(np.float32),
            visibility=clip.visibility[np.newaxis].astype(np.float32),
            image_size=np.float32([clip.resolution]),
            frames=np.int32([-1]),
        )["joints"][0]
        pairs = np.stack([found - target, expected - target, found - expected])
        far, as_far, apart = 1000 * np.linalg.norm(pairs, axis=-1).mean(axis=(1, 2))
        costs.append((far - as_far, apart))
    cost, difference = np.mean(costs, axis=0)
    assert abs(cost) < bound
    assert 0 < difference < 5 * bound
    with zipfile.ZipFile(path) as archive:
        assert json.loads(archive.read("metadata.json"))["precision"] == precision
