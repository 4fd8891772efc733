import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.data.keypoint_sets import COCO_17
from anatomy_tf.data.sets.bodies import HUMANEVA_15
from anatomy_tf.data.sets.humaneva import open_humaneva
from anatomy_tf.data.sets.projected import project_keypoints
from anatomy_tf.errors import InputError
from tests.damage import damaged, fuzz
from tests.data.sets.humaneva_files import (
    CAMERAS,
    FRAMES,
    KEYPOINTS,
    POSES,
    archives,
    centred,
    write,
)
from tests.data.training import train_two_steps


@pytest.fixture(scope="module")
def motion(cmu):
    return centred(cmu.clips(["A10"])[0].joints[:FRAMES])


def test_clips_are_what_the_archives_hold(tmp_path, motion):
    poses, keypoints = archives(motion)
    source = open_humaneva(write(tmp_path, poses, keypoints))
    assert source.train_subjects == ("Train/S1", "Train/S3")
    assert source.test_subjects == ("Validate/S2",)
    assert (source.fps, source.skeleton) == (60, HUMANEVA_15)
    clips = source.clips([*source.train_subjects, *source.test_subjects])
    takes = [
        *("Train/S1/Walking 1 chunk0", "Train/S1/Walking 1 chunk2"),
        *("Train/S3/Jog 1 chunk0", "Validate/S2/Box 1 chunk0"),
    ]
    assert [clip.name for clip in clips] == [
        f"{take}/{view}" for take in takes for view in range(3)
    ]
    for clip in clips:
        split, number, take, view = clip.name.split("/")
        assert (clip.subject, clip.action) == (f"{split}/{number}", take.split()[0])
        assert (clip.resolution, clip.fps) == ((640, 480), 60)
        assert clip.keypoints_from == "ground truth"
        np.testing.assert_array_equal(clip.joints, poses[clip.subject][take])
        np.testing.assert_array_equal(clip.keypoints, keypoints[clip.subject][take][int(view)])
        np.testing.assert_allclose(project_keypoints(clip).keypoints, clip.keypoints, atol=0.01)
        inside = (clip.keypoints > 0) & (clip.keypoints < [640, 480])
        assert inside.all()  # the cameras look at the middle of the laboratory


def test_the_first_camera_is_that_of_the_calibration_file():
    """`C1.cal` of S1 and S2 gives a rotation matrix and millimetres instead of quaternion and
    position.
    """
    calibrated = {
        "S1": (
            [
                [-0.143362, 0.989627, 0.009217],
                [0.167173, 0.033395, -0.985362],
                [-0.975449, -0.139723, -0.170226],
            ],
            [-88.085494, 804.781346, 4315.339452],
        ),
        "S2": (
            [
                [-0.152389, 0.988262, 0.010755],
                [0.170400, 0.036991, -0.984680],
                [-0.973520, -0.148222, -0.174037],
            ],
            [-8.996069, 797.610556, 4365.802204],
        ),
    }
    points = np.random.default_rng(0).normal(size=(9, 3))
    for subject, (rotation, translation) in calibrated.items():
        found = CAMERAS[subject][0].world_to_camera(points)
        expected = points @ np.transpose(rotation) + np.array(translation) / 1000
        np.testing.assert_allclose(found, expected, atol=1e-5)
    assert set(CAMERAS) == {"S1", "S2", "S3"}


def test_keypoints_of_all_cameras_may_be_one_array(tmp_path, motion):
    poses, keypoints = archives(motion)
    stacked = {
        subject: {take: np.stack(views) for take, views in takes.items()}
        for subject, takes in keypoints.items()
    }
    clips = open_humaneva(write(tmp_path, poses, stacked)).clips(["Train/S3"])
    for clip, view in zip(clips, keypoints["Train/S3"]["Jog 1 chunk0"], strict=True):
        np.testing.assert_array_equal(clip.keypoints, view)


def test_all_actions_if_asked_for(tmp_path, motion):
    folder = write(tmp_path, *archives(motion))
    source = open_humaneva(folder, actions=("Gestures", "ThrowCatch"))
    names = [clip.name for clip in source.clips(["Validate/S2", "Train/S1"])]
    expected = ("Train/S1/Gestures 1 chunk0", "Validate/S2/ThrowCatch 1 chunk1")
    assert names == [f"{take}/{camera}" for take in expected for camera in range(3)]


def test_detections_in_another_layout_become_the_body(tmp_path, motion):
    poses, truth = archives(motion)
    detected = {
        subject: {
            take: [np.zeros((FRAMES, 17, 2), np.float32) for _ in views]
            for take, views in takes.items()
        }
        for subject, takes in truth.items()
    }
    for subject, takes in truth.items():
        for take, views in takes.items():
            for camera, view in enumerate(views):
                for joint, name in enumerate(HUMANEVA_15.joint_names):
                    if name in COCO_17:
                        place = COCO_17.index(name)
                        detected[subject][take][camera][:, place] = view[:, joint]
    metadata = {"layout_name": "coco", "num_joints": 17}
    write(tmp_path, poses, detected, metadata, "detectron_pt_coco")
    clip = open_humaneva(tmp_path, "detectron_pt_coco").clips(["Train/S3"])[1]
    expected = truth["Train/S3"]["Jog 1 chunk0"][1]
    assert clip.keypoints_from == "detectron_pt_coco"
    limbs = [joint for joint, name in enumerate(HUMANEVA_15.joint_names) if name in COCO_17]
    assert len(limbs) == 12
    np.testing.assert_array_equal(clip.keypoints[:, limbs], expected[:, limbs])
    hips = [HUMANEVA_15.joint_names.index(name) for name in ("l_hip", "r_hip")]
    np.testing.assert_allclose(clip.keypoints[:, 0], expected[:, hips].mean(axis=1), rtol=1e-5)
    assert (clip.visibility == 1).all()


