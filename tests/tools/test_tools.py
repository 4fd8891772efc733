"""The tools as a person calls them: real processes, real files, exit codes."""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

import keras
import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from tests.conftest import rewrite, write_mocap_folder
from tools import train

ROOT = pathlib.Path(__file__).parents[2]
TOOLS = sorted(path.stem for path in (ROOT / "tools").glob("*.py"))
TINY = """
--filter_widths=3,3
--channels=8
--sampled_frames=4
--batch_size=16
--steps_per_epoch=3
--epochs=2
--statistics_batches=2
"""


def start(tool: str, *arguments: object) -> subprocess.Popen:
    command = [sys.executable, str(ROOT / "tools" / f"{tool}.py"), *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )


def finish(process: subprocess.Popen) -> tuple[int, str, list[str]]:
    """Exit code, standard output, and the lines on standard error."""
    out, err = process.communicate(timeout=180)
    return process.returncode, out, err.splitlines()


def run(tool: str, *arguments: object):
    return finish(start(tool, *arguments))


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory, cmu):
    return write_mocap_folder(tmp_path_factory.mktemp("mocap"), cmu)


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    path = tmp_path_factory.mktemp("config") / "tiny.cfg"
    path.write_text(f"# a comment\n{TINY}")
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory, data_dir, config):
    output_dir = tmp_path_factory.mktemp("runs") / "trained"
    code, out, errors = run(
        *("train", f"--flagfile={config}", f"--data_dir={data_dir}"),
        *(f"--output_dir={output_dir}", "--export"),
    )
    assert (code, errors) == (0, [])
    return output_dir, out


