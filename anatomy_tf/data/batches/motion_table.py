"""Takes in world space as one table of frames, to be seen by cameras that are made up.

A second, mirrored copy of every take follows the first copies: a horizontal flip is an offset.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence

import numpy as np

from anatomy_tf.data.batches.frame_table import check_one_skeleton, first_frames, mirror
from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bones import joints_to_bones
from anatomy_tf.skeleton import Skeleton


@dataclasses.dataclass(frozen=True)
class MotionTable:
    """`N` frames of `M` takes, mirrored copies included.

    Attributes:
      skeleton: what the joints are.
      directions: `(N, 3, K)` of the bones in world space, z up.
      roots: `(N, 3)` metres.
      clip_of: `(N,)` the take that a frame belongs to.
      first, count: `(M,)` first frame and number of frames of a take.
      lengths: `(M, K)` mean bone lengths of a take in metres.
      source: `(M,)` which of the clips a take is of, the first of those that show it.
    """

    skeleton: Skeleton
    directions: np.ndarray
    roots: np.ndarray
    clip_of: np.ndarray
    first: np.ndarray
    count: np.ndarray
    lengths: np.ndarray
    source: np.ndarray

    def __len__(self) -> int:
        return len(self.roots)


def build_motion_table(clips: Sequence[Clip], flip: bool = True) -> MotionTable:
    """The table of the takes in `clips`, which all need 3D joints; `flip` adds mirrored copies.

    What several cameras saw is one take.

    Raises:
      InputError: no clips, several skeletons, or a clip without joints.
    """
    skeleton = check_one_skeleton(clips)
    takes: dict[bytes, tuple[int, np.ndarray]] = {}
    for number, clip in enumerate(clips):
        if clip.joints is None:
            raise InputError(f"clip {clip.name}: joints are needed here, and the clip has none")
        joints = np.ascontiguousarray(clip.joints, np.float32)
        takes.setdefault(hashlib.sha256(joints.tobytes()).digest(), (number, joints))
    joints = np.concatenate([take for _, take in takes.values()])
    count = np.array([len(take) for _, take in takes.values()], np.int32)
    source = np.array([number for number, _ in takes.values()], np.int32)
    roots = joints[:, skeleton.root]
    directions, bone_lengths = (x.numpy() for x in joints_to_bones(joints, skeleton))
    lengths = np.add.reduceat(bone_lengths, first_frames(count)) / count[:, np.newaxis]
    if flip:
        directions = np.concatenate([directions, mirror(directions, skeleton.flip_bones)])
        roots = np.concatenate([roots, roots * np.array([-1, 1, 1], np.float32)])
        count, source = np.tile(count, 2), np.tile(source, 2)
        lengths = np.concatenate([lengths, lengths[:, skeleton.flip_bones]])
    return MotionTable(
        skeleton=skeleton,
        directions=np.ascontiguousarray(np.swapaxes(directions, 1, 2)),
        roots=roots,
        clip_of=np.repeat(np.arange(len(count), dtype=np.int32), count),
        first=first_frames(count),
        count=count,
        lengths=lengths.astype(np.float32),
        source=source,
    )
