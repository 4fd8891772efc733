"""Bad input: one clear line, a non-zero exit, and nothing half-written.

Where model or data are missing besides, what is told is the mistake that the flags alone show.
"""

import re
import shutil

import numpy as np
import pytest

from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from tests.mocap_folder import rewrite, write_mocap_folder
from tests.tools.processes import ROOT, in_parallel, run

DETECTIONS = ROOT / "tests" / "data" / "detections" / "files" / "balance_mmpose.json"
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
        *("train", ["--output_dir={tmp}/o", "--data_dir={tmp}/none", "--filter_widths=3,4"], 1),
        "filter_widths: two or more odd numbers",
    ),
    "words for widths": (
        *("train", ["--output_dir={tmp}/o", "--data_dir={tmp}/none", "--filter_widths=3,b"], 1),
        "--filter_widths=3,b: not whole numbers",
    ),
    "data not shipped": ("train", ["--output_dir={tmp}/o", "--data=human36m"], 1, "--data_dir"),
    "blocked output": (
        *("train", ["--output_dir={data}/poses_3d.npz/o", "--data_dir={tmp}/none"], 1),
        "poses_3d.npz/o: cannot be written",
    ),
    "no model": (
        *("evaluate", ["--model={tmp}/none", "--data_dir={tmp}/none"], 1),
        "none: file not found, nor a model that ships: .*cmu_27f",
    ),
    "a report over a folder": (
        *("evaluate", ["--model={tmp}/none", "--data_dir={tmp}/none", "--json={data}"], 1),
        "cannot be written .is a folder.",
    ),
    "a benchmark of no model": ("benchmark", ["--models=none"], 1, "none: file not found"),
    "no such subject": (
        *("evaluate", ["--model={model}", "--data_dir={data}", "--subjects=A77"], 1),
        "no subject A77",
    ),
    "no such data": ("evaluate", ["--model={model}", "--data_dir={tmp}/none"], 1, "no such folder"),
    "consistency without its model": (
        *("train", ["--output_dir={tmp}/o", "--data_dir={tmp}/none", "--consistency_weight=1"], 1),
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
        "none.cfg: file not found",
    ),
    "no such training": (
        *("ablate", ["--rows=full", "--training={tmp}/none", "--output_dir={tmp}/o"], 1),
        "none: file not found",
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
    "data on disk for virtual cameras": (
        *("train", ["--output_dir={tmp}/o", "--data_on_disk", "--cameras=virtual"], 1),
        "data on disk: with the clips' own cameras only",
    ),
    "no such subject of a benchmark": (
        *("benchmark", ["--subjects=train,cooking"], 1),
        "--subjects: no subject cooking; there are data, train, clip, stream, tflite",
    ),
    "detections that do not tell their size": (
        *("lift", ["--model={model}", f"--detections={DETECTIONS}", "--output={tmp}/o.npz"], 1),
        "does not tell its fps: give it with --fps",
    ),
    "a size that is none": (
        *("lift", ["--model={model}", "--detections=x", "--resolution=big", "--output=x.npz"], 1),
        "--resolution=big: not WxH",
    ),
    "poses of no format": (
        *("lift", ["--model={model}", "--detections=x", "--output=x.doc"], 1),
        "x.doc: poses are kept in files that end with .npz, .json, .csv",
    ),
    "two outputs": (
        *("lift", ["--model={model}", "--detections=x", "--output=x.npz", "--output_dir=x"], 1),
        "give either --output or --output_dir",
    ),
    "one file for two videos": (
        *("lift", ["--model={model}", "--detections=x,y", "--output=x.npz"], 1),
        "--output is for one video; give --output_dir for several",
    ),
    "two videos of one name": (
        *("lift", ["--model={model}", "--detections=a/x.json,b/x.json", "--output_dir=x"], 1),
        "two videos have the same name",
    ),
    "a picture of nothing": ("picture", ["--output=x.png"], 1, "give one of --clip, --poses"),
    "a picture without a model": (
        *("picture", ["--clip=A10/martial_02/1", "--output=x.png"], 1),
        "--clip: name a model that lifts it",
    ),
    "nothing to export": ("export", ["--model={tmp}/none"], 1, "nothing to export"),
    "export over a folder": (
        *("export", ["--model={tmp}/none", "--saved_model_dir={data}", "--data_dir={tmp}/none"], 1),
        "there already and not empty",
    ),
}


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
