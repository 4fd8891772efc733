"""All clips as one table of frames, so that a batch is gathered in a few vectorised reads.

A second, mirrored copy of every clip follows the first copies: a horizontal flip is an offset.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from anatomy_tf.data.batches.rows_on_disk import RowsOnDisk
from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bones import joints_to_bones
from anatomy_tf.geometry.camera import mirror_intrinsics
from anatomy_tf.skeleton import Skeleton

ROWS = ("keypoints", "visibility", "joints", "directions")
"""What a table has of every frame, beside its clip's number."""


@dataclasses.dataclass(frozen=True)
class FrameTable:
    """`N` frames of `M` clips, mirrored copies included; the arrays of frames may be `RowsOnDisk`.

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
    keypoints: np.ndarray | RowsOnDisk
    visibility: np.ndarray | RowsOnDisk
    joints: np.ndarray | RowsOnDisk
    directions: np.ndarray | RowsOnDisk
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


def build_frame_table(clips: Iterable[Clip], flip: bool = True) -> FrameTable:
    """The table of `clips`, which all need 3D joints and a camera; `flip` adds mirrored copies.

    Raises:
      InputError: no clips, several skeletons, or a clip without joints or camera.
    """
    rows: dict[str, list[np.ndarray]] = {name: [] for name in ROWS}
    facts = ClipFacts()
    for clip in clips:
        for name, values in facts.rows_of(clip).items():
            rows[name].append(values)
    skeleton = facts.checked_skeleton()
    table = {name: np.concatenate(values) for name, values in rows.items()}
    if flip:
        for name, mirrored in mirrors(skeleton).items():
            table[name] = np.concatenate([table[name], mirrored(table[name])])
    return facts.table(table, flip)


class ClipFacts:
    """What a table has beside its rows, gathered clip by clip."""

    def __init__(self) -> None:
        self._first: Clip | None = None
        self._count: list[int] = []
        self._lengths: list[np.ndarray] = []
        self._intrinsics: list[np.ndarray] = []
        self._root_sums, self._nearest_root = np.zeros((2, 3)), np.inf

    def rows_of(self, clip: Clip) -> dict[str, np.ndarray]:
        """The clip's rows, by the names of `ROWS`.

        Raises:
          InputError: another skeleton than the first clip has, or no joints or camera.
        """
        self._first = self._first or clip
        skeleton = check_one_skeleton([self._first, clip])
        joints = clip.camera_joints()
        roots = joints[:, skeleton.root]
        joints = joints - roots[:, np.newaxis]
        directions, bone_lengths = (x.numpy() for x in joints_to_bones(joints, skeleton))
        self._count.append(len(clip))
        self._lengths.append(bone_lengths.mean(axis=0, dtype=np.float64).astype(np.float32))
        self._intrinsics.append(clip.known_camera().screen_intrinsics.astype(np.float32))
        precise = roots.astype(np.float64)
        self._root_sums += [precise.sum(axis=0), (precise**2).sum(axis=0)]
        self._nearest_root = min(self._nearest_root, float(roots[:, 2].min()))
        return {
            "keypoints": clip.screen_keypoints(),
            "visibility": clip.visibility.astype(np.float32),
            "joints": joints,
            "directions": np.ascontiguousarray(np.swapaxes(directions, 1, 2)),
        }

    def checked_skeleton(self) -> Skeleton:
        """Of all clips; raises an InputError where there are none."""
        return check_one_skeleton([self._first] if self._first else [])

    def table(self, rows: Mapping[str, Any], flip: bool) -> FrameTable:
        """The whole table; with `flip`, the `rows` have their mirrored copies after them."""
        skeleton = self.checked_skeleton()
        count = np.array(self._count, np.int32)
        lengths, intrinsics = np.stack(self._lengths), np.stack(self._intrinsics)
        mean, mean_square = self._root_sums / count.sum()
        if flip:
            count = np.tile(count, 2)
            intrinsics = np.concatenate([intrinsics, mirror_intrinsics(intrinsics)])
            lengths = np.concatenate([lengths, lengths[:, skeleton.flip_bones]])
        return FrameTable(
            skeleton=skeleton,
            **rows,
            clip_of=np.repeat(np.arange(len(count), dtype=np.int32), count),
            first=first_frames(count),
            count=count,
            lengths=lengths,
            intrinsics=intrinsics,
            root_mean=mean.astype(np.float32),
            root_std=np.sqrt(np.maximum(mean_square - mean**2, 0)).astype(np.float32),
            nearest_root=self._nearest_root,
        )


def mirrors(skeleton: Skeleton) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """How rows become those of the mirrored clip, by the names of `ROWS`."""
    bones, joints = skeleton.flip_bones, skeleton.flip_joints

    def mirror_directions(values: np.ndarray) -> np.ndarray:
        mirrored = values[..., bones]
        mirrored[:, 0] *= -1
        return mirrored

    return {
        "keypoints": lambda values: mirror(values, joints),
        "visibility": lambda values: values[:, joints],
        "joints": lambda values: mirror(values, joints),
        "directions": mirror_directions,
    }


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
