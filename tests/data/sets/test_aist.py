import json
import pickle

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
from tests.data.training import train_two_steps

FRAMES = 40
TRAIN, TEST = "gBR_sBM_cAll_d04_mBR0_ch01", "gWA_sFM_cAll_d27_mWA2_ch21"
IGNORED = "gHO_sBM_cAll_d20_mHO1_ch03"
LIMBS = [name for name in COCO_17 if name in H36M_17.joint_names]
FOCAL, K1 = 1600.0, -0.05
SIZE = (1920, 1080)


@pytest.fixture(scope="module")
def motion(cmu):
    """`(T, 17, 3)` metres of Human3.6M's joints, z up, in the middle of the studio."""
    joints = cmu.clips(["A10"])[0].joints[:FRAMES].astype(np.float64)
    return joints - joints[:1, :1] * [1, 1, 0]


def in_the_world(motion):
    """COCO's joints in centimetres, y up; the face is all at the nose."""
    places = [name if name in H36M_17.joint_names else "neck" for name in COCO_17]
    joints = motion[:, [H36M_17.joint_names.index(place) for place in places]]
    return 100 * np.stack([joints[..., 0], joints[..., 2], -joints[..., 1]], axis=-1)


def camera(number):
    """Rotation and translation of one of nine cameras around the studio, 4 m away."""
    angle = 2 * np.pi * number / 9
    forward = np.array([np.sin(angle), 0, np.cos(angle)])
    right = np.array([-np.cos(angle), 0, np.sin(angle)])
    rotation = np.stack([right, [0, -1, 0], forward])
    return rotation, -rotation @ (np.array([0, 100, 0]) - 400 * forward)


def axis_angle(rotation):
    angle = np.arccos(np.clip((np.trace(rotation) - 1) / 2, -1, 1))
    if np.pi - angle < 1e-6:  # twice the axis times itself, less one
        axis = np.sqrt(np.clip((np.diag(rotation) + 1) / 2, 0, 1))
        largest = axis.argmax()
        signs = np.sign(rotation[largest])
        signs[largest] = 1
        return angle * axis * np.where(signs == 0, 1, signs)
    off = [rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0]]
    axis = np.array([*off, rotation[1, 0] - rotation[0, 1]]) / (2 * np.sin(angle) or 1)
    return angle * axis


def seen(world, number):
    rotation, translation = camera(number)
    x, y, z = np.moveaxis(world @ rotation.T + translation, -1, 0)
    x, y = x / z, y / z
    gain = FOCAL * (1 + K1 * (x * x + y * y))
    return np.stack([gain * x + 960, gain * y + 540, np.full_like(x, 0.8)], axis=-1)


def write(folder, motion, names=(TRAIN, TEST, IGNORED), key="keypoints3d_optim"):
    for name in ("cameras", "keypoints2d", "keypoints3d", "splits"):
        (folder / name).mkdir(exist_ok=True)
    cameras = []
    for number, view in enumerate(VIEWS):
        rotation, translation = camera(number)
        cameras.append(
            {
                "name": view,
                "size": list(SIZE),
                "matrix": [[FOCAL, 0, 960], [0, FOCAL, 540], [0, 0, 1]],
                "rotation": axis_angle(rotation).tolist(),
                "translation": translation.tolist(),
                "distortions": [K1, 0, 0, 0, 0],
            }
        )
    (folder / "cameras" / "setting1.json").write_text(json.dumps(cameras))
    (folder / "cameras" / "mapping.txt").write_text("".join(f"{n} setting1\n" for n in names))
    (folder / "ignore_list.txt").write_text(f"{IGNORED}\n")
    (folder / "splits" / "pose_train.txt").write_text(f"{TRAIN}\n")
    (folder / "splits" / "pose_test.txt").write_text(f"{TEST.replace('cAll', 'c01')}\n")
    world = in_the_world(motion)
    for name in names:
        store(folder / "keypoints3d" / f"{name}.pkl", {key: world})
        store_views(folder, name, np.stack([seen(world, number) for number in range(9)]))
    return folder


def store(path, content):
    path.write_bytes(pickle.dumps(content, protocol=pickle.HIGHEST_PROTOCOL))


def store_views(folder, name, views):
    count = views.shape[1]
    scores = {"det_scores": np.ones((9, count), np.float32), "timestamps": np.arange(count)}
    path = folder / "keypoints2d" / f"{name}.pkl"
    store(path, {"keypoints2d": views.astype(np.float32), **scores})


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
