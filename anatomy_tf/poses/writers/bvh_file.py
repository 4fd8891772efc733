"""Poses as a Biovision file (`.bvh`), for animation programs: one person, rotations, and bones of
constant length, in centimetres and degrees, y up.

It is as long as the video, so that both run in step; in frames without a pose, the one before is
held. The root stays in place, so high that the lowest joint just reaches the floor.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator

import numpy as np

from anatomy_tf.geometry.rest_pose import Floats, joints_at, rest_and_turns
from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.poses.writers.one_person import TO_Y_UP, check_one_person
from anatomy_tf.skeleton import Skeleton

_CENTIMETRES = 100.0
_END = 0.1
"""Length of the end that a joint without a bone has, in lengths of the bone before it."""


def write(poses: PoseData, path: pathlib.Path) -> None:
    """Writes the poses of a person; raises an InputError where there are several."""
    check_one_person(poses, ".bvh")
    skeleton = poses.skeleton
    lengths = poses.lengths.mean(axis=0, dtype=np.float64)
    rest, turns = rest_and_turns(poses.directions * TO_Y_UP, skeleton)
    height = -joints_at(rest, turns, lengths, skeleton)[..., 1].min()
    offsets = np.zeros((skeleton.num_joints, 3))
    offsets[skeleton.bones[:, 1]] = _CENTIMETRES * rest * lengths[:, np.newaxis]
    order = list(_outwards(skeleton, skeleton.root))

    before = [max(skeleton.parents[joint], 0) for joint in order]
    local = np.swapaxes(turns[:, before], 2, 3) @ turns[:, order]
    local[:, 0] = turns[:, skeleton.root]
    place = np.tile([0, _CENTIMETRES * height, 0], (len(poses), 1))
    values = np.concatenate([place, _angles(local).reshape(len(poses), -1)], axis=1)
    # The pose of a frame, or the last one before it.
    row = np.searchsorted(poses.frame, np.arange(poses.num_frames), side="right") - 1
    with path.open("w", encoding="ascii", errors="replace") as file:
        file.write("HIERARCHY\n" + "\n".join(_lines(skeleton, offsets, skeleton.root, 0)))
        file.write(f"\nMOTION\nFrames: {poses.num_frames}\nFrame Time: {1 / poses.fps:.9f}\n")
        np.savetxt(file, values[np.maximum(row, 0)], fmt="%.5f")


def _children(skeleton: Skeleton, joint: int) -> list[int]:
    return [far for near, far in skeleton.bones.tolist() if near == joint]


def _outwards(skeleton: Skeleton, joint: int) -> Iterator[int]:
    """The joints in the order of the hierarchy."""
    yield joint
    for child in _children(skeleton, joint):
        yield from _outwards(skeleton, child)


def _lines(skeleton: Skeleton, offsets: Floats, joint: int, depth: int) -> Iterator[str]:
    indent = "\t" * depth
    name = re.sub(r"\s", "_", skeleton.joint_names[joint])
    place = "" if depth else "Xposition Yposition Zposition "
    yield f"{indent}{'JOINT' if depth else 'ROOT'} {name}"
    yield f"{indent}{{"
    yield f"{indent}\tOFFSET {_numbers(offsets[joint])}"
    yield f"{indent}\tCHANNELS {3 if depth else 6} {place}Zrotation Xrotation Yrotation"
    children = _children(skeleton, joint)
    for child in children:
        yield from _lines(skeleton, offsets, child, depth + 1)
    if not children:
        yield f"{indent}\tEnd Site"
        yield f"{indent}\t{{"
        yield f"{indent}\t\tOFFSET {_numbers(_END * offsets[joint])}"
        yield f"{indent}\t}}"
    yield f"{indent}}}"


def _numbers(offset: Floats) -> str:
    return " ".join(f"{value + 0.0:.6f}" for value in offset)


def _angles(turns: Floats) -> Floats:
    """`(T, J, 3, 3)` -> `(T, J, 3)` degrees about z, x, y, multiplied in this order, without jumps
    by whole turns.
    """
    z = np.arctan2(-turns[..., 0, 1], turns[..., 1, 1])
    x = np.arcsin(np.clip(turns[..., 2, 1], -1, 1))
    y = np.arctan2(-turns[..., 2, 0], turns[..., 2, 2])
    return np.degrees(np.unwrap(np.stack([z, x, y], axis=-1), axis=0))
