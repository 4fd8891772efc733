"""The front door: what `import anatomy_tf` gives, and what it costs."""

import concurrent.futures
import subprocess
import sys

import keras
import numpy as np
import pytest

import anatomy_tf as at
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.poses.pose_lifter import PoseLifter
from anatomy_tf.skeleton import H36M_17
from tests.lifters import random_lifter

RESOLUTION, FPS = (1000, 1000), 50


def test_the_list_of_public_names():
    assert at.__all__ == [
        "KEYPOINT_SETS",
        "Detections",
        "InputError",
        "LiveStream",
        "PoseLifter",
        "Poses",
        "Skeleton",
        "__version__",
        "detect_people",
        "detections_of_arrays",
        "evaluate",
        "load",
        "model_names",
        "read_detections",
        "read_poses",
        "train",
    ]
    for name in at.__all__:
        assert getattr(at, name) is not None
    assert set(at.__all__) <= set(dir(at))
    with pytest.raises(AttributeError, match="no attribute 'lft'"):
        _ = at.lft


def test_importing_it_loads_no_tensorflow_and_prints_nothing():
    program = (
        "import sys, anatomy_tf; sys.exit('tensorflow' in sys.modules or 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture(scope="module")
def clip(cmu_test_clips):
    return cmu_test_clips[0]


@pytest.fixture(scope="module")
def lifter():
    return PoseLifter(random_lifter(trained_on={"fps": 50.0}), "random")


def lifted(lifter, clip, **changes):
    told = {"resolution": clip.resolution, "fps": clip.fps, "keypoint_set": "human36m17"}
    return lifter.lift(clip.keypoints, clip.visibility, **(told | changes))


def test_lifting_arrays_gives_what_the_clip_gives(lifter, clip):
    poses = lifted(lifter, clip)
    expected = ClipLifter(lifter.model, flip=True)(clip)
    np.testing.assert_allclose(poses.joints, expected["joints"], atol=1e-5)
    np.testing.assert_allclose(poses.directions, expected["directions"], atol=1e-5)
    np.testing.assert_allclose(poses.lengths[0], expected["lengths"], atol=1e-5)
    np.testing.assert_array_equal(poses.keypoints, clip.keypoints)
    assert (poses.frame == np.arange(len(clip))).all() and poses.people == [0]
    assert poses.made_by["model"] == "random" and poses.made_by["flip"] is True


def test_several_people_gaps_and_another_frame_rate(lifter, clip):
    frames = 60
    both = np.stack([clip.keypoints[:frames], clip.keypoints[100 : 100 + frames]], axis=1)
    both = both.astype(float)
    both[:20, 1] = np.nan  # the second person comes later
    both[30:33, 0] = np.nan
    both[40, 0, 5] = np.nan
    told = {"resolution": clip.resolution, "fps": 25, "keypoint_set": "human36m17"}
    poses = lifter.lift(both, **told, max_gap=0.2)
    assert poses.people == [0, 1]
    assert poses.of_person(1).frame.tolist() == list(range(20, 60))
    filled = poses.of_person(0).filled
    assert filled[30:33].all() and filled[40, 5] and filled.sum() == 3 * 17 + 1
    per_frame = poses.per_frame()
    assert per_frame.shape == (60, 2, 17, 3)
    assert np.isnan(per_frame[:20, 1]).all() and np.isfinite(per_frame[20:, 1]).all()
    assert "person 0: frames 0 to 59; filled in: 3 frames" in poses.notes[0]
    with pytest.raises(at.InputError, match="no person 5; there are 0, 1"):
        poses.of_person(5)


def test_many_videos_at_once_give_what_each_gives(lifter, cmu_test_clips):
    videos = [
        at.detections_of_arrays(
            clip.keypoints[:frames], clip.visibility[:frames], clip.resolution, 50, "human36m17"
        )
        for clip, frames in zip(cmu_test_clips[:4], (60, 40, 55, 62), strict=True)
    ]
    for video, poses in zip(videos, lifter.lift_many(videos), strict=True):
        alone = lifter.lift_detections(video)
        np.testing.assert_allclose(poses.joints, alone.joints, atol=1e-5)
        np.testing.assert_allclose(poses.lengths, alone.lengths, atol=1e-5)


def test_several_threads_get_what_one_gets(lifter, cmu_test_clips):
    clips = [clip for clip in cmu_test_clips[:6] for _ in range(2)]
    expected = [lifted(lifter, clip).joints for clip in clips]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda clip: lifted(lifter, clip).joints, clips))
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.long
def test_a_global_dtype_policy_does_not_reach_the_model(clip, tmp_path):
    random_lifter(causal=True, sub_networks=1).save(tmp_path / "model.keras")
    short = slice(0, 30)

    def joints():
        loaded = at.load(tmp_path)
        told = {"resolution": clip.resolution, "keypoint_set": "human36m17"}
        poses = loaded.lift(clip.keypoints[short], clip.visibility[short], fps=50, **told)
        live = loaded.stream(**told)
        streamed = live.push(clip.keypoints[short], clip.visibility[short])
        return poses.joints, streamed

    expected = joints()
    before = keras.mixed_precision.global_policy()
    for policy in ("mixed_float16", "mixed_bfloat16"):
        try:
            keras.mixed_precision.set_global_policy(policy)
            found = joints()
        finally:
            keras.mixed_precision.set_global_policy(before)
        for one, other in zip(expected, found, strict=True):
            assert other.dtype == np.float32
            np.testing.assert_array_equal(one, other)


