import numpy as np
import pytest

from anatomy_tf.data.sets.bodies import MPI_INF_3DHP_14, MPI_INF_3DHP_17
from anatomy_tf.data.sets.mpi_inf_3dhp import TRAIN_CAMERAS, open_mpi_inf_3dhp
from anatomy_tf.data.sets.projected import project_keypoints
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17, Skeleton
from tests.data.files.matlab_files import as_cells, write_v5, write_v73
from tests.data.sets.mpi_inf_3dhp_files import (
    FRAMES,
    STUDIO,
    UNIVERSAL,
    in_order,
    pixels,
    write_test_set,
    write_training,
)
from tests.data.training import train_two_steps


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
