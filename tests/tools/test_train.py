"""From training to a finished and exported model."""

import json
import re

import pytest

from tests.tools.processes import run


def test_train_leaves_all_that_it_promises(trained):
    output_dir, out = trained
    assert {path.name for path in output_dir.iterdir()} == {
        *("model.keras", "metrics.json", "flags.cfg", "run.json", "checkpoints", "tensorboard"),
        *("saved_model", "model.tflite"),
    }
    report = json.loads((output_dir / "metrics.json").read_text())
    assert f"{report['mpjpe_mm']:.1f}" in out
    assert re.search(r"epoch 2/2 .* step 6/6 .* 0:00 left", out)


def test_evaluate_reads_back_what_train_reported(trained, data_dir, tmp_path):
    output_dir, _ = trained
    code, _, errors = run(
        *("evaluate", f"--model={output_dir}", "--data=cmu", f"--data_dir={data_dir}"),
        f"--json={tmp_path / 'report.json'}",
    )
    assert (code, errors) == (0, [])
    report = json.loads((tmp_path / "report.json").read_text())
    trained_report = json.loads((output_dir / "metrics.json").read_text())
    assert trained_report.pop("run")["epochs"] == 2
    assert report == trained_report


@pytest.mark.long
def test_the_flags_of_a_run_repeat_it(trained, data_dir, tmp_path):
    output_dir, _ = trained
    code, _, _ = run(
        "train", f"--flagfile={output_dir}/flags.cfg", f"--output_dir={tmp_path / 'b'}"
    )
    assert code == 0
    reports = [json.loads((d / "metrics.json").read_text()) for d in (output_dir, tmp_path / "b")]
    assert [report.pop("run")["seed"] for report in reports] == [0, 0]
    assert reports[0] == reports[1]


def test_evaluate_with_other_subjects_flip_and_assembly(trained, data_dir, tmp_path):
    output_dir, _ = trained
    path = tmp_path / "report.json"
    code, out, _ = run(
        *("evaluate", f"--model={output_dir}/model.keras", f"--data_dir={data_dir}", "--flip"),
        *("--subjects=A01,A10", "--assembly=kinematic", f"--json={path}"),
    )
    report = json.loads(path.read_text())
    assert code == 0
    assert report["protocol"]["subjects"] == ["A01", "A10"]
    assert report["protocol"]["test_time_flip"] is True
    assert report["bone_std_mm"] < 1e-3
    assert "assembly kinematic" in out


@pytest.mark.long
def test_resuming_a_finished_run_leaves_it_whole(trained, data_dir, config):
    output_dir, _ = trained
    before = {path.name for path in output_dir.iterdir()}
    code, _, errors = run(
        *("train", f"--flagfile={config}", f"--data_dir={data_dir}"),
        *(f"--output_dir={output_dir}", "--export", "--resume"),
    )
    assert (code, errors) == (0, [])
    assert {path.name for path in output_dir.iterdir()} == before


@pytest.mark.long
def test_export_writes_both(trained, tmp_path):
    output_dir, _ = trained
    code, _, errors = run(
        *("export", f"--model={output_dir}", f"--saved_model_dir={tmp_path / 'saved'}"),
        f"--tflite={tmp_path / 'model.tflite'}",
    )
    assert (code, errors) == (0, [])
    assert (tmp_path / "saved" / "saved_model.pb").is_file()
    assert (tmp_path / "model.tflite").read_bytes() == (output_dir / "model.tflite").read_bytes()


def test_runs_side_by_side(trained, tmp_path):
    output_dir, _ = trained
    table = tmp_path / "table.md"
    code, out, errors = run(
        *("compare", f"--output={table}", f"--curves={tmp_path / 'curves.svg'}"),
        *(output_dir, output_dir),
    )
    assert (code, errors) == (0, [])
    report = json.loads((output_dir / "metrics.json").read_text())
    assert table.read_text().splitlines()[2].startswith(f"| MPJPE | {report['mpjpe_mm']:.1f} | ")
    assert re.search(r"^keras +\d", out, re.MULTILINE)
    assert (tmp_path / "curves.svg").is_file()
    code, _, errors = run("compare", output_dir, tmp_path)
    assert (code, len(errors)) == (1, 1)
    assert errors[0].endswith(f"{tmp_path}: no run, which has a flags.cfg")
