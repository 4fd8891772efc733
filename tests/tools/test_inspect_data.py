import json

import numpy as np
import pytest

from tests.mocap_folder import rewrite
from tests.tools.processes import ROOT, in_parallel, run

DETECTIONS = ROOT / "tests/data/detections/files/balance_alphapose-results.json"


def test_a_data_set(data_dir, tmp_path):
    report, picture = tmp_path / "report.json", tmp_path / "picture.png"
    code, out, errors = run(
        *("inspect_data", "--data=cmu", f"--data_dir={data_dir}", "--subjects=A10"),
        *(f"--json={report}", f"--picture={picture}"),
    )
    assert (code, errors) == (0, [])
    assert "nothing suspicious found" in out
    assert "clips               2\n" in out
    summary = json.loads(report.read_text())
    assert list(summary["subjects"]) == ["A10"]
    assert summary["findings"] == []
    assert picture.stat().st_size > 10_000


def test_findings_are_no_failure(mocap_folder, tmp_path):
    rewrite(mocap_folder / "poses_3d.npz", unit_m=np.array(1.0))
    report = tmp_path / "report.json"
    code, out, errors = run(
        *("inspect_data", "--data=cmu", f"--data_dir={mocap_folder}", f"--json={report}")
    )
    assert (code, errors) == (0, [])
    assert "Likely: millimetres that were read as metres" in out
    found = {finding["check"] for finding in json.loads(report.read_text())["findings"]}
    assert "units_of_joints" in found


def test_detections(tmp_path):
    picture = tmp_path / "picture.svg"
    code, out, errors = run(
        *("inspect_data", f"--detections={DETECTIONS}", "--fps=60", f"--picture={picture}")
    )
    assert (code, errors) == (0, [])
    assert "frames by people    0: 0, 1: 100\n" in out
    assert "does not tell its resolution" in out
    assert "does not tell its fps" not in out
    assert picture.exists()


MISTAKES = {
    (): "give either --data or --detections",
    ("--data=cmu", "--detections=a.json"): "give either --data or --detections",
    ("--detections=nowhere.json",): "nowhere.json",
    ("--detections=a.json", "--resolution=big"): "--resolution=big: not WxH, like 1920x1080",
    ("--data=cmu", "--subjects=A99"): "no subject A99",
    ("--data=cmu", "--picture=p.doc"): "p.doc: pictures are .png or .svg",
}


@pytest.fixture(scope="module")
def refused():
    return in_parallel(lambda flags: run("inspect_data", *flags), MISTAKES)


@pytest.mark.parametrize("flags", MISTAKES)
def test_mistakes_are_one_line(flags, refused):
    code, out, errors = refused[flags]
    assert (code, out) == (1, "")
    assert len(errors) == 1
    assert MISTAKES[flags] in errors[0]
