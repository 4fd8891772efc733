import dataclasses

import numpy as np
import pytest

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.sets.bodies import MPI_INF_3DHP_14, MPI_INF_3DHP_17
from anatomy_tf.data.sets.mpi_inf_3dhp import ScoredSequence, open_mpi_inf_3dhp
from anatomy_tf.data.sources import open_source
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.protocols import (
    evaluate_mpi_inf_3dhp,
    format_scores,
    scores_of_data_set,
)
from anatomy_tf.geometry.camera import Camera
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.lifter import AnatomyLifter
from tests.data.sets.mpi_inf_3dhp_files import FRAMES, write_test_set, write_training

WRONG = {"l_wrist": 0.34, "spine": 0.17}
"""Metres by which joints are off in odd frames: a scored joint and one that only MPJPE counts."""


class OddFramesOff(ClipLifter):
    def __call__(self, clip):
        skeleton = clip.skeleton
        joints = clip.camera_joints()
        joints = joints - joints[:, [skeleton.root]]
        for name, distance in WRONG.items():
            joints[1::2, skeleton.joint_names.index(name), 2] += distance
        joints[::5] += 9  # never scored
        return {"joints": joints}


def lifter(skeleton=MPI_INF_3DHP_17):
    return OddFramesOff(AnatomyLifter(skeleton, filter_widths=(3, 3), channels=4))


def sequence(name, scene, frames, activity):
    rng = np.random.default_rng(frames)
    clip = Clip(
        name=name,
        subject=name,
        action=scene,
        skeleton=MPI_INF_3DHP_17,
        resolution=(100, 100),
        fps=25,
        keypoints=np.zeros((frames, 17, 2), np.float32),
        visibility=np.ones((frames, 17), np.float32),
        joints=rng.normal(size=(frames, 17, 3)).astype(np.float32) + np.float32([0, 0, 9]),
        camera=Camera((100, 100), (100, 100), (50, 50)),
    )
    scored = np.arange(frames) % 5 != 0
    clip = dataclasses.replace(clip, scored=scored)
    return ScoredSequence(clip, np.where(np.arange(frames) % 2, activity, 7))


def row(odd, frames):
    share = odd / frames
    return pytest.approx(
        {
            "mpjpe_mm": share * 1000 * sum(WRONG.values()) / 17,
            "pck": 100 * (1 - share / 14),
            "auc": 100 * (1 - share / 14) * 30 / 31,
            "frames": frames,
        },
        rel=1e-4,
        abs=1e-3,
    )


def test_every_scored_frame_weighs_the_same():
    report = evaluate_mpi_inf_3dhp(
        lifter(), [sequence("TS1", "green screen", 20, 1), sequence("TS5", "outdoors", 5, 6)]
    )
    assert report["all"] == row(8 + 2, 16 + 4)
    assert set(report["scenes"]) == {"green screen", "outdoors"}
    assert report["scenes"]["green screen"] == row(8, 16)
    assert report["scenes"]["outdoors"] == row(2, 4)
    assert set(report["activities"]) == {"standing, walking", "sports", "miscellaneous"}
    assert report["activities"]["sports"] == row(2, 2)
    assert report["activities"]["miscellaneous"] == row(0, 10)


def test_what_cannot_be_scored():
    with pytest.raises(InputError, match="no scored frames"):
        evaluate_mpi_inf_3dhp(lifter(), [])
    some = sequence("TS1", "green screen", 20, 1)
    unscored = dataclasses.replace(
        some, clip=dataclasses.replace(some.clip, scored=np.zeros(20, bool))
    )
    with pytest.raises(InputError, match="no scored frames"):
        evaluate_mpi_inf_3dhp(lifter(), [unscored])
    with pytest.raises(InputError, match="scored with models of its 17 joints"):
        evaluate_mpi_inf_3dhp(lifter(MPI_INF_3DHP_14), [some])


def test_a_model_that_diverged_is_told():
    class Diverged(ClipLifter):
        def __call__(self, clip):
            return {"joints": np.full((len(clip), 17, 3), np.nan, np.float32)}

    model = AnatomyLifter(MPI_INF_3DHP_17, filter_widths=(3, 3), channels=4)
    with pytest.raises(InputError, match="clip TS1: the model's joints are not finite"):
        evaluate_mpi_inf_3dhp(Diverged(model), [sequence("TS1", "outdoors", 5, 1)])


def test_the_data_sets_own_scores_are_printed(tmp_path, cmu_test_clips):
    motion = np.stack([cmu_test_clips[0].camera_joints()[:FRAMES]] * 14)
    write_training(tmp_path, 1000 * motion)
    write_test_set(tmp_path, 1000 * motion)
    source = open_mpi_inf_3dhp(tmp_path)
    scores = scores_of_data_set(lifter(), source, ["TS1"])
    assert scores["all"]["frames"] == FRAMES // 3
    assert f"{scores['all']['mpjpe_mm']:.1f} mm" in format_scores(scores).splitlines()[1]
    assert scores_of_data_set(lifter(), source, ["S1"]) is None
    assert scores_of_data_set(lifter(), open_source("cmu"), ["A10"]) is None