def test_a_model_trains_on_it(tmp_path, motion):
    train_two_steps(open_humaneva(write(tmp_path, *archives(motion))).clips(["Train/S1"]))


def _nan(values):
    values[7, 3] = np.nan
    return values


TAKE = ("Train/S1", "Walking 1 chunk0")
DAMAGE = {
    "no frames": (
        lambda poses, _: np.zeros((0, 15, 3)),
        None,
        "has shape (24, 15, 2), expected (0, 15, 2)",
    ),
    "fewer joints": (
        lambda poses, _: poses[:, :14],
        None,
        "humaneva15.npz: Train/S1/Walking 1 chunk0 has shape (24, 14, 3), expected (frames, 15, 3)",
    ),
    "NaN": (
        lambda poses, _: _nan(poses.copy()),
        None,
        "clip Train/S1/Walking 1 chunk0/0: joints is not finite in frame 7",
    ),
    "text": (
        lambda poses, _: "hello",
        None,
        "humaneva15.npz: Train/S1/Walking 1 chunk0: no array of numbers",
    ),
    "two cameras": (None, lambda views: views[:2], "chunk0: expected keypoints of 3 cameras"),
    "a number for cameras": (
        None,
        lambda views: np.float32(7),
        "chunk0: expected keypoints of 3 cameras",
    ),
    "no keypoints": (None, lambda views: None, "chunk0: expected keypoints of 3 cameras"),
    "a camera missing": (
        None,
        lambda views: [views[0], None, views[2]],
        "gt.npz: Train/S1/Walking 1 chunk0/1: no array of numbers",
    ),
    "fewer frames": (
        None,
        lambda views: [view[:20] for view in views],
        "gt.npz: Train/S1/Walking 1 chunk0/0 has shape (20, 15, 2), expected (24, 15, 2)",
    ),
    "NaN keypoints": (
        None,
        lambda views: [_nan(view.copy()) for view in views],
        "clip Train/S1/Walking 1 chunk0/0: keypoints is not finite in frame 7",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_named_by_file_and_place(tmp_path, motion, name):
    of_poses, of_keypoints, message = DAMAGE[name]
    poses, keypoints = archives(motion)
    subject, take = TAKE
    if of_poses:
        poses[subject][take] = of_poses(poses[subject][take], None)
    else:
        keypoints[subject][take] = of_keypoints(keypoints[subject][take])
    write(tmp_path, poses, keypoints)
    with pytest.raises(InputError) as error:
        open_humaneva(tmp_path).clips(["Train/S1"])
    assert message in str(error.value)
    assert str(tmp_path) in str(error.value)
    assert "\n" not in str(error.value)


def test_mistakes_in_the_archives_as_a_whole(tmp_path, motion):
    poses, keypoints = archives(motion)
    with pytest.raises(InputError, match="nowhere: no such folder"):
        open_humaneva(tmp_path / "nowhere")
    with pytest.raises(InputError, match="data_3d_humaneva15.npz: file not found"):
        open_humaneva(tmp_path)
    write(tmp_path, poses, keypoints)
    with pytest.raises(InputError, match="data_2d_humaneva15_cpn.npz: file not found"):
        open_humaneva(tmp_path, "cpn")
    with pytest.raises(
        InputError, match="no subject S1; there are Train/S1, Train/S3, Validate/S2"
    ):
        open_humaneva(tmp_path).clips(["S1"])
    write(tmp_path, poses, keypoints, metadata={"layout_name": "lsp"})
    with pytest.raises(
        InputError, match="gt.npz: metadata: layout_name must be one of humaneva15, "
    ):
        open_humaneva(tmp_path)
    write(tmp_path, poses, {"Train/S1": keypoints["Train/S1"]})
    with pytest.raises(InputError, match="gt.npz: Train/S3/Jog 1 chunk0: missing"):
        open_humaneva(tmp_path).clips(["Train/S3"])
    write(tmp_path, {"S1": poses["Train/S1"]}, keypoints)
    with pytest.raises(InputError, match="positions_3d has none of Train/S1 to Validate/S3"):
        open_humaneva(tmp_path)
    write(tmp_path, {"Train/S1": {"Walking\n1": poses["Train/S1"][TAKE[1]]}}, keypoints)
    with pytest.raises(InputError, match=r"Train/S1: a take is called 'Walking\\n1'"):
        open_humaneva(tmp_path).clips(["Train/S1"])
    np.savez(tmp_path / POSES, positions=np.zeros(3))
    with pytest.raises(InputError, match="humaneva15.npz: positions_3d: missing, or not the dict"):
        open_humaneva(tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory, motion):
    return write(tmp_path_factory.mktemp("whole"), *archives(motion[:4]))


@fuzz(max_examples=50)
@given(data=st.data(), name=st.sampled_from([POSES, KEYPOINTS]))
def test_a_file_with_changed_bytes_is_read_or_refused(whole, data, name):
    with damaged(data, whole / name):
        source = open_humaneva(whole)
        source.clips([*source.train_subjects, *source.test_subjects])
