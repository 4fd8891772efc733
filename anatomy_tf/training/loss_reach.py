"""Which loss term has a gradient in which part of a model: the table of section III-D, found out
from the model itself.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.training.choices import LOSS_WEIGHTS, LossWeights
from anatomy_tf.training.losses import anatomy_losses
from anatomy_tf.training.outputs import training_outputs

_BATCH, _SAMPLES = 4, 5


def loss_reach(
    lifter: AnatomyLifter, weights: LossWeights = LOSS_WEIGHTS["paper"]
) -> dict[str, set[str]]:
    """For every loss term of `anatomy_losses` the names of the parts of `lifter` that it trains."""
    inputs, targets = random_batch(lifter, frames=2 if weights.velocity else 1)
    with tf.GradientTape(persistent=True) as tape:
        outputs = training_outputs(lifter, inputs)
        terms = anatomy_losses(outputs, targets, weights, lifter)
    parts = trained_parts(lifter)
    reach = {}
    for name, term in terms.items():
        gradients = tape.gradient(term, parts)
        reach[name] = {
            part for part, values in gradients.items() if any(g is not None for g in values)
        }
    return reach


def trained_parts(lifter: AnatomyLifter) -> dict[str, list[keras.Variable]]:
    """The variables of every part by its name; sub-networks, the lowest first, have numbers."""
    network = lifter.direction_network
    parts = {"stem": network.stem.trainable_variables}
    for number, sub_network in enumerate(network.sub_networks):
        parts[f"head {number}"] = _variables(sub_network.output_dense)
        blocks = sub_network.blocks
        parts[f"sub-network {number}"] = [v for b in blocks for v in b.trainable_variables]
    for number, head in enumerate(lifter.shift_heads):
        parts[f"shift head {number}"] = head.trainable_variables
    parts["joint head"] = lifter.joint_head.trainable_variables
    if lifter.frame_network:
        parts["frame network"] = lifter.frame_network.trainable_variables
        parts["attention"] = _variables(lifter.frame_pooling)
    return parts


def _variables(layer: keras.layers.Layer | None) -> list[keras.Variable]:
    return layer.trainable_variables if layer else []


def random_batch(lifter: AnatomyLifter, frames: int = 1) -> tuple[dict, dict]:
    """Inputs and targets of random numbers, in the form that `training_dataset` yields, with
    `frames` an example.
    """
    rng = np.random.default_rng(0)
    joints, bones = lifter.skeleton.num_joints, lifter.skeleton.num_bones
    window = lifter.receptive_field + frames - 1

    def points(*shape: int) -> tf.Tensor:
        return tf.constant(rng.normal(size=shape), tf.float32)

    inputs = {
        "keypoints": points(_BATCH, window, joints, 2),
        "visibility": points(_BATCH, window, joints),
    }
    targets = {"joints": points(_BATCH, frames, joints, 3)}
    if lifter.frame_network:
        inputs["sample_of"] = tf.range(_BATCH)
        inputs["picked"] = tf.constant(rng.integers(_SAMPLES, size=_BATCH), tf.int32)
        for kind in ("", "augmented_"):
            inputs[f"{kind}sampled_keypoints"] = points(_BATCH, _SAMPLES, joints, 2)
            targets[f"{kind}lengths"] = points(_BATCH, bones)
            targets[f"{kind}picked_joints"] = points(_BATCH, joints, 3)
    return inputs, targets
