"""Small AIST++ folders, as its download has them."""

import json
import pickle

import numpy as np

from anatomy_tf.data.keypoint_sets import COCO_17
from anatomy_tf.data.sets.aist import VIEWS
from anatomy_tf.skeleton import H36M_17

FRAMES = 40
TRAIN, TEST = "gBR_sBM_cAll_d04_mBR0_ch01", "gWA_sFM_cAll_d27_mWA2_ch21"
IGNORED = "gHO_sBM_cAll_d20_mHO1_ch03"
LIMBS = [name for name in COCO_17 if name in H36M_17.joint_names]
FOCAL, K1 = 1600.0, -0.05
SIZE = (1920, 1080)


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
