"""Which loss trains what: the table of section III-D and of the released code."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bones import bones_to_joints, joints_to_bones
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.training.choices import LOSS_WEIGHTS
from anatomy_tf.training.loss_reach import loss_reach, random_batch, trained_parts
from anatomy_tf.training.losses import (
    anatomy_losses,
    direction_loss,
    length_loss,
    mpjpe,
    velocity_loss,
)
from anatomy_tf.training.outputs import training_outputs


@pytest.fixture(params=["released", "kinematic"])
def lifter(request):
    return AnatomyLifter(H36M_17, (3, 3), channels=8, sub_networks=3, assembly=request.param)


def test_every_parameter_belongs_to_a_part(lifter):
    counted = sum(len(variables) for variables in trained_parts(lifter).values())
    assert counted == len(lifter.training_variables())


DIRECTIONS = {"stem"} | {f"{part} {i}" for part in ("sub-network", "head") for i in range(3)}


def test_losses_reach_what_they_are_meant_for(lifter):
    heads = {f"shift head {i}" for i in range(3)} if lifter.assembly == "released" else set()
    expected = {
        "direction": DIRECTIONS,
        "joint_shift": DIRECTIONS | heads,
        "joints": {"joint head"} if heads else set(),
        "picked_joints": {"frame network"},
        "augmented_picked_joints": {"frame network"},
        "length": {"attention"},
        "augmented_length": {"attention"},
    }
    assert loss_reach(lifter) == expected
    reach = loss_reach(lifter, dataclasses.replace(LOSS_WEIGHTS["paper"], velocity=1.0))
    assert reach == expected | {"velocity": DIRECTIONS}


def test_a_baseline_has_parts_and_losses_of_its_own():
    baseline = AnatomyLifter(
        H36M_17, (3, 3), channels=8, sub_networks=1, assembly="joints", joint_shifts=False
    )
    trained = {"stem", "head 0", "sub-network 0"}
    assert loss_reach(baseline) == {"joints": trained}
    reach = loss_reach(baseline, dataclasses.replace(LOSS_WEIGHTS["paper"], velocity=1.0))
    assert reach == {"joints": trained, "velocity": trained}


def test_sub_networks_are_trained_one_by_one(lifter):
    inputs, _ = random_batch(lifter)
    with tf.GradientTape() as tape:
        outputs = training_outputs(lifter, inputs)
        top = tf.reduce_sum(outputs["directions"][-1])
    gradients = tape.gradient(top, trained_parts(lifter))
    trained = {part for part, values in gradients.items() if any(g is not None for g in values)}
    assert trained == {"sub-network 2", "head 2"}


def test_weights_scale_the_terms(lifter):
    inputs, targets = random_batch(lifter)
    outputs = training_outputs(lifter, inputs, training=False)
    plain = dataclasses.replace(LOSS_WEIGHTS["paper"], direction=1, joint_shift=1, length=1)

    def terms(weights):
        return anatomy_losses(outputs, targets, weights, lifter)

    ones = terms(plain)
    released = terms(LOSS_WEIGHTS["released"])
    scales = {"direction": 0.3, "joint_shift": 2, "length": 100, "augmented_length": 100}
    for name, value in ones.items():
        np.testing.assert_allclose(released[name], scales.get(name, 1) * value, rtol=1e-5)
    no_lower = terms(dataclasses.replace(plain, lower_sub_networks=0))
    top = direction_loss(outputs["directions"][-1][:, 0], _target_directions(targets))
    np.testing.assert_allclose(no_lower["direction"], top, rtol=1e-5)


def _target_directions(targets):
    joints = targets["joints"][:, 0].numpy()
    near, far = H36M_17.bones.T
    vectors = joints[:, far] - joints[:, near]
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def test_losses_worked_out_by_hand():
    zero, target = np.zeros((1, 2, 3), np.float32), np.array([[[3, 4, 0], [0, 0, 2.0]]], np.float32)
    assert mpjpe(zero, target).numpy() == pytest.approx(3.5)
    assert direction_loss(zero, target).numpy() == pytest.approx(14.5)
    assert length_loss(np.array([[1.0, 2.0]]), np.array([[2.0, 4.0]])).numpy() == pytest.approx(2.5)


def test_velocity_worked_out_by_hand():
    still = np.zeros((1, 3, 1, 3), np.float32)
    moving = np.array([[[[0, 0, 0]], [[3, 4, 0]], [[3, 4, 2.0]]]], np.float32)
    assert velocity_loss(still, moving).numpy() == pytest.approx(3.5)
    assert velocity_loss(moving + 7, moving).numpy() == pytest.approx(0)
    with pytest.raises(InputError, match="velocity: a loss of two frames or more"):
        velocity_loss(still[:, :1], moving[:, :1])


def test_the_velocity_is_that_of_directions_with_the_true_lengths(lifter, eager):
    inputs, targets = random_batch(lifter, frames=3)
    outputs = training_outputs(lifter, inputs, training=False)
    weights = dataclasses.replace(LOSS_WEIGHTS["paper"], velocity=2.0, lower_sub_networks=0)
    found = anatomy_losses(outputs, targets, weights, lifter)["velocity"]
    _, lengths = joints_to_bones(targets["joints"], H36M_17)
    joints = bones_to_joints(outputs["directions"][-1], lengths, H36M_17)
    errors = np.linalg.norm(np.diff(joints - targets["joints"], axis=1), axis=-1)
    np.testing.assert_allclose(found, 2 * errors.mean(), rtol=1e-4)


def test_no_gradient_is_nan_where_prediction_and_target_coincide():
    points = tf.ones((2, 3))
    with tf.GradientTape() as tape:
        tape.watch(points)
        loss = mpjpe(points, tf.ones((2, 3)))
    assert np.isfinite(tape.gradient(loss, points)).all()
