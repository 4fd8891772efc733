"""The losses of the paper, and how they are weighted (section III-D)."""

from __future__ import annotations

import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bones import bones_to_joints, joint_shifts, joints_to_bones
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import Skeleton
from anatomy_tf.training.choices import LossWeights


def mpjpe(predicted, target, weights=1.0):
    """Mean distance of `(..., N, 3)` points, in their unit (eq. 5), `weights (N,)` of the points
    applied; also the joint shift loss (eq. 2).
    """
    squares = tf.reduce_sum((predicted - target) ** 2, axis=-1)
    distances = tf.sqrt(tf.maximum(squares, 1e-24))  # no NaN gradient at distance 0
    return tf.reduce_mean(weights * distances)


def direction_loss(predicted, target, weights=1.0):
    """Squared error of `(..., K, 3)` unit vectors, added over x, y, z (eq. 3)."""
    return tf.reduce_mean(weights * tf.reduce_sum((predicted - target) ** 2, axis=-1))


def scale_free_loss(predicted, target, weights=1.0):
    """`mpjpe` after each `(..., J, 3)` pose is scaled as fits best, in the target's scale."""
    products = tf.reduce_sum(predicted * target, axis=[-2, -1], keepdims=True)
    squares = tf.reduce_sum(predicted**2, axis=[-2, -1], keepdims=True)
    return mpjpe(predicted * products / tf.maximum(squares, 1e-6), target, weights)


def velocity_loss(predicted, target, weights=1.0):
    """`mpjpe` of how the joints of `(B, N, J, 3)` move from frame to frame: metres a frame (MPJVE).

    Raises:
      InputError: N is 1.
    """
    if target.shape[1] == 1:
        raise InputError("velocity: a loss of two frames or more an example, frames_per_example=2")
    moved, target_moved = (joints[:, 1:] - joints[:, :-1] for joints in (predicted, target))
    return mpjpe(moved, target_moved, weights)


def distal_weights(skeleton: Skeleton, distal) -> tuple[tf.Tensor, tf.Tensor]:
    """`(J,)` of the joints and `(K,)` of the bones, 1 on average: more by up to `distal`, the more
    bones lead there from the root.
    """
    depth = skeleton.path_matrix.sum(axis=1)
    far = depth[skeleton.bones[:, 1]]
    joints, bones = (1 + distal * (x / depth.max()) for x in (depth, far))
    return joints / tf.reduce_mean(joints), bones / tf.reduce_mean(bones)


def length_loss(predicted, target):
    """Squared error of `(..., K)` bone lengths (eq. 4)."""
    return tf.reduce_mean((predicted - target) ** 2)


def consistency_loss(joints, other_joints, skeleton: Skeleton):
    """Mean difference in metres of the bone lengths in two frames of a clip, both `(..., J, 3)`."""
    _, lengths = joints_to_bones(joints, skeleton)
    _, other_lengths = joints_to_bones(other_joints, skeleton)
    return tf.reduce_mean(tf.abs(lengths - other_lengths))


def anatomy_losses(
    outputs: dict, targets: dict, weights: LossWeights, lifter: AnatomyLifter
) -> dict[str, tf.Tensor]:
    """Every weighted term by name; their sum is what training minimises.

    The velocity is that of joints which the directions of a sub-network and the true lengths make,
    so that it trains the sub-networks one by one, as the directions' own loss; in the baseline that
    regresses joints, the sub-networks by theirs.

    Args:
      outputs: of `training_outputs`; a term is there if what it compares is.
      targets: as `training_dataset` yields them.
      lifter: the model, for its skeleton and its joint pairs.
    """
    skeleton = lifter.skeleton
    terms = {}
    of_joints, of_bones = 1.0, 1.0
    if weights.distal:
        of_joints, of_bones = distal_weights(skeleton, weights.distal)

    def of_sub_networks(loss, predictions, target, *how):
        *lower, top = [loss(predicted, target, *how) for predicted in predictions]
        return tf.add_n([*(weights.lower_sub_networks * value for value in lower), top])

    moving = outputs.get("joints", [])
    if "directions" in outputs:
        target, lengths = joints_to_bones(targets["joints"], skeleton)
        loss = of_sub_networks(direction_loss, outputs["directions"], target, of_bones)
        terms["direction"] = weights.direction * loss
        if weights.direction_distance:
            loss = of_sub_networks(mpjpe, outputs["directions"], target, of_bones)
            terms["direction_distance"] = weights.direction_distance * loss
        if weights.velocity:
            moving = [bones_to_joints(found, lengths, skeleton) for found in outputs["directions"]]
    if weights.velocity:
        loss = of_sub_networks(velocity_loss, moving, targets["joints"], of_joints)
        terms["velocity"] = weights.velocity * loss
    if "shifts" in outputs:
        target = joint_shifts(targets["joints"], lifter.joint_pairs)
        loss = of_sub_networks(mpjpe, outputs["shifts"], target)
        terms["joint_shift"] = weights.joint_shift * loss
    if "joints" in outputs:
        loss = of_sub_networks(mpjpe, outputs["joints"], targets["joints"], of_joints)
        terms["joints"] = weights.joints * loss
        if weights.scale_free:
            loss = of_sub_networks(scale_free_loss, outputs["joints"], targets["joints"], of_joints)
            terms["scale_free"] = weights.scale_free * loss
    if "other_joints" in outputs:
        loss = consistency_loss(outputs["joints"][-1], outputs["other_joints"][-1], skeleton)
        terms["consistency"] = weights.consistency * loss
    for kind in ("", "augmented_"):
        if f"{kind}picked_joints" in outputs:
            loss = mpjpe(outputs[f"{kind}picked_joints"], targets[f"{kind}picked_joints"])
            terms[f"{kind}picked_joints"] = weights.joints * loss
        if f"{kind}lengths" in outputs:
            loss = length_loss(outputs[f"{kind}lengths"], targets[f"{kind}lengths"])
            terms[f"{kind}length"] = weights.length * loss
    return terms
