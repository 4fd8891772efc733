import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.data.batches.motion_table import build_motion_table
from anatomy_tf.data.keypoint_sets import COCO_17
from anatomy_tf.data.sets.aist import VIEWS, open_aist
from anatomy_tf.data.sets.projected import project_keypoints
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17
from tests.damage import damaged, fuzz
from tests.data.sets.aist_files import (
    FRAMES,
    LIMBS,
    SIZE,
    TEST,
    in_the_world,
    seen,
    store,
    store_views,
    write,
)
from tests.data.training import train_two_steps


@pytest.fixture(scope="module")
def motion(cmu):
    """`(T, 17, 3)` metres of Human3.6M's joints, z up, in the middle of the studio."""
    joints = cmu.clips(["A10"])[0].joints[:FRAMES].astype(np.float64)
    return joints - joints[:1, :1] * [1, 1, 0]


def joints_called(names):
    return [H36M_17.joint_names.index(name) for name in names]


@pytest.mark.parametrize("key", ["keypoints3d_optim", "keypoints3d"])
def test_clips_are_what_nine_cameras_saw(tmp_path, motion, key):
    source = open_aist(write(tmp_path, motion, key=key))
    assert (source.train_subjects, source.test_subjects) == (("d04",), ("d27",))
    clips = source.clips(["d27"])
    assert [clip.name for clip in clips] == [f"d27/{TEST}/{view}/0" for view in VIEWS]
    for number, clip in enumerate(clips):
        assert (clip.subject, clip.action, clip.fps) == ("d27", "waack", 60)
        assert clip.resolution == SIZE
        limbs = joints_called(LIMBS)
        np.testing.assert_allclose(clip.joints[:, limbs], motion[:, limbs], atol=1e-5)
        views = seen(in_the_world(motion), number)[:, [COCO_17.index(name) for name in LIMBS]]
        np.testing.assert_allclose(clip.keypoints[:, limbs], views[..., :2], atol=1e-3)
        projected = project_keypoints(clip).keypoints
        np.testing.assert_allclose(projected[:, limbs], views[..., :2], atol=0.02)
        np.testing.assert_allclose(clip.visibility, 0.8, atol=1e-6)
    hips = motion[:, joints_called(["l_hip", "r_hip"])].mean(axis=1)
    np.testing.assert_allclose(clips[0].joints[:, H36M_17.root], hips, atol=1e-5)


def test_a_dance_is_one_take_and_models_train_on_it(tmp_path, motion):
    clips = open_aist(write(tmp_path, motion)).clips(["d04"])
    assert [clip.name.split("/")[2] for clip in clips] == [v for v in VIEWS if v != "c05"]
    assert len(build_motion_table(clips, flip=False).count) == 1
    train_two_steps(clips)


def test_gaps(tmp_path, motion):
    write(tmp_path, np.concatenate([motion, motion, motion]))
    world = in_the_world(np.concatenate([motion, motion, motion]))
    world[50, 3] = np.nan  # the right ear: no joint of Human3.6M, unless the head is made of it
    world[85:88, COCO_17.index("l_knee")] = np.nan
    store(tmp_path / "keypoints3d" / f"{TEST}.pkl", {"keypoints3d_optim": world})
    views = np.stack([seen(in_the_world(np.concatenate(3 * [motion])), n) for n in range(9)])
    views[2] = np.nan
    views[4, 10:15] = np.nan
    store_views(tmp_path, TEST, views)
    clips = open_aist(tmp_path).clips(["d27"])
    stretches = {clip.name.split("/")[3]: len(clip) for clip in clips}
    assert stretches["88"] == 32
    assert sum(stretches.values()) < 120 - 3
    assert "c03" not in {clip.name.split("/")[2] for clip in clips}
    (holey,) = (clip for clip in clips if clip.name.endswith("c05/0"))
    assert (holey.visibility[10:15] == 0).all()
    knee = holey.keypoints[9:16, joints_called(["l_knee"])[0]]
    steps = np.diff(knee, axis=0)
    np.testing.assert_allclose(steps, np.broadcast_to(steps[0], steps.shape), atol=1e-2)