def test_train_leaves_all_that_it_promises(trained):
    output_dir, out = trained
    assert {path.name for path in output_dir.iterdir()} == {
        *("model.keras", "metrics.json", "flags.cfg", "checkpoints", "tensorboard"),
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
    assert report == json.loads((output_dir / "metrics.json").read_text())


def test_the_flags_of_a_run_repeat_it(trained, data_dir, tmp_path):
    output_dir, _ = trained
    code, _, _ = run(
        "train", f"--flagfile={output_dir}/flags.cfg", f"--output_dir={tmp_path / 'b'}"
    )
    assert code == 0
    assert (tmp_path / "b" / "metrics.json").read_text() == (
        output_dir / "metrics.json"
    ).read_text()


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


def test_resuming_a_finished_run_leaves_it_whole(trained, data_dir, config):
    output_dir, _ = trained
    before = {path.name for path in output_dir.iterdir()}
    code, _, errors = run(
        *("train", f"--flagfile={config}", f"--data_dir={data_dir}"),
        *(f"--output_dir={output_dir}", "--export", "--resume"),
    )
    assert (code, errors) == (0, [])
    assert {path.name for path in output_dir.iterdir()} == before


def test_export_writes_both(trained, tmp_path):
    output_dir, _ = trained
    code, _, errors = run(
        *("export", f"--model={output_dir}", f"--saved_model_dir={tmp_path / 'saved'}"),
        f"--tflite={tmp_path / 'model.tflite'}",
    )
    assert (code, errors) == (0, [])
    assert (tmp_path / "saved" / "saved_model.pb").is_file()
    assert (tmp_path / "model.tflite").read_bytes() == (output_dir / "model.tflite").read_bytes()


def test_ctrl_c_leaves_a_run_that_can_be_resumed(data_dir, config, tmp_path):
    arguments = [f"--flagfile={config}", f"--data_dir={data_dir}", f"--output_dir={tmp_path}"]
    arguments += ["--epochs=400"]
    process = start("train", *arguments)
    for line in process.stdout:
        if line.startswith("epoch 3/"):
            break
    process.send_signal(signal.SIGINT)
    code, _, errors = finish(process)
    assert code == 130
    assert errors == ["train.py: interrupted"]
    assert not (tmp_path / "model.keras").exists()
    process = start("train", *arguments, "--resume")
    first = next(line for line in process.stdout if line.startswith("epoch"))
    process.send_signal(signal.SIGINT)
    assert finish(process)[0] == 130
    assert int(re.match(r"epoch (\d+)", first)[1]) > 3


@pytest.fixture(scope="module")
def helps():
    return in_parallel(lambda tool: run(tool, "--help"), TOOLS)


@pytest.mark.parametrize("tool", TOOLS)
def test_help_shows_an_example(tool, helps):
    code, out, errors = helps[tool]
    assert (code, errors) == (0, [])
    assert f"python tools/{tool}.py --" in out


NOT_TRAININGS = {"cmu_small"}  # a flagfile of tools/ablate.py


@pytest.mark.parametrize(
    "path",
    sorted(p for p in (ROOT / "configs").rglob("*.cfg") if p.stem not in NOT_TRAININGS),
    ids=lambda path: path.stem,
)
def test_every_config_is_understood(path, tmp_path, monkeypatch):
    """All its flags are there and in range: the first thing to be missing is the data."""
    monkeypatch.chdir(ROOT)  # flagfiles include others by their path from there
    nowhere = tmp_path / "nowhere"
    train.FLAGS(
        ["train", f"--flagfile={path}", f"--data_dir={nowhere}", f"--output_dir={tmp_path}"]
    )
    try:
        with pytest.raises(InputError, match=f"{nowhere}: no such folder"):
            train.main()
        AnatomyLifter(**train.model_arguments() | {"channels": 2})
    finally:
        train.FLAGS.unparse_flags()
    if path.parent.name == "configs":
        assert all(f"# {word}: " in path.read_text() for word in ("Takes", "Gives"))


MISTAKES = {
    "unknown flag": ("train", ["--chanels=8"], 2, "Unknown command line flag 'chanels'"),
    "no output": ("train", [], 2, "--output_dir must have a value|output_dir"),
    "out of range": ("train", ["--output_dir=x", "--channels=0"], 2, "channels"),
    "no number": ("train", ["--output_dir=x", "--epochs=many"], 2, "epochs"),
    "not finite": (
        "train",
        ["--output_dir=x", "--learning_rate=nan"],
        2,
        "learning_rate=nan is not",
    ),
    "no such config": ("train", ["--flagfile=nowhere.cfg"], 2, "nowhere.cfg"),
    "a stray word": ("train", ["--output_dir=x", "fast"], 2, "unexpected argument 'fast'"),
    "even widths": (
        *("train", ["--output_dir={tmp}/o", "--data_dir={data}", "--filter_widths=3,4"], 1),
        "filter_widths: two or more odd numbers",
    ),
    "words for widths": (
        *("train", ["--output_dir={tmp}/o", "--data_dir={data}", "--filter_widths=3,b"], 1),
        "--filter_widths=3,b: not whole numbers",
    ),
    "data not shipped": ("train", ["--output_dir={tmp}/o", "--data=human36m"], 1, "--data_dir"),
    "blocked output": (
        *("train", ["--output_dir={data}/poses_3d.npz/o", "--data_dir={data}"], 1),
        "poses_3d.npz/o: cannot be written",
    ),
    "no model": ("evaluate", ["--model={tmp}/none"], 1, "none: file not found"),
    "no such subject": (
        *("evaluate", ["--model={model}", "--data_dir={data}", "--subjects=A77"], 1),
        "no subject A77",
    ),
    "no such data": ("evaluate", ["--model={model}", "--data_dir={tmp}/none"], 1, "no such folder"),
    "consistency without its model": (
        *("train", ["--output_dir={tmp}/o", "--data_dir={data}", "--consistency_weight=1"], 1),
        "consistency is a loss of assembly joints",
    ),
    "no such joint": (
        "evaluate",
        ["--model={model}", "--data_dir={data}", "--joints=tail"],
        1,
        "tail",
    ),
    "M out of range": (
        *("evaluate", ["--model={model}", "--length_frames=random", "--num_length_frames=0"], 2),
        "num_length_frames",
    ),
    "no such row": (
        "ablate",
        ["--rows=none", "--output_dir={tmp}/o"],
        1,
        "none.cfg: cannot be read",
    ),
    "no such training": (
        *("ablate", ["--rows=full", "--training={tmp}/none", "--output_dir={tmp}/o"], 1),
        "none: cannot be read",
    ),
    "half of the models": ("realtime", ["--model={model}"], 1, "--model and --baseline: give both"),
    "models that look ahead": (
        *("realtime", ["--model={model}", "--baseline={model}", "--data_dir={data}"], 1),
        "real time needs causal models",
    ),
    "settings of a finished model": (
        *("complexity", ["--model={model}", "--channels=8"], 1),
        "--channels: a finished model brings its own",
    ),
    "a number of frames without a choice": (
        *("evaluate", ["--model={model}", "--num_length_frames=3"], 1),
        "--num_length_frames: say which",
    ),
    "a plot of no format": (
        *("realtime", ["--model={model}", "--baseline={model}", "--plot=x.doc"], 1),
        "x.doc: pictures are .png or .svg",
    ),
    "random draws for TFLite": (
        *("train", ["--output_dir={tmp}/o", "--export", "--length_frames=random"], 1),
        "TFLite cannot draw random length frames",
    ),
    "no such subject of a benchmark": (
        *("benchmark", ["--subjects=train,cooking"], 1),
        "--subjects: no subject cooking; there are data, train, clip, stream",
    ),
    "nothing to export": ("export", ["--model={model}"], 1, "nothing to export"),
    "export over a folder": (
        *("export", ["--model={model}", "--saved_model_dir={data}"], 1),
        "there already and not empty",
    ),
}


def in_parallel(function, arguments) -> dict:
    """Results by argument; most of the time of a tool goes into loading TensorFlow, on one core."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(arguments, pool.map(function, arguments), strict=True))


@pytest.fixture(scope="module")
def mistakes(tmp_path_factory, data_dir):
    """By name: exit code, lines on standard error, and the files that were left."""
    saved = tmp_path_factory.mktemp("saved") / "model.keras"
    AnatomyLifter(H36M_17, (3, 3), channels=4).save(saved)
    folders = {name: tmp_path_factory.mktemp("mistake") for name in MISTAKES}

    def make(name: str):
        tool, arguments, _, _ = MISTAKES[name]
        shutil.copy(saved, folders[name])
        places = {"tmp": folders[name], "data": data_dir, "model": folders[name] / saved.name}
        code, _, errors = run(tool, *(argument.format(**places) for argument in arguments))
        return code, errors, {path.name for path in folders[name].rglob("*") if path.is_file()}

    return in_parallel(make, MISTAKES)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_one_line_and_leaves_nothing(name, mistakes):
    _, _, code, message = MISTAKES[name]
    found, errors, left = mistakes[name]
    assert found == code
    assert len(errors) == 1, errors
    assert re.search(message, errors[0])
    assert left == {"model.keras"}
    assert not (ROOT / "x").exists()


def test_damaged_data_is_named(tmp_path, cmu):
    folder = write_mocap_folder(tmp_path, cmu)
    key = next(name for name in cmu.takes if name.startswith("A10/"))
    poses = cmu.poses.read(key).astype(np.float32)[:60]
    poses[5, 2, 0] = np.inf
    with np.load(folder / "poses_3d.npz") as archive:
        key = next(name for name in archive.files if name.startswith("A10/"))
    rewrite(folder / "poses_3d.npz", **{key: poses})
    AnatomyLifter(H36M_17, (3, 3), channels=4).save(tmp_path / "model.keras")
    code, _, errors = run("evaluate", f"--model={tmp_path}", f"--data_dir={folder}")
    assert code == 1
    assert len(errors) == 1
    assert f"poses_3d.npz: {key} is not finite in frame 5" in errors[0]


def test_ablate_trains_row_by_row_and_goes_on_where_it_stopped(data_dir, config, tmp_path):
    arguments = ["--rows=baseline,composition", "--seeds=0,1", f"--training={config}"]
    arguments += [f"--data_dir={data_dir}", f"--output_dir={tmp_path}"]
    process = start("ablate", *arguments)
    for line in process.stdout:
        if line.startswith("Baseline + Composition, seed 0"):
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
    config.with_name("other.cfg").write_text(config.read_text() + "--channels=9\n")
    arguments[2] = f"--training={config.with_name('other.cfg')}"
    code, _, errors = run("ablate", *arguments)
    assert code == 1
    assert "plan.cfg: the runs in this folder were trained with other flags" in errors[-1]


def test_realtime_compares_the_choices_of_length_frames(data_dir, tmp_path):
    size = {"filter_widths": (3, 3), "channels": 4, "causal": True}
    keras.utils.set_random_seed(0)
    AnatomyLifter(H36M_17, **size, assembly="kinematic").save(tmp_path / "model.keras")
    AnatomyLifter(H36M_17, **size, assembly="joints").save(tmp_path / "baseline.keras")
    code, out, errors = run(
        *("realtime", f"--model={tmp_path / 'model.keras'}", f"--data_dir={data_dir}"),
        *(f"--baseline={tmp_path / 'baseline.keras'}", "--counts=2,1000", "--speed_count=5"),
        *(f"--plot={tmp_path / 'plot.png'}", f"--json={tmp_path / 'realtime.json'}"),
    )
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


def test_benchmark_goes_on_without_a_reference(tmp_path):
    size = ["--filter_widths=3,3", "--channels=4", "--batch_size=16", "--sampled_frames=4"]
    size += ["--rounds=1", "--seconds=0", f"--json={tmp_path / 'speed.json'}"]
    code, _, errors = run("benchmark", *size, f"--reference={tmp_path}")
    assert code == 0
    assert len(errors) == 1
    assert re.search("own figures only: .* not a checkout of Anatomy3D", errors[0])
    figures = json.loads((tmp_path / "speed.json").read_text())
    assert figures["peak_gflops"] > 0
    ways = {way for subject in figures["subjects"].values() for way in subject}
    assert {"pipeline", "exact", "fast", "whole clip", "with test-time flip", "all"} <= ways
