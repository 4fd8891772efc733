"""A library of files as a person lifts it, with processes of its own."""

import pytest

from anatomy_tf.library.results import read_lists
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.speed.library_subject import write_library
from tests.tools.processes import finish, run, start


@pytest.mark.long
def test_several_processes_and_a_bad_file(tmp_path, cmu_test_clips):
    model = tmp_path / "tiny.keras"
    AnatomyLifter(H36M_17, filter_widths=(3, 3), channels=8, sub_networks=1).save(model)
    write_library(cmu_test_clips[:2], 2, tmp_path / "library")
    (tmp_path / "library" / "bad.npz").write_bytes(b"no archive")
    process = start(
        *("lift_many", f"--files={tmp_path}/library/*.npz", f"--output_dir={tmp_path / 'lifted'}"),
        *(f"--model={model}", "--noworld", "--norepair_swaps", "--workers=2"),
        "--outputs=csv,detections",
    )
    code, out, errors = finish(process)
    assert code == 1
    assert f"2 of 3 files are lifted: {tmp_path}/lifted/index.csv" in out
    assert errors == [f"lift_many.py: 1 of 3 files could not be: {tmp_path}/lifted/failed.csv"]
    lifted, failed = read_lists(tmp_path / "lifted")
    assert [row["outputs"] for row in lifted] == [
        f"clip000{number}.csv;clip000{number}_detections.npz" for number in range(2)
    ]
    assert [row["name"] for row in failed] == ["bad"]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ([], "give either --files or --manifest"),
        (["--manifest={0}/empty.txt"], "empty.txt: there are no files in it"),
        (["--manifest={0}/twice.txt"], "empty.txt: the file is given twice"),
        (["--files={0}/*.mp4"], r"*.mp4: no file matches"),
        (["--files={0}/*.txt", "--resolution=big"], "--resolution=big: not WxH"),
    ],
)
def test_mistakes(tmp_path, flags, said):
    (tmp_path / "empty.txt").touch()
    (tmp_path / "twice.txt").write_text("empty.txt\nempty.txt\n")
    given = [flag.format(tmp_path) for flag in flags]
    code, _, errors = run("lift_many", f"--output_dir={tmp_path / 'lifted'}", *given)
    assert code == 1 and len(errors) == 1
    assert said in errors[0]
    assert not (tmp_path / "lifted").exists()
