import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anatomy_tf.data.bodies import MPI_INF_3DHP_14, MPI_INF_3DHP_17
from anatomy_tf.data.mpi_inf_3dhp import TRAIN_CAMERAS, open_mpi_inf_3dhp
from anatomy_tf.data.projected import project_keypoints
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17, Skeleton
from tests.data.matlab_files import as_cells, write_v5, write_v73
from tests.data.mpi_inf_3dhp_files import (
    FRAMES,
    STUDIO,
    UNIVERSAL,
    annotations_of_test_set,
    calibration,
    in_order,
    pixels,
    training_annotations,
    write_test_set,
    write_training,
)
from tests.data.training import train_two_steps


@pytest.fixture(scope="module")
def motion(cmu):
    """`(14, T, 17, 3)` mm in the space of 14 cameras, in the order of Human3.6M."""
    joints = cmu.clips(["A10"])[0].camera_joints()[:FRAMES].astype(np.float64)
    return np.stack([1000 * (joints + [0.05 * camera, 0, 1]) for camera in range(14)])


@pytest.mark.parametrize("write", [write_v5, write_v73])
def test_training_clips_are_what_was_annotated(tmp_path, motion, write):
    source = open_mpi_inf_3dhp(write_training(tmp_path, motion, write=write), universal=False)
    assert (source.train_subjects, source.test_subjects) == (("S1",), ())
    clips = source.clips(source.train_subjects)
    names = [f"S1/Seq{seq}/{camera}" for seq in (1, 2) for camera in TRAIN_CAMERAS]
    assert [clip.name for clip in clips] == names
    assert [clip.fps for clip in clips] == [25.0] * 8 + [50.0] * 8
    expected = in_order(motion)
    for clip in clips:
        camera = int(clip.name[-1])
        assert (clip.subject, clip.action) == ("S1", clip.name.split("/")[1])
        assert (clip.resolution, clip.skeleton) == ((2048, 2048), MPI_INF_3DHP_17)
        np.testing.assert_allclose(clip.camera_joints(), expected[camera] / 1000, atol=1e-5)
        np.testing.assert_allclose(clip.keypoints, pixels(expected[camera], STUDIO), atol=1e-3)
        np.testing.assert_allclose(project_keypoints(clip).keypoints, clip.keypoints, atol=0.01)
        assert (clip.visibility == 1).all()


def test_universal_joints_other_cameras_and_other_bodies(tmp_path, motion):
    write_training(tmp_path, motion)
    clips = open_mpi_inf_3dhp(tmp_path, skeleton=H36M_17, cameras=(13,)).clips(["S1"])
    assert [clip.name for clip in clips] == ["S1/Seq1/13", "S1/Seq2/13"]
    np.testing.assert_allclose(clips[0].joints, UNIVERSAL * motion[13] / 1000, atol=1e-5)
    np.testing.assert_allclose(clips[0].keypoints, pixels(motion[13], STUDIO), atol=1e-3)
    small = open_mpi_inf_3dhp(tmp_path, skeleton=MPI_INF_3DHP_14).clips(["S1"])[0]
    np.testing.assert_allclose(
        small.joints, UNIVERSAL * in_order(motion)[0, :, :14] / 1000, atol=1e-5
    )


def test_annotations_past_the_end_of_the_video_are_left_out(tmp_path, motion):
    cells = [np.zeros((6054 + 7, 28 * size)) for size in (2, 3)]
    folder = write_training(tmp_path, motion, "S8")
    write_v5(
        folder / "S8" / "Seq2" / "annot.mat",
        {"annot2": as_cells(cells[:1]), "univ_annot3": as_cells(cells[1:])},
    )
    clips = open_mpi_inf_3dhp(folder, cameras=(0,)).clips(["S8"])
    assert [len(clip) for clip in clips] == [FRAMES, 6054]


