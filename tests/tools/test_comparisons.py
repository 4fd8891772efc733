"""Tools that compare models: ablation, real time, speed."""

import json
import re
import signal

import keras
import pytest

from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from tests.tools.processes import ROOT, finish, run, run_in, start

pytestmark = pytest.mark.long


def test_ablate_trains_row_by_row_and_goes_on_where_it_stopped(data_dir, config, tmp_path):
    training = tmp_path / "training.cfg"
    training.write_text(f"{config.read_text()}--epochs=1\n--steps_per_epoch=1\n")
    tmp_path = tmp_path / "ablation"
    arguments = ["--rows=baseline,composition", "--seeds=0,1", f"--training={training}"]
    arguments += [f"--data_dir={data_dir}", f"--output_dir={tmp_path}"]
    process = start("ablate", *arguments)
    for line in process.stdout:
        if line.startswith("Baseline, seed 1"):
            break
    process.send_signal(signal.SIGINT)
    code, _, errors = finish(process)
    assert (code, errors[-1]) == (130, "ablate.py: interrupted")
    first = (tmp_path / "baseline" / "seed_0" / "metrics.json").stat().st_mtime_ns
    code, out, _ = run("ablate", *arguments)
    assert code == 0
    assert (tmp_path / "baseline" / "seed_0" / "metrics.json").stat().st_mtime_ns == first
    assert "Baseline, seed 0" not in out
    rows = (tmp_path / "runs.csv").read_text().splitlines()
    assert [row.split(",")[:2] for row in rows[1:]] == [
        *(["baseline", "0"], ["baseline", "1"], ["composition", "0"], ["composition", "1"])
    ]
    reports = [
        json.loads((tmp_path / "composition" / f"seed_{seed}" / "metrics.json").read_text())
        for seed in (0, 1)
    ]
    mean = (reports[0]["mpjpe_mm"] + reports[1]["mpjpe_mm"]) / 2
    assert f"| {mean:.1f} ± " in (tmp_path / "table.md").read_text()
    assert (tmp_path / "table.md").read_text() in out
    assert (tmp_path / "plot.png").stat().st_size > 1000
    training.write_text(f"{training.read_text()}--channels=9\n")
    code, _, errors = run("ablate", *arguments)
    assert code == 1
    assert "plan.cfg: the runs in this folder were trained with other flags" in errors[-1]


def test_realtime_compares_the_choices_of_length_frames(data_dir, tmp_path):
    size = {"filter_widths": (3, 3), "channels": 4, "sub_networks": 1, "causal": True}
    keras.utils.set_random_seed(0)
    AnatomyLifter(H36M_17, **size, assembly="kinematic").save(tmp_path / "model.keras")
    AnatomyLifter(H36M_17, **size, assembly="joints").save(tmp_path / "baseline.keras")
    arguments = [f"--model={tmp_path / 'model.keras'}", f"--data_dir={data_dir}"]
    arguments += [f"--baseline={tmp_path / 'baseline.keras'}", "--counts=2,1000"]
    arguments += ["--speed_count=5", "--rounds=1"]
    arguments += [f"--plot={tmp_path / 'plot.png'}", f"--json={tmp_path / 'realtime.json'}"]
    # Compiled: each of many frames is a step.
    code, out, errors = run_in(ROOT, "realtime", arguments)
    assert (code, errors) == (0, [])
    results = json.loads((tmp_path / "realtime.json").read_text())
    for mode in ("random", "firstframes", "consecutive"):
        of_two, of_all = results["errors"][mode]
        assert of_all == pytest.approx(results["errors"]["all"], abs=1e-2)
        assert of_two != pytest.approx(of_all, abs=1e-2)
    speeds = results["speeds"]
    assert speeds["baseline"]["relative_speed"] == 1
    assert {"random", "random, lifted anew", "all"} < set(speeds)
    assert "relative speed" in out
    assert (tmp_path / "plot.png").stat().st_size > 1000


def test_benchmark_goes_on_without_a_reference(data_dir, tmp_path):
    model = tmp_path / "model.keras"
    AnatomyLifter(H36M_17, filter_widths=(3, 3), channels=4).save(model)
    size = ["--filter_widths=3,3", "--channels=4", "--batch_size=16", "--sampled_frames=4"]
    size += [
        "--rounds=1",
        "--seconds=0",
        "--clip_frames=40",
        "--memory_frames=50",
        "--subjects=data,train,clip,stream,tflite,memory",
        f"--data_dir={data_dir}",
        f"--models={model}",
        "--precisions=float32",
        f"--json={tmp_path / 'speed.json'}",
    ]
    code, out, errors = run("benchmark", *size, f"--reference={tmp_path}")
    assert code == 0
    errors = [line for line in errors if "XNNPACK" not in line]  # the interpreter's greeting
    assert len(errors) == 1, errors
    assert re.search("own figures only: .* not a checkout of Anatomy3D", errors[0])
    figures = json.loads((tmp_path / "speed.json").read_text())
    assert figures["peak_gflops"] > 0
    ways = {way for subject in figures["subjects"].values() for way in subject}
    assert {"pipeline", "exact", "fast", "whole clip", "with test-time flip", "all"} <= ways
    assert list(figures["tflite"][str(model)]) == ["Keras", "float32"]
    assert f"| {model} | float32 |" in out
    assert figures["memory"]["frames"] == 50
