"""The losses of the paper, and how they are weighted (section III-D)."""

from __future__ import annotations

import dataclasses

import tensorflow as tf

from anatomy_tf.geometry.bones import joint_shifts, joints_to_bones
from anatomy_tf.skeleton import Skeleton


@dataclasses.dataclass(frozen=True)
class LossWeights:
    """Weights of the terms (eq. 7); `lower_sub_networks` scales those of all but the top one."""

    direction: float
    joint_shift: float
    length: float
    joints: float = 1.0
    lower_sub_networks: float = 0.5


LOSS_WEIGHTS = {
    "released": LossWeights(direction=0.3, joint_shift=2, length=100),
    "paper": LossWeights(direction=0.02, joint_shift=0.1, length=0.05),
}
"""Presets: what the released code trains with, and what section IV-B says.

All terms are means over bones, joints or pairs. Adam does not see the scale of a term that alone trains its
parameters, so what sets the presets apart is the ratio of direction to joint shift: 1:6.7 and 1:5.
"""


def mpjpe(predicted, target):
    """Mean distance of `(..., 3)` points, in their unit (eq. 5); also the joint shift loss (eq. 2)."""
    squares = tf.reduce_sum((predicted - target) ** 2, axis=-1)
    return tf.reduce_mean(tf.sqrt(tf.maximum(squares, 1e-24)))  # no NaN gradient at distance 0


def direction_loss(predicted, target):
    """Squared error of `(..., K, 3)` unit vectors, added over x, y, z (eq. 3)."""
    return tf.reduce_mean(tf.reduce_sum((predicted - target) ** 2, axis=-1))


def length_loss(predicted, target):
    """Squared error of `(..., K)` bone lengths (eq. 4)."""
    return tf.reduce_mean((predicted - target) ** 2)


def anatomy_losses(
    outputs: dict, targets: dict, weights: LossWeights, skeleton: Skeleton, joint_pairs
) -> dict[str, tf.Tensor]:
    """Every weighted term by name; their sum is what training minimises.

    Args:
      outputs: of `AnatomyLifter.window_model`.
      targets: as `training_dataset` yields them.
      joint_pairs: `(P, 2)`, the pairs of the joint shifts.
    """
    target_directions, _ = joints_to_bones(targets["joints"], skeleton)
    target_shifts = joint_shifts(targets["joints"], joint_pairs)

    def of_sub_networks(loss, predictions, target):
        *lower, top = [loss(predicted, target) for predicted in predictions]
        return tf.add_n([*(weights.lower_sub_networks * value for value in lower), top])

    def picked(joints):
        return tf.gather(joints, targets["picked"], axis=1, batch_dims=1)

    return {
        "direction": weights.direction
        * of_sub_networks(direction_loss, outputs["directions"], target_directions),
        "joint_shift": weights.joint_shift
        * of_sub_networks(mpjpe, outputs["shifts"], target_shifts),
        "joints": weights.joints * mpjpe(outputs["joints"], targets["joints"]),
        "picked_joints": weights.joints
        * mpjpe(picked(outputs["sampled_joints"]), targets["picked_joints"]),
        "augmented_picked_joints": weights.joints
        * mpjpe(picked(outputs["augmented_joints"]), targets["augmented_picked_joints"]),
        "length": weights.length * length_loss(outputs["lengths"], targets["lengths"]),
        "augmented_length": weights.length
        * length_loss(outputs["augmented_lengths"], targets["augmented_lengths"]),
    }
