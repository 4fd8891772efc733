import importlib.util

import keras
import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.training.checkpoints import Checkpoints
from anatomy_tf.training.choices import LOSS_WEIGHTS, OPTIMIZERS
from anatomy_tf.training.loss_reach import random_batch
from anatomy_tf.training.optimizers import (
    AmsgradAdam,
    OptimizerChoice,
    build_optimizer,
    check_optimizer,
    optimizer_variables,
)
from anatomy_tf.training.schedules import Schedule
from anatomy_tf.training.trainer import build_trainer
from anatomy_tf.training.weight_averages import WeightAverages, check_average

ADDONS = importlib.util.find_spec("tensorflow_addons") is not None
HERE = [n for n in OPTIMIZERS if ADDONS or n in ("adam", "adamw", "lamb")]
STEPS = 5


def weights_after(optimizer) -> list[np.ndarray]:
    """What is left of some weights after a few steps with gradients of very different sizes."""
    rng = np.random.default_rng(0)
    variables = [tf.Variable(rng.normal(size=s).astype(np.float32)) for s in ((7, 5), (5,))]
    if not callable(optimizer):
        optimizer.build(variables)
    else:
        optimizer = optimizer(variables)
    for _ in range(STEPS):
        gradients = [
            10 ** rng.uniform(-6, 1, v.shape) * rng.normal(size=v.shape) for v in variables
        ]
        gradients = [tf.constant(g, tf.float32) for g in gradients]
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
    return [variable.numpy() for variable in variables]


def test_the_published_adam_is_that_of_keras_to_the_last_bit():
    """Its operation has the betas in float32."""
    betas = (float(np.float32(beta)) for beta in (0.9, 0.999))
    of_keras = keras.optimizers.Adam(1e-3, *betas, epsilon=1e-8, amsgrad=True)
    for one, other in zip(weights_after(AmsgradAdam(1e-3)), weights_after(of_keras), strict=True):
        np.testing.assert_array_max_ulp(one, other, 1)
    plain = weights_after(keras.optimizers.Adam(1e-3, epsilon=1e-8, amsgrad=True))
    for one, other in zip(weights_after(AmsgradAdam(1e-3)), plain, strict=True):
        np.testing.assert_allclose(one, other, atol=STEPS * 1e-3 * 5e-5)


def test_lamb_is_the_same_on_both_stacks():
    """Moments and trust ratios in plain numbers."""
    rng = np.random.default_rng(0)
    expected = [rng.normal(size=s).astype(np.float32).astype(float) for s in ((7, 5), (5,))]
    moments = [(np.zeros_like(w), np.zeros_like(w)) for w in expected]
    for step in range(1, STEPS + 1):
        gradients = [10 ** rng.uniform(-6, 1, w.shape) * rng.normal(size=w.shape) for w in expected]
        for number, gradient in enumerate(gradients):
            first, second = moments[number]
            first = 0.9 * first + 0.1 * gradient
            second = 0.999 * second + 0.001 * gradient**2
            moments[number] = first, second
            update = first / (1 - 0.9**step)
            update /= np.sqrt(second / (1 - 0.999**step)) + 1e-7
            weight = expected[number]
            trust = np.linalg.norm(weight) / np.linalg.norm(update)
            expected[number] = weight - 0.01 * trust * update
    found = weights_after(lambda v: build_optimizer(OptimizerChoice("lamb"), 0.01, v))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-5)


@pytest.fixture
def batch():
    return random_batch(AnatomyLifter(H36M_17, (3, 3), channels=4, sub_networks=1))


def trainer_of(name: str, **choice):
    keras.utils.set_random_seed(1)
    lifter = AnatomyLifter(H36M_17, (3, 3), channels=4, dropout=0, sub_networks=1)
    choice = OptimizerChoice(name, **choice)
    return build_trainer(lifter, LOSS_WEIGHTS["paper"], 1e-2, "fast", optimizer=choice)


