"""All clips as one table of frames, so that a batch is gathered in a few vectorised reads.

A second, mirrored copy of every clip follows the first copies: a horizontal flip is an offset.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bones import joints_to_bones
from anatomy_tf.geometry.camera import mirror_intrinsics
from anatomy_tf.skeleton import Skeleton


@dataclasses.dataclass(frozen=True)
class FrameTable:
    """`N` frames of `M` clips, mirrored copies included.

    Attributes:
      skeleton: what the joints are.
      keypoints: `(N, J, 2)` screen coordinates.
      visibility: `(N, J)`.
      joints: `(N, J, 3)` metres in camera space, root-relative.
      directions: `(N, 3, K)` of the bones, the coordinates first: products over bones then need no
        transposition.
      clip_of: `(N,)` the clip that a frame belongs to.
      first, count: `(M,)` first frame and number of frames of a clip.
      lengths: `(M, K)` mean bone lengths of a clip in metres.
      intrinsics: `(M, 9)` the clip's lens in screen units.
      root_mean, root_std, nearest_root: `(3,)`, `(3,)`, scalar; where people stand before the
        camera.
    """

    skeleton: Skeleton
    keypoints: np.ndarray
    visibility: np.ndarray
    joints: np.ndarray
    directions: np.ndarray
    clip_of: np.ndarray
    first: np.ndarray
    count: np.ndarray
    lengths: np.ndarray
    intrinsics: np.ndarray
    root_mean: np.ndarray
    root_std: np.ndarray
    nearest_root: float

    def __len__(self) -> int:
        return len(self.keypoints)


def build_frame_table(clips: Sequence[Clip], flip: bool = True) -> FrameTable:
    """The table of `clips`, which all need 3D joints and a camera; `flip` adds mirrored copies.

    Raises:
      InputError: no clips, several skeletons, or a clip without joints or camera.
    """
    skeleton = check_one_skeleton(clips)
    keypoints = np.concatenate([clip.screen_keypoints() for clip in clips])
    visibility = np.concatenate([clip.visibility for clip in clips]).astype(np.float32)
    joints = np.concatenate([clip.camera_joints() for clip in clips])
    roots = joints[:, skeleton.root]
    joints = joints - roots[:, np.newaxis]
    count = np.array([len(clip) for clip in clips], np.int32)
    intrinsics = np.stack([clip.known_camera().screen_intrinsics for clip in clips]).astype(
        np.float32
    )
    directions, bone_lengths = (x.numpy() for x in joints_to_bones(joints, skeleton))
    lengths = np.add.reduceat(bone_lengths, first_frames(count)) / count[:, np.newaxis]

    if flip:
        keypoints = np.concatenate([keypoints, mirror(keypoints, skeleton.flip_joints)])
        visibility = np.concatenate([visibility, visibility[:, skeleton.flip_joints]])
        directions = np.concatenate([directions, mirror(directions, skeleton.flip_bones)])
        joints = np.concatenate([joints, mirror(joints, skeleton.flip_joints)])
        count = np.tile(count, 2)
        intrinsics = np.concatenate([intrinsics, mirror_intrinsics(intrinsics)])
        lengths = np.concatenate([lengths, lengths[:, skeleton.flip_bones]])
    return FrameTable(
        skeleton=skeleton,
        keypoints=keypoints,
        visibility=visibility,
        joints=joints,
        directions=np.ascontiguousarray(np.swapaxes(directions, 1, 2)),
        clip_of=np.repeat(np.arange(len(count), dtype=np.int32), count),
        first=first_frames(count),
        count=count,
        lengths=lengths.astype(np.float32),
        intrinsics=intrinsics,
        root_mean=roots.mean(axis=0),
        root_std=roots.std(axis=0),
        nearest_root=float(roots[:, 2].min()),
    )


def check_one_skeleton(clips: Sequence[Clip]) -> Skeleton:
    """The skeleton of all `clips`; raises an InputError where there are none, or several."""
    if not clips:
        raise InputError("no clips to train on")
    skeleton = clips[0].skeleton
    for clip in clips:
        if clip.skeleton != skeleton:
            raise InputError(f"clip {clip.name}: another skeleton than clip {clips[0].name}")
    return skeleton


def as_tensors(table):
    """The same table with its arrays on TensorFlow's side, where a data pipeline reads them."""
    with tf.device("cpu:0"):
        arrays = {
            field.name: tf.constant(value)
            for field in dataclasses.fields(table)
            if isinstance(value := getattr(table, field.name), np.ndarray)
        }
    return dataclasses.replace(table, **arrays)


def first_frames(count: np.ndarray) -> np.ndarray:
    """Row of the first frame of clips with these numbers of frames."""
    return np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.int32)


def mirror(values: np.ndarray, flip: np.ndarray) -> np.ndarray:
    """`(N, J, 2 or 3)` points or directions in the mirror that turns x around."""
    mirrored = values[:, flip]
    mirrored[..., 0] *= -1
    return mirrored
