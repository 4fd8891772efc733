"""What the losses need of a batch, and how much of the network runs for it."""

from __future__ import annotations

import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.models.lifter import AnatomyLifter

LENGTH_PASSES = ("exact", "fast")
"""How the sampled frames are lifted.

`exact`: all frames of a batch together, as published. Batch statistics and dropout are over all of
them, though the joints of one frame an example have a loss, and the lengths of the others are given
to the attention blocked.

`fast`: the one frame an example that has a loss runs through the network in training mode, alone.
The others run as in inference (moving statistics, no dropout), which is also how the attention will
see them later; no gradient is prepared for them. A third of the multiplies.
"""


def training_outputs(
    lifter: AnatomyLifter, inputs: dict, length_pass: str = "exact", training: bool = True
) -> dict:
    """The outputs of `lifter.window_model`, and as far as `inputs` of `training_dataset` have what
    they need:

    - `lengths (B, K)` and `picked_joints (B, J, 3)` of the sampled frames, and of the made-up
      bodies `augmented_lengths` and `augmented_picked_joints`;
    - `other_joints` of another window of the clip.
    """
    outputs: dict = {}
    windows = ("keypoints", "visibility")
    window = {name: inputs[name] for name in windows}
    if "sampled_keypoints" in inputs:
        for kind in ("", "augmented_"):
            if f"{kind}sampled_keypoints" in inputs:
                outputs |= _length_outputs(lifter, inputs, kind, length_pass, training)
        window["lengths"] = outputs["lengths"]
    outputs |= lifter.window_model(window, training=training)
    if "other_keypoints" in inputs:
        other = {name: inputs[f"other_{name}"] for name in windows}
        outputs["other_joints"] = lifter.window_model(other, training=training)["joints"]
    return outputs


def check_length_pass(length_network: str, length_pass: str) -> None:
    """Raises an InputError where such a length network cannot be trained so."""
    if length_pass not in LENGTH_PASSES:
        allowed = ", ".join(LENGTH_PASSES)
        raise InputError(f"length_pass: must be one of {allowed}, got {length_pass}")
    if length_pass == "fast" and length_network == "direct":
        raise InputError("length_pass fast: in a direct length network every frame has a gradient")


def _length_outputs(
    lifter: AnatomyLifter, inputs: dict, kind: str, length_pass: str, training: bool
) -> dict:
    sampled, sample_of = inputs[f"{kind}sampled_keypoints"], inputs["sample_of"]
    picked = tf.stack([sample_of, inputs["picked"]], axis=-1)
    exact = length_pass == "exact"
    found = lifter.length_model(sampled, training=training and exact)
    outputs = {f"{kind}lengths": tf.gather(found["lengths"], sample_of)}
    if "sampled_joints" not in found:
        return outputs
    if exact:
        joints = tf.gather_nd(found["sampled_joints"], picked)
    else:
        assert lifter.frame_network is not None  # it found the sampled joints
        keypoints = tf.gather_nd(sampled, picked)[:, tf.newaxis]
        joints = lifter.frame_network(keypoints, training=training)[:, 0]
    return outputs | {f"{kind}picked_joints": joints}
