"""What the losses need of a batch, and how much of the network runs for it."""

from __future__ import annotations

import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.person_frame import turn_back
from anatomy_tf.models.keypoint_frame import PersonFrame
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.training.choices import LENGTH_PASSES


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
    inputs, rotations = network_inputs(lifter, inputs)
    window = {name: inputs[name] for name in ("keypoints", "visibility")}
    if lifter.frame_network:
        for kind in ("", "augmented_"):
            if f"{kind}sampled_keypoints" in inputs:
                outputs |= _length_outputs(lifter, inputs, kind, length_pass, training)
        window["lengths"] = outputs["lengths"]
    outputs |= lifter.window_model(window, training=training)
    if "other_keypoints" in inputs:
        other = {name: inputs[f"other_{name}"] for name in ("keypoints", "visibility")}
        outputs["other_joints"] = lifter.window_model(other, training=training)["joints"]
    return _turned_back(outputs, rotations)


def network_inputs(lifter: AnatomyLifter, inputs: dict) -> tuple[dict, dict]:
    """`inputs` as the networks read them, and in the keypoint frame `person` the rotations to turn
    back by: of `windows (B, N, 3, 3)`, of `picked_joints` and `augmented_picked_joints (B, 3, 3)`.

    The size of a person is taken from the sampled frames, which stand for the whole clip.
    """
    if not lifter.person_frame:
        return inputs, {}
    seen, rotations = _in_person_frame(lifter.person_frame, inputs)
    return inputs | seen, rotations


@tf.function(jit_compile=True, autograph=False)
def _in_person_frame(frame: PersonFrame, inputs: dict) -> tuple[dict, dict]:
    """Compiled, since it is a chain of many small operations; no gradient goes through it."""
    seen, rotations = {}, {}
    visibility, focal = inputs["sampled_visibility"], inputs["sampled_focal"]
    pick = tf.stack([inputs["sample_of"], inputs["picked"]], axis=-1)
    log_size = None
    for kind in ("", "augmented_"):
        name = f"{kind}sampled_keypoints"
        if name in inputs:
            seen[name], turned, size = frame.of_samples(inputs[name], visibility, focal)
            rotations[f"{kind}picked_joints"] = tf.gather_nd(turned, pick)
            log_size = size if log_size is None else log_size
    log_size = tf.gather(log_size, inputs["sample_of"])
    window = (inputs["keypoints"], inputs["visibility"], inputs["focal"])
    seen["keypoints"], seen["visibility"], rotations["windows"] = frame.of_windows(
        *window, log_size, inputs["frames_before"]
    )
    return seen, rotations


def _turned_back(outputs: dict, rotations: dict) -> dict:
    """`outputs` in the real cameras."""
    if not rotations:
        return outputs
    turned = {
        name: [turn_back(vectors, rotations["windows"]) for vectors in outputs[name]]
        for name in ("directions", "joints", "shifts")
        if name in outputs
    }
    for name in ("picked_joints", "augmented_picked_joints"):
        if name in outputs:
            joints, rotation = (x[:, tf.newaxis] for x in (outputs[name], rotations[name]))
            turned[name] = turn_back(joints, rotation)[:, 0]
    return outputs | turned


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