def test_without_splits_all_are_for_training(tmp_path, motion):
    write(tmp_path, motion)
    for path in (tmp_path / "splits").iterdir():
        path.unlink()
    source = open_aist(tmp_path)
    assert (source.train_subjects, source.test_subjects) == (("d04", "d27"), ())


def _camera_with(**fields):
    def change(folder):
        path = folder / "cameras" / "setting1.json"
        cameras = json.loads(path.read_text())
        cameras[3] |= fields
        path.write_text(json.dumps(cameras))

    return change


MISTAKES = {
    "views": (
        lambda folder: store_views(folder, TEST, np.zeros((8, FRAMES, 17, 3))),
        f"keypoints2d/{TEST}.pkl: keypoints2d has shape (8, 40, 17, 3), expected (9, 40, 17, 3)",
    ),
    "frames": (
        lambda folder: store_views(folder, TEST, np.zeros((9, 7, 17, 3))),
        "keypoints2d has shape (9, 7, 17, 3)",
    ),
    "no array": (
        lambda folder: store(folder / "keypoints3d" / f"{TEST}.pkl", {"keypoints3d": "none"}),
        f"keypoints3d/{TEST}.pkl: no array of numbers keypoints3d_optim or keypoints3d",
    ),
    "no detections": (
        lambda folder: (folder / "keypoints2d" / f"{TEST}.pkl").unlink(),
        f"keypoints2d/{TEST}.pkl: file not found",
    ),
    "no cameras": (
        lambda folder: (folder / "cameras" / "setting1.json").write_text("[]"),
        "setting1.json: expected a list of 9 cameras",
    ),
    "tangential": (
        _camera_with(distortions=[0, 0, 0.01, 0, 0]),
        "setting1.json: c04: a lens with tangential distortion is not read",
    ),
    "no lens": (
        _camera_with(matrix=[[0, 0, 0], [0, 0, 0], [0, 0, 1]]),
        "setting1.json: c04: camera: resolution and focal_length must be positive",
    ),
    "size": (_camera_with(size=[0, 5]), "c04: camera: resolution and focal_length must be"),
    "rotation": (_camera_with(rotation=[0, 1e9, 0]), "c04: size or rotation is none"),
    "field": (_camera_with(rotation="up"), "c04: not a camera with size, matrix, rotation"),
    "line": (
        lambda folder: (folder / "cameras" / "mapping.txt").write_text("../x setting1\n"),
        "mapping.txt: line 1 is no sequence and its setting",
    ),
    "no list": (lambda folder: (folder / "ignore_list.txt").unlink(), "ignore_list.txt: file not"),
    "nothing": (
        lambda folder: [path.unlink() for path in (folder / "keypoints3d").iterdir()],
        "keypoints3d: no .pkl file of a sequence in mapping.txt",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_named_by_file_and_place(tmp_path, motion, name):
    change, message = MISTAKES[name]
    change(write(tmp_path, motion))
    with pytest.raises(InputError) as error:
        open_aist(tmp_path).clips(["d27"])
    assert message in str(error.value)
    assert str(error.value).startswith(str(tmp_path))
    assert "\n" not in str(error.value)


@pytest.fixture(scope="module")
def whole(tmp_path_factory, motion):
    return write(tmp_path_factory.mktemp("whole"), motion[:4], names=(TEST,))


@fuzz(max_examples=60)
@given(
    data=st.data(),
    name=st.sampled_from(
        ["cameras/setting1.json", "cameras/mapping.txt", "ignore_list.txt"]
        + [f"keypoints2d/{TEST}.pkl", f"keypoints3d/{TEST}.pkl", "splits/pose_test.txt"]
    ),
)
def test_a_file_with_changed_bytes_is_read_or_refused(whole, data, name):
    with damaged(data, whole / name):
        open_aist(whole).clips(["d27"])
