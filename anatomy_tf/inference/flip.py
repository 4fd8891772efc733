"""Test-time flip: the mean of what a clip gives and what its mirror image gives."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from anatomy_tf.skeleton import Skeleton


def lift_with_flip(
    lift: Callable[..., dict[str, tf.Tensor]],
    keypoints: tf.Tensor,
    visibility: tf.Tensor,
    skeleton: Skeleton,
    **of_clips: tf.Tensor,
) -> dict[str, tf.Tensor]:
    """What `lift` gives for `(B, T, J, 2)` screen coordinates and `(B, T, J)`, averaged with that
    of the mirror image.

    Args:
      lift: takes keypoints and visibility of `2 B` clips, the mirrored ones last, and `of_clips` of
        as many; gives what an `AnatomyLifter` gives.
      of_clips: `(B,)` each, what is the same for a clip and its mirror image.

    """
    return average(*lift_both_ways(lift, keypoints, visibility, skeleton, **of_clips))


def lift_both_ways(
    lift: Callable[..., dict[str, tf.Tensor]],
    keypoints: tf.Tensor,
    visibility: tf.Tensor,
    skeleton: Skeleton,
    **of_clips: tf.Tensor,
) -> tuple[dict[str, tf.Tensor], dict[str, tf.Tensor]]:
    """What `lift` gives for the clips, and for their mirror images, mirrored back; as
    `lift_with_flip`.
    """
    mirrored = tf.gather(keypoints, skeleton.flip_joints, axis=-2) * [-1.0, 1.0]
    keypoints = tf.concat([keypoints, mirrored], axis=0)
    mirrored = tf.gather(visibility, skeleton.flip_joints, axis=-1)
    of_clips = {name: tf.concat([value, value], axis=0) for name, value in of_clips.items()}
    outputs = lift(keypoints, tf.concat([visibility, mirrored], axis=0), **of_clips)
    flips = {
        "joints": (skeleton.flip_joints, -2, [-1.0, 1.0, 1.0]),
        "directions": (skeleton.flip_bones, -2, [-1.0, 1.0, 1.0]),
        "lengths": (skeleton.flip_bones, -1, 1.0),
    }
    both: tuple[dict[str, tf.Tensor], dict[str, tf.Tensor]] = ({}, {})
    for name, value in outputs.items():
        flip, axis, sign = flips[name]
        both[0][name], mirrored = tf.split(value, 2, axis=0)
        both[1][name] = tf.gather(mirrored, flip, axis=axis) * sign
    return both


def average(straight: dict[str, tf.Tensor], mirrored: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """The mean of what `lift_both_ways` gives."""
    averages = {name: (value + mirrored[name]) / 2 for name, value in straight.items()}
    if "directions" in averages:
        averages["directions"] = tf.math.l2_normalize(averages["directions"], axis=-1)
    return averages
