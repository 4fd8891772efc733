"""How much of the length network runs, and for which frames."""

import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.training.choices import LOSS_WEIGHTS
from anatomy_tf.training.loss_reach import random_batch
from anatomy_tf.training.outputs import training_outputs
from anatomy_tf.training.trainer import build_trainer
from tests.long import long


@pytest.fixture
def lifter():
    return AnatomyLifter(H36M_17, (3, 3), channels=8, dropout=0.0)


def test_the_fast_pass_lifts_frames_without_a_loss_as_inference_does(lifter):
    inputs, _ = random_batch(lifter)
    sampled = inputs["sampled_keypoints"]
    expected = lifter.length_model(sampled)["lengths"]
    with tf.GradientTape() as tape:
        outputs = training_outputs(lifter, inputs, "fast")
        lengths = tf.reduce_sum(outputs["lengths"])
    np.testing.assert_allclose(outputs["lengths"], expected, atol=1e-6)
    assert all(g is None for g in tape.gradient(lengths, lifter.frame_network.trainable_variables))


def test_the_fast_pass_trains_on_the_picked_frames(lifter):
    inputs, _ = random_batch(lifter)
    picked = tf.gather(inputs["sampled_keypoints"], inputs["picked"], axis=1, batch_dims=1)
    expected = lifter.frame_network(picked[:, tf.newaxis], training=True)[:, 0]
    with tf.GradientTape() as tape:
        outputs = training_outputs(lifter, inputs, "fast")
        joints = tf.reduce_sum(outputs["picked_joints"])
    np.testing.assert_allclose(outputs["picked_joints"], expected, atol=1e-5)
    gradients = tape.gradient(joints, lifter.frame_network.trainable_variables)
    assert all(g is not None for g in gradients)
    exact = training_outputs(lifter, inputs, "exact")["picked_joints"]
    assert np.abs(exact - expected).max() > 1e-3  # statistics are over other frames


def test_without_batch_statistics_both_passes_agree(lifter):
    inputs, _ = random_batch(lifter)
    exact, fast = (
        training_outputs(lifter, inputs, name, training=False) for name in ("exact", "fast")
    )
    for name in ("lengths", "picked_joints", "augmented_lengths", "augmented_picked_joints"):
        np.testing.assert_allclose(exact[name], fast[name], atol=1e-5, err_msg=name)


@pytest.mark.parametrize("length_pass", ["fast", long("exact")])
def test_shared_samples_are_those_of_every_example_that_shares_them(lifter, length_pass):
    inputs, _ = random_batch(lifter)
    sample_of = tf.constant([1, 0, 1, 1])
    own = {name: tf.gather(inputs[name], sample_of) for name in inputs if "sampled" in name}
    apart = training_outputs(lifter, inputs | own, length_pass, training=False)
    two = {name: inputs[name][:2] for name in own}
    together = training_outputs(
        lifter, inputs | two | {"sample_of": sample_of}, length_pass, training=False
    )
    for name in ("lengths", "picked_joints", "augmented_lengths", "augmented_picked_joints"):
        np.testing.assert_allclose(apart[name], together[name], atol=1e-5, err_msg=name)


def test_a_pass_that_a_model_cannot_take_is_refused(lifter):
    with pytest.raises(InputError, match="length_pass: must be one of exact, fast, got slow"):
        build_trainer(lifter, LOSS_WEIGHTS["paper"], length_pass="slow")
    direct = AnatomyLifter(H36M_17, (3, 3), channels=4, length_network="direct")
    with pytest.raises(InputError, match="in a direct length network every frame has a gradient"):
        build_trainer(direct, LOSS_WEIGHTS["paper"], length_pass="fast")
