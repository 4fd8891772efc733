"""The models that are shipped are what their cards say."""

import json
import pathlib
import re

import pytest

from anatomy_tf.evaluation.evaluate import METRICS, evaluate
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.lifter import load_lifter
from anatomy_tf.shipped import model_path
from tests.long import long_but

ROOT = pathlib.Path(__file__).parents[1] / "saved_models"
FOLDERS = sorted(path.parent for path in ROOT.glob("*/model.keras"))

SECTIONS = (
    *("What it is", "What it is for", "Data and licence", "Training", "Errors"),
    *("Size and speed", "Limits", "How to use it"),
)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_cards_say_the_same_things(folder):
    card = (folder / "README.md").read_text()
    assert card.startswith(f"# {folder.name}\n")
    assert tuple(re.findall("^## (.+)$", card, re.MULTILINE)) == SECTIONS
    metrics = json.loads((folder / "metrics.json").read_text())
    assert " | ".join(f"{metrics[name]:.1f}" for name in METRICS) in card
    for name in re.findall(r"--model=([\w/.]+)", card):
        assert model_path(ROOT.parent / name if "/" in name else name).exists()
    linked = re.findall(r"\]\((.+?)\)", card) + re.findall(r"--flagfile=([\w/.]+)", card)
    for path in linked:
        assert (folder / path).exists() or (ROOT.parent / path).exists(), path


@pytest.mark.parametrize(
    "folder", long_but([ROOT / "any_81f"], FOLDERS), ids=lambda folder: folder.name
)
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