@pytest.mark.long
def test_another_backend_of_keras_gets_one_line():
    program = (
        "import anatomy_tf as at\ntry:\n  at.load('cmu_27f')\nexcept at.InputError as e: print(e)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={"KERAS_BACKEND": "jax", "PATH": "/usr/bin", "PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.splitlines() == [
        "Keras runs on jax; anatomy_tf needs TensorFlow: set KERAS_BACKEND=tensorflow before Keras "
        "is imported"
    ]


WRONG = {
    "rank": ({"keypoints": np.zeros((17, 2))}, r"keypoints have shape \(17, 2\), expected"),
    "joint count": (
        {"keypoints": np.ones((30, 16, 2))},
        r"\(30, 16, 2\), expected \(..., 17",
    ),
    "dtype": ({"keypoints": np.full((30, 17, 2), "x")}, "keypoints: not an array of numbers"),
    "ragged": ({"keypoints": [[[1, 2]], [[1]]]}, "keypoints: not an array of numbers"),
    "all NaN": ({"keypoints": np.full((30, 17, 2), np.nan)}, "nothing was seen in any frame"),
    "no frames": ({"keypoints": np.zeros((0, 17, 2))}, "no frames, or nobody"),
    "scores": ({"scores": np.ones((30, 16))}, r"scores have shape \(30, 16\), expected \(30, 17\)"),
    "fps": ({"fps": 0}, "fps: frames per second of the video, got 0"),
    "no fps": ({"fps": None}, "fps: frames per second of the video, got None"),
    "resolution": ({"resolution": (0, 100)}, r"resolution: \(width, height\) in pixels"),
    "no resolution": ({"resolution": None}, "resolution: .* got None"),
    "set": ({"keypoint_set": "coco"}, "keypoint_set coco: no such set; there are coco17"),
    "another set": ({"keypoint_set": "coco17"}, "look like those of human36m17, not coco17"),
    "shares": ({"keypoints": "shares"}, "shares of the image, or screen coordinates"),
    "far away": ({"keypoints": "far"}, "pixels away; not seen is NaN"),
    "gap": ({"max_gap": -1}, "a gap of -1 seconds"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_gets_one_line_that_names_the_argument(name, lifter, clip):
    changes, message = WRONG[name]
    good = {
        "keypoints": clip.keypoints[:30].astype(float),
        "scores": clip.visibility[:30],
        "resolution": clip.resolution,
        "fps": 50,
        "keypoint_set": "human36m17",
    }
    special = {"shares": good["keypoints"] / 1000, "far": good["keypoints"] * 1e6}
    arguments = good | {
        key: special[value] if isinstance(value, str) and value in special else value
        for key, value in changes.items()
    }
    if "keypoints" in changes and name not in ("shares", "far"):
        arguments["scores"] = None
    with pytest.raises(at.InputError, match=message) as caught:
        lifter.lift(**arguments)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_loaded(tmp_path):
    with pytest.raises(at.InputError, match="nor a model that ships: any_81f, any_causal, cmu_27f"):
        at.load("cmu_27")
    with pytest.raises(at.InputError, match="streaming needs a causal model"):
        PoseLifter(AnatomyLifter(H36M_17, (3, 3), channels=4), "x").stream((9, 9), "coco17")


def test_training_and_evaluating(mocap_folder, tmp_path, eager):
    from anatomy_tf.data.batches.pipeline import Sampling
    from anatomy_tf.training.schedules import Schedule

    model, report = at.train(
        tmp_path / "run",
        data_dir=str(mocap_folder),
        model={"filter_widths": (3, 3), "channels": 8},
        sampling=Sampling(sampled_frames=4, batch_size=16, steps_per_epoch=2),
        schedule=Schedule(epochs=1, statistics_batches=1),
    )
    assert model.receptive_field == 9
    again = at.evaluate(tmp_path / "run", data_dir=str(mocap_folder))
    assert again["mpjpe_mm"] == pytest.approx(report["mpjpe_mm"])
    with pytest.raises(at.InputError, match="model: it has no argument chanels"):
        at.train(tmp_path / "other", data_dir=str(mocap_folder), model={"chanels": 8})
    assert not (tmp_path / "other").exists()