@pytest.mark.parametrize("below", ["", "mpi_inf_3dhp_test_set"])
@pytest.mark.parametrize("write", [write_v5, write_v73])
def test_test_sequences_tell_which_frames_count(tmp_path, motion, below, write):
    for subject in ("TS4", "TS6"):
        write_test_set(tmp_path / below, motion, subject, write=write)
    source = open_mpi_inf_3dhp(tmp_path, universal=False)
    assert (source.train_subjects, source.test_subjects) == ((), ("TS4", "TS6"))
    studio, outdoors = source.clips(["TS6", "TS4"])
    assert (studio.name, studio.subject, studio.action) == ("TS4", "TS4", "no green screen")
    assert (outdoors.name, outdoors.action) == ("TS6", "outdoors")
    assert (studio.resolution, outdoors.resolution) == ((2048, 2048), (1920, 1080))
    np.testing.assert_allclose(studio.camera_joints(), in_order(motion)[0] / 1000, atol=1e-5)
    np.testing.assert_allclose(studio.keypoints, pixels(in_order(motion)[0], STUDIO), atol=1e-3)
    sequence = source.scored_sequence("TS4")
    assert sequence.clip.scored.tolist() == [frame % 3 == 0 for frame in range(FRAMES)]
    assert sequence.activity.tolist() == [1 + frame // 10 for frame in range(FRAMES)]
    assert len(sequence.clip) == FRAMES


def test_the_published_lenses_of_the_test_set_are_those_of_its_calibration(tmp_path, motion):
    """7.32506 mm and 8.770747185 mm before sensors 10 mm wide, with offsets of the centre in mm."""
    for subject in ("TS1", "TS5"):
        write_test_set(tmp_path, motion, subject)
    studio, outdoors = open_mpi_inf_3dhp(tmp_path).clips(["TS1", "TS5"])
    for camera, focal, offset, size in (
        (studio.camera, 7.32506, (-0.0322884, 0.0929296), 2048),
        (outdoors.camera, 8.770747185, (-0.104908645, 0.104899704), 1920),
    ):
        middle = np.array(camera.resolution) / 2
        assert camera.focal_length == pytest.approx([focal / 10 * size] * 2, abs=1e-3)
        assert camera.center == pytest.approx(middle + np.array(offset) / 10 * size, abs=1e-3)


def test_a_model_trains_on_it(tmp_path, motion):
    source = open_mpi_inf_3dhp(write_training(tmp_path, motion), cameras=(0, 8))
    train_two_steps(source.clips(["S1"]))


def test_mistakes_of_the_caller(tmp_path, motion):
    with pytest.raises(InputError, match="nowhere: no such folder"):
        open_mpi_inf_3dhp(tmp_path / "nowhere")
    with pytest.raises(InputError, match="no folder S1 to S8 or TS1 to TS6"):
        open_mpi_inf_3dhp(tmp_path)
    write_training(tmp_path, motion)
    with pytest.raises(InputError, match="no subject TS1; there are S1"):
        open_mpi_inf_3dhp(tmp_path).clips(["S1", "TS1"])
    for cameras in ((), (14,), (-1,)):
        with pytest.raises(InputError, match="MPI-INF-3DHP has 0 to 13"):
            open_mpi_inf_3dhp(tmp_path, cameras=cameras)
    with pytest.raises(InputError, match="joint tail: MPI-INF-3DHP has none of that name"):
        open_mpi_inf_3dhp(tmp_path, skeleton=Skeleton(("pelvis", "tail"), (-1, 0)))


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


@settings(
    max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data(), name=st.sampled_from(["annot.mat", "camera.calibration", "annot_data.mat"]))
def test_a_file_with_changed_bytes_is_read_or_refused(whole, data, name):
    path = whole / ("TS1" if name == "annot_data.mat" else "S1/Seq2") / name
    original = path.read_bytes()
    damaged = bytearray(original)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del damaged[data.draw(st.integers(1, len(damaged) - 1)) :]
    path.write_bytes(damaged)
    try:
        source = open_mpi_inf_3dhp(whole, cameras=(0, 13))
        source.clips(["TS1"] if name == "annot_data.mat" else ["S1"])
    except InputError as error:
        assert "\n" not in str(error)
    finally:
        path.write_bytes(original)
