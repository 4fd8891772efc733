"""Hidden features in bfloat16: where they are, and where they are not."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.training.choices import LOSS_WEIGHTS
from anatomy_tf.training.loss_reach import random_batch
from anatomy_tf.training.outputs import training_outputs
from anatomy_tf.training.precision import feature_precision
from anatomy_tf.training.trainer import build_trainer


@pytest.fixture
def lifter():
    return AnatomyLifter(H36M_17, (3, 3), channels=32, dropout=0.0)


@pytest.mark.parametrize("length_pass", ["exact", "fast"])
def test_outputs_are_float32_and_near_those_of_float32(lifter, length_pass):
    inputs, _ = random_batch(lifter)
    plain = training_outputs(lifter, inputs, length_pass)
    with feature_precision(lifter, "bfloat16"):
        rounded = training_outputs(lifter, inputs, length_pass)
    for one, other in zip(tf.nest.flatten(plain), tf.nest.flatten(rounded), strict=True):
        assert other.dtype == tf.float32
        assert 0 < np.abs(one - other).max() < 0.15 * np.abs(one).max()


def test_only_what_is_traced_within_is_rounded(lifter):
    inputs, _ = random_batch(lifter)
    plain = training_outputs(lifter, inputs, "fast", training=False)
    with pytest.raises(KeyError), feature_precision(lifter, "bfloat16"):
        training_outputs(lifter, {}, "fast")
    for one, other in zip(
        tf.nest.flatten(plain),
        tf.nest.flatten(training_outputs(lifter, inputs, "fast", training=False)),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


@pytest.mark.long
def test_weights_stay_float32_and_learn():
    keras.utils.set_random_seed(0)
    lifter = AnatomyLifter(H36M_17, (3, 3), channels=32, dropout=0.0, sub_networks=1)
    trainer = build_trainer(lifter, LOSS_WEIGHTS["paper"], 1e-2, "fast", "bfloat16")
    batch = random_batch(lifter)
    step = tf.function(trainer.train_step)
    first, *_, last = (float(step(batch)["loss"]) for _ in range(30))
    assert last < 0.5 * first
    assert all(variable.dtype == "float32" for variable in lifter.training_variables())


def test_a_baseline_without_lengths_can_be_rounded_too():
    lifter = AnatomyLifter(H36M_17, (3, 3), channels=8, assembly="joints")
    with feature_precision(lifter, "bfloat16"):
        assert lifter.direction_network.stem.features_dtype == tf.bfloat16
    assert lifter.direction_network.stem.features_dtype == tf.float32
