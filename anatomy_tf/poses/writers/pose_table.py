"""Poses as CSV: a line for every joint of every pose, for spreadsheets and pandas."""

from __future__ import annotations

import csv
import pathlib

import numpy as np

from anatomy_tf.data.detections.tables import Row, Table
from anatomy_tf.data.detections.text_files import read_bytes
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bone_vectors import bones_of_joints
from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.skeleton import Skeleton
from anatomy_tf.world.body import body_of

COLUMNS = (
    *("person", "frame", "time", "joint", "parent", "x", "y", "z"),
    *("keypoint_x", "keypoint_y", "score", "filled", "fps", "frames", "width", "height"),
)
"""Seconds, metres, pixels; `filled` is 1 where nothing was seen, `frames` are those of the video,
and the root has no parent.
"""
WORLD_COLUMNS = ("world_x", "world_y", "world_z", "confidence", "stands")
"""Where a level world is known; `stands` is 1 for feet that do."""


def write(poses: PoseData, path: pathlib.Path) -> None:
    """Writes `COLUMNS` and `WORLD_COLUMNS`, to a micrometre and a thousandth of a pixel."""
    skeleton = poses.skeleton
    parents = ["" if p < 0 else skeleton.joint_names[p] for p in skeleton.parents]
    video = (repr(poses.fps), poses.num_frames, *poses.resolution)
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(COLUMNS + (WORLD_COLUMNS if poses.world else ()))
        for row, (person, frame) in enumerate(
            zip(poses.person.tolist(), poses.frame.tolist(), strict=True)
        ):
            time = f"{frame / poses.fps:.6f}"
            world = _of_world(poses, row)
            values = zip(
                *(skeleton.joint_names, parents),
                *(poses.joints[row].tolist(), poses.keypoints[row].tolist()),
                poses.scores[row].tolist(),
                world,
                strict=True,
            )
            lines.writerows(
                [
                    *(person, frame, time, name, parent),
                    *(f"{value:.6f}" for value in joint),
                    *(f"{value:.3f}" for value in keypoint),
                    *(f"{score:.4f}", int(score == 0), *video, *of_world),
                ]
                for name, parent, joint, keypoint, score, of_world in values
            )


def _of_world(poses: PoseData, row: int) -> list[tuple[str, ...]]:
    """The cells of `WORLD_COLUMNS` of every joint of a pose."""
    if poses.world is None:
        return [()] * poses.skeleton.num_joints
    feet = body_of(poses.skeleton).feet
    standing = {foot for foot, stands in zip(feet, poses.world.stands[row], strict=True) if stands}
    places, sure = poses.world.joints[row].tolist(), poses.world.confidence[row].tolist()
    return [
        (*(f"{value:.6f}" for value in place), f"{share:.4f}", str(int(joint in standing)))
        for joint, (place, share) in enumerate(zip(places, sure, strict=True))
    ]


def read(path: pathlib.Path) -> PoseData:
    """What `write` wrote, with the bones between the joints; raises an InputError for anything
    else.
    """
    table = Table(read_bytes(path), str(path))
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise InputError(f"not poses: there is no column {missing[0]}")
    rows = list(table)
    if not rows:
        raise InputError("poses: there is none")
    skeleton = _skeleton(rows)
    count, rest = divmod(len(rows), skeleton.num_joints)
    names = [row.text("joint") for row in rows]
    if rest or names != count * list(skeleton.joint_names):
        raise InputError("cut short, or the joints of a pose are not those of the first")

    def numbers(*columns: str) -> np.ndarray:
        values = [[row.number(column) for column in columns] for row in rows]
        return np.array(values, np.float32).reshape(count, skeleton.num_joints, len(columns))

    firsts = rows[:: skeleton.num_joints]
    joints = numbers("x", "y", "z")
    directions, lengths = bones_of_joints(joints, skeleton)
    return PoseData(
        skeleton=skeleton,
        fps=rows[0].number("fps"),
        num_frames=rows[0].whole_number("frames"),
        resolution=(rows[0].whole_number("width"), rows[0].whole_number("height")),
        person=np.array([row.whole_number("person") for row in firsts], np.int64),
        frame=np.array([row.whole_number("frame") for row in firsts], np.int64),
        joints=joints,
        directions=directions,
        lengths=lengths,
        keypoints=numbers("keypoint_x", "keypoint_y"),
        scores=numbers("score")[..., 0],
    )


def _skeleton(rows: list[Row]) -> Skeleton:
    """Of the first pose."""
    names: list[str] = []
    for row in rows:
        if row.text("joint") in names:
            break
        names.append(row.text("joint"))
    parents = []
    for row in rows[: len(names)]:
        parent = row.text("parent")
        if parent and parent not in names:
            raise InputError(f"{row.where}: parent {parent} is no joint of the pose")
        parents.append(names.index(parent) if parent else -1)
    return Skeleton.from_names(names, parents)