class Steps:
    """Some weights and an optimizer, whose gradients follow from the number of the step."""

    def __init__(self, name: str):
        rng = np.random.default_rng(0)
        self.weights = [tf.Variable(rng.normal(size=s).astype("float32")) for s in ((7, 5), (5,))]
        self.optimizer = build_optimizer(OptimizerChoice(name), 1e-2, self.weights)

    def take(self, steps: int) -> None:
        for _ in range(steps):
            rng = np.random.default_rng(int(self.optimizer.iterations))
            gradients = [tf.constant(rng.normal(size=w.shape), tf.float32) for w in self.weights]
            self.optimizer.apply_gradients(zip(gradients, self.weights, strict=True))

    def checkpoints(self, folder) -> Checkpoints:
        parts = {"lifter": self.weights, "optimizer": optimizer_variables(self.optimizer)}
        return Checkpoints(folder, parts)


@pytest.mark.parametrize("name", HERE)
def test_training_goes_on_to_the_last_bit_from_a_checkpoint(name, tmp_path):
    whole = Steps(name)
    kept = len(optimizer_variables(whole.optimizer))
    whole.take(4)
    assert len(optimizer_variables(whole.optimizer)) == kept  # all of it was there at first
    whole.checkpoints(tmp_path).save(4)
    whole.take(4)  # a lookahead follows after 6
    resumed = Steps(name)
    for weight in resumed.weights:
        weight.assign(tf.zeros_like(weight))
    resumed.checkpoints(tmp_path).restore()
    assert int(resumed.optimizer.iterations) == 4
    resumed.take(4)
    for one, other in zip(whole.weights, resumed.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_weights_decay_as_in_keras_adamw(batch, eager):
    """By the learning rate times the decay, before the step."""
    plain, decayed = trainer_of("adam"), trainer_of("adamw", weight_decay=0.5)
    start = [np.array(v) for v in plain.lifter.training_variables()]
    for trainer in (plain, decayed):
        trainer.train_step(batch)
    for first, one, other in zip(
        start,
        plain.lifter.training_variables(),
        decayed.lifter.training_variables(),
        strict=True,
    ):
        np.testing.assert_allclose(np.array(one) - other, 1e-2 * 0.5 * first, atol=1e-6)


def test_gradients_are_clipped_together(batch, eager):
    trainer = trainer_of("adam", clip_norm=1e-3)
    seen = []
    trainer._update = seen.extend
    norm = float(trainer.train_step(batch)["gradient_norm"])
    assert norm > 0.1
    assert float(tf.linalg.global_norm(seen)) == pytest.approx(1e-3, rel=1e-4)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (OptimizerChoice("sgd"), "optimizer: must be one of adam, adamw, lamb"),
        (OptimizerChoice("adam", 0.1), "adam with decay of the weights is optimizer adamw"),
    ],
)
def test_choices_that_there_are_not(choice, message):
    with pytest.raises(InputError, match=message):
        check_optimizer(choice)


@pytest.mark.parametrize("name", [n for n in OPTIMIZERS if n not in HERE])
def test_an_optimizer_of_the_other_stack_says_what_to_install(name):
    with pytest.raises(InputError, match=rf"{name} .*Python 3.10 or 3.11.*pip install.*addons"):
        check_optimizer(OptimizerChoice(name))


def test_swa_is_the_mean_of_the_last_quarter_and_starts_anew_in_a_longer_run():
    lifter = AnatomyLifter(filter_widths=(3, 3), channels=4)
    weight = lifter.training_variables()[0]
    first = np.array(weight)
    averages = WeightAverages(lifter, "swa", decay=0.9, epochs=8)
    averages.replace_weights()  # there is none yet
    np.testing.assert_array_equal(weight, first)
    for epoch in range(8):
        for epoch_done in (False, True):
            weight.assign(first + epoch + epoch_done)
            averages.after_step(epoch, epoch_done)
    averages.replace_weights()
    np.testing.assert_allclose(np.array(weight) - first, 7.5, rtol=1e-5)
    averages.first_epoch = 9
    weight.assign(first - 1)
    averages.after_step(9, epoch_done=True)
    averages.replace_weights()
    np.testing.assert_allclose(np.array(weight) - first, -1, rtol=1e-5)


@pytest.mark.parametrize(
    ("kind", "schedule", "message"),
    [
        ("mean", Schedule(60), "must be one of none, ema, swa"),
        ("ema", Schedule(60, statistics_batches=0), "need BatchNorm statistics of their own"),
        ("swa", Schedule(7), "train 8 epochs at least, not 7"),
    ],
)
def test_averages_that_cannot_be_had(kind, schedule, message):
    with pytest.raises(InputError, match=message):
        check_average(kind, schedule)
