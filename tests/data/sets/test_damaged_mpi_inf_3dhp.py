import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.data.sets.mpi_inf_3dhp import open_mpi_inf_3dhp
from anatomy_tf.errors import InputError
from tests.damage import damaged, fuzz
from tests.data.files.matlab_files import as_cells, write_v5, write_v73
from tests.data.sets.mpi_inf_3dhp_files import (
    FRAMES,
    STUDIO,
    annotations_of_test_set,
    calibration,
    training_annotations,
    write_test_set,
    write_training,
)


def _cells(key, change):
    def damage(folder, motion):
        annotations = training_annotations(motion)
        annotations[key] = change(annotations[key])
        write_v5(folder / "S1" / "Seq1" / "annot.mat", annotations)

    return damage


def _first(change):
    def changed(cells):
        cells[0, 0] = change(cells[0, 0].copy())
        return cells

    return changed


def _nan(values):
    values[7, 12] = np.nan
    return values


def _calibrated(text):
    return lambda f, _: (f / "S1" / "Seq1" / "camera.calibration").write_text(text)


INTRINSIC = "intrinsic   1497.5 0"
DAMAGE = {
    "no annotations": (
        lambda f, _: (f / "S1" / "Seq1" / "annot.mat").unlink(),
        "S1/Seq1/annot.mat: file not found",
    ),
    "one sequence only": (
        lambda f, _: (f / "S1" / "Seq2").rename(f / "S1" / "Seq3"),
        "S1/Seq2/camera.calibration: file not found",
    ),
    "fewer cameras": (
        _cells("annot2", lambda cells: cells[:8]),
        "annot2 has 8 cells, none for camera 8",
    ),
    "fewer joints": (
        _cells("univ_annot3", _first(lambda values: values[:, :81])),
        r"univ_annot3: camera 0 has shape \(30, 81\), expected \(frames, 84\)",
    ),
    "fewer frames": (
        _cells("univ_annot3", _first(lambda values: values[:29])),
        r"annot.mat: clip S1/Seq1/0: joints has shape \(29, 17, 3\), expected \(30, 17, 3\)",
    ),
    "no frames": (
        lambda f, m: write_v5(
            f / "S1" / "Seq1" / "annot.mat",
            {
                "annot2": as_cells([np.zeros((0, 56))]),
                "univ_annot3": as_cells([np.zeros((0, 84))]),
            },
        ),
        "clip S1/Seq1/0: keypoints: the clip has no frames",
    ),
    "NaN": (_cells("univ_annot3", _first(_nan)), "clip S1/Seq1/0: joints is not finite in frame 7"),
    "too large": (
        _cells("annot2", _first(lambda values: values * 1e60)),
        "clip S1/Seq1/0: keypoints is not finite in frame 0",
    ),
    "numbers for cells": (
        lambda f, _: write_v5(f / "S1" / "Seq1" / "annot.mat", {"annot2": np.zeros((3, 56))}),
        "annot.mat: annot2: no cell array",
    ),
    "no universal joints": (
        lambda f, m: write_v5(
            f / "S1" / "Seq1" / "annot.mat", {"annot2": training_annotations(m)["annot2"]}
        ),
        "annot.mat: variable univ_annot3 is missing",
    ),
    "no calibration": (
        lambda f, _: (f / "S1" / "Seq1" / "camera.calibration").unlink(),
        "camera.calibration: file not found",
    ),
    "another calibration": (_calibrated("hello"), "camera.calibration: does not start with 'Skel"),
    "a camera less": (_calibrated(calibration(range(8))), "calibration: camera 8 is missing"),
    "no intrinsics": (
        _calibrated(calibration().replace("intrinsic", "extrinsic")),
        "camera.calibration: 'intrinsic' is missing",
    ),
    "fewer intrinsics": (
        _calibrated(calibration().replace(INTRINSIC, "intrinsic   1497.5")),
        "camera.calibration: camera 0: expected 2 numbers for size and 16 for intrinsic",
    ),
    "words for numbers": (
        _calibrated(calibration().replace(INTRINSIC, "intrinsic   wide 0")),
        "camera.calibration: could not convert string to float: 'wide'",
    ),
    "no focal length": (
        _calibrated(calibration().replace(INTRINSIC, "intrinsic   0 0")),
        "camera.calibration: camera 0: camera: resolution and focal_length must be positive",
    ),
    "bytes": (
        lambda f, _: (f / "S1" / "Seq1" / "camera.calibration").write_bytes(bytes(range(256))),
        "camera.calibration: 'utf-8' codec",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_named_by_file_and_place(tmp_path, motion, name):
    damage, message = DAMAGE[name]
    damage(write_training(tmp_path, motion), motion)
    with pytest.raises(InputError, match=message) as error:
        open_mpi_inf_3dhp(tmp_path).clips(["S1"])
    assert "\n" not in str(error.value)
    assert str(tmp_path) in str(error.value)


TEST_DAMAGE = {
    "fewer joints": (
        {"annot2": np.zeros((2, 16, 1, FRAMES))},
        r"annot2 has shape \(2, 16, 1, 30\), expected \(2, 17, 1, frames\)",
    ),
    "two people": (
        {"univ_annot3": np.zeros((3, 17, 2, FRAMES))},
        r"univ_annot3 has shape \(3, 17, 2, 30\), expected \(3, 17, 1, frames\)",
    ),
    "one number": ({"annot2": np.zeros((1, 1))}, r"annot2 has shape \(1, 1\), expected"),
    "fewer frames": (
        {"annot2": np.zeros((2, 17, 1, 29))},
        r"clip TS1: joints has shape \(30, 17, 3\), expected \(29, 17, 3\)",
    ),
    "fewer marks": ({"valid_frame": np.zeros((1, 29))}, "valid_frame is of 29 frames, not 30"),
    "NaN": (
        {"univ_annot3": np.full((3, 17, 1, FRAMES), np.nan)},
        "joints is not finite in frame 0",
    ),
    "no mark": ({"valid_frame": np.full((1, FRAMES), np.nan)}, "valid_frame is not finite"),
    "no activity": ({"activity_annotation": None}, "variable activity_annotation is missing"),
}


@pytest.mark.parametrize("name", TEST_DAMAGE)
def test_damage_of_the_test_set_is_named(tmp_path, motion, name):
    changes, message = TEST_DAMAGE[name]
    write_test_set(tmp_path, motion)
    annotations = annotations_of_test_set(motion, STUDIO) | changes
    annotations = {key: value for key, value in annotations.items() if value is not None}
    write_v73(tmp_path / "TS1" / "annot_data.mat", annotations)
    with pytest.raises(InputError, match=f"TS1/annot_data.mat: .*{message}"):
        open_mpi_inf_3dhp(tmp_path).clips(["TS1"])


@pytest.fixture(scope="module")
def whole(tmp_path_factory, motion):
    few = motion[:, :4]
    folder = write_training(tmp_path_factory.mktemp("whole"), few, "S1")
    write_test_set(folder, motion)
    return folder


FILES = ("S1/Seq2/annot.mat", "S1/Seq2/camera.calibration", "TS1/annot_data.mat")


@fuzz(max_examples=100)
@given(data=st.data(), name=st.sampled_from(FILES))
def test_a_file_with_changed_bytes_is_read_or_refused(whole, data, name):
    with damaged(data, whole / name):
        open_mpi_inf_3dhp(whole, cameras=(0, 13)).clips([name.split("/")[0]])
