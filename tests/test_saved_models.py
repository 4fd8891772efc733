"""The models that are shipped are what their cards say."""

import json
import pathlib

import pytest

from anatomy_tf.evaluation.evaluate import METRICS, evaluate
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.lifter import load_lifter

ROOT = pathlib.Path(__file__).parents[1] / "saved_models"
FOLDERS = sorted(path.parent for path in ROOT.glob("*/model.keras"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_metrics_are_those_beside_the_model(folder, cmu_test_clips):
    report = evaluate(ClipLifter(load_lifter(folder)), cmu_test_clips, "cmu")
    expected = json.loads((folder / "metrics.json").read_text())
    for name in METRICS:
        assert report[name] == pytest.approx(expected[name], abs=0.02)
    assert report["protocol"] == expected["protocol"]
    card = (folder / "README.md").read_text()
    assert f"{expected['mpjpe_mm']:.1f} mm MPJPE" in card


def test_there_is_one():
    assert FOLDERS
