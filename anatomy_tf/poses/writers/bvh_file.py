"""Poses as a Biovision file (`.bvh`), for animation programs: one person, rotations, and bones of
constant length, in centimetres and degrees, y up.

It is as long as the video, so that both run in step; in frames without a pose, the one before is
held. The root goes through the level world; without one, it stays in place, so high that the lowest
joint just reaches the floor.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator

import numpy as np

from anatomy_tf.geometry.rotations import Floats, zxy_angles
from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.poses.writers.rigid_body import children, rigid_body
from anatomy_tf.skeleton import Skeleton

_CENTIMETRES = 100.0
_END = 0.1
"""Length of the end that a joint without a bone has, in lengths of the bone before it."""


def write(poses: PoseData, path: pathlib.Path) -> None:
    """Writes the poses of a person."""
    skeleton = poses.skeleton
    body = rigid_body(poses)
    order = list(_outwards(skeleton, skeleton.root))
    # Without jumps by whole turns.
    angles = np.degrees(np.unwrap(zxy_angles(body.turns[:, order]), axis=0))
    place = _CENTIMETRES * body.root
    values = np.concatenate([place, angles.reshape(poses.num_frames, -1)], axis=1)
    lines = _lines(skeleton, _CENTIMETRES * body.offsets, skeleton.root, 0)
    with path.open("w", encoding="ascii", errors="replace") as file:
        file.write("HIERARCHY\n" + "\n".join(lines))
        file.write(f"\nMOTION\nFrames: {poses.num_frames}\nFrame Time: {1 / poses.fps:.9f}\n")
        np.savetxt(file, values, fmt="%.5f")


def _outwards(skeleton: Skeleton, joint: int) -> Iterator[int]:
    """The joints in the order of the hierarchy."""
    yield joint
    for child in children(skeleton, joint):
        yield from _outwards(skeleton, child)


def _lines(skeleton: Skeleton, offsets: Floats, joint: int, depth: int) -> Iterator[str]:
    indent = "\t" * depth
    name = re.sub(r"\s", "_", skeleton.joint_names[joint])
    place = "" if depth else "Xposition Yposition Zposition "
    yield f"{indent}{'JOINT' if depth else 'ROOT'} {name}"
    yield f"{indent}{{"
    yield f"{indent}\tOFFSET {_numbers(offsets[joint])}"
    yield f"{indent}\tCHANNELS {3 if depth else 6} {place}Zrotation Xrotation Yrotation"
    further = children(skeleton, joint)
    for child in further:
        yield from _lines(skeleton, offsets, child, depth + 1)
    if not further:
        yield f"{indent}\tEnd Site"
        yield f"{indent}\t{{"
        yield f"{indent}\t\tOFFSET {_numbers(_END * offsets[joint])}"
        yield f"{indent}\t}}"
    yield f"{indent}}}"


def _numbers(offset: Floats) -> str:
    return " ".join(f"{value + 0.0:.6f}" for value in offset)
