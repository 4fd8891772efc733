"""Where a detector sees a joint: not where motion capture has it, and the same way for a whole
clip.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from anatomy_tf.data.batches.draws import Draws
from anatomy_tf.data.keypoint_sets import conversion
from anatomy_tf.skeleton import Skeleton

OFFSET_SDS = {"hip": 0.025, "shoulder": 0.020}
"""Metres, along each axis of a body 1.7 m tall."""
OTHER_OFFSET_SD = 0.012
_AVERAGED = 0.6
_NOSE = 0.6
_NOSE_AHEAD, _NOSE_AHEAD_SD = 0.09, 0.02
_HEAD_SD = 0.03
_MIDDLES = ("pelvis", "thorax", "spine")
"""Joints that most tools have no keypoint for; `keypoint_sets` makes them of others."""


def draw_offsets(draws: Draws, stature, skeleton: Skeleton):
    """`(B, 3, J)` metres along the body's axes (left, up, ahead), fixed for a clip.

    In most clips the neck is the nose, and the top of the head is guessed from the ears. `stature
    (B,)` in metres.
    """
    names = skeleton.plain_names
    sds = np.array([OFFSET_SDS.get(name, OTHER_OFFSET_SD) for name in names], np.float32)
    head = np.array([name == "head" for name in names], np.float32)
    neck = np.array([name == "neck" for name in names], np.float32)
    offsets = draws.normal(sds, (3, len(names))) + draws.normal(_HEAD_SD, (3, 1)) * head
    nose = tf.where(draws.chance(_NOSE), _NOSE_AHEAD + draws.normal(_NOSE_AHEAD_SD), 0.0)
    ahead = tf.one_hot(2, 3)[:, tf.newaxis] * neck
    offsets += nose[:, tf.newaxis, tf.newaxis] * ahead
    return offsets * (stature / 1.7)[:, tf.newaxis, tf.newaxis]


def averaging(draws: Draws, skeleton: Skeleton):
    """`(B, J, J)` weights of the keypoints in the keypoints: in most clips those of the trunk's
    middle are means of others.
    """
    names = skeleton.joint_names
    found = [joint for joint, name in enumerate(names) if name not in _MIDDLES]
    identity = np.eye(len(names), dtype=np.float32)
    averaged = np.zeros_like(identity)
    averaged[:, found] = conversion(tuple(names[joint] for joint in found), names)
    averaged = np.where(averaged.any(axis=1, keepdims=True), averaged, identity)
    return tf.where(draws.chance(_AVERAGED, (1, 1)), averaged, identity)


@tf.function(jit_compile=True, autograph=False)
def move_joints(joints, offsets, sides: np.ndarray):
    """`(B, F, 3, J)` joints moved by `(B, 3, J)` along the body's axes.

    `sides` as `body_sides` gives it.
    """
    moves = [
        axis[..., tf.newaxis] * offsets[:, tf.newaxis, i : i + 1]
        for i, axis in enumerate(body_axes(joints, sides))
    ]
    return joints + tf.add_n(moves)


def body_axes(vectors, sides):
    """Left, up and ahead of bodies, `(B, F, 3)` each, by what `sides (2, N)` make of `(B, F, 3, N)`
    joints or bones.
    """
    left = tf.math.l2_normalize(tf.linalg.matvec(vectors, sides[0]), axis=-1, epsilon=1e-6)
    up = tf.linalg.matvec(vectors, sides[1])
    up = tf.math.l2_normalize(
        up - tf.reduce_sum(up * left, axis=-1, keepdims=True) * left, axis=-1, epsilon=1e-6
    )
    return left, up, tf.linalg.cross(left, up)


def body_sides(skeleton: Skeleton) -> np.ndarray:
    """`(2, J)` float32 weights of the joints that give the body's left, and its up.

    Left is from the right to the left joints nearest to the root; up from the root to the middle
    joint that has the most others above it, where the arms begin.
    """
    depth = skeleton.path_matrix.sum(axis=1)
    left, up = np.zeros((2, skeleton.num_joints), np.float32)
    if skeleton.left:
        nearest = min(depth[list(skeleton.left)])
        for joint, mirror in zip(skeleton.left, skeleton.right, strict=True):
            if depth[joint] == nearest:
                left[joint], left[mirror] = 1, -1
    sided = {*skeleton.left, *skeleton.right}
    middle = [j for j in range(skeleton.num_joints) if j not in sided and j != skeleton.root]
    if middle:
        children = [skeleton.parents.count(joint) for joint in middle]
        up[middle[int(np.argmax(children))]] = 1
    return np.stack([left, up])
