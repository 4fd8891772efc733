"""One training step: every loss reaches the part of the model that it is meant for."""

from __future__ import annotations

import keras
import tensorflow as tf

from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.models.replicas import assign_add, replica_count, sum_over_replicas
from anatomy_tf.models.weights import tensorflow_variables
from anatomy_tf.training.choices import LossWeights
from anatomy_tf.training.losses import anatomy_losses
from anatomy_tf.training.optimizers import (
    PUBLISHED,
    AmsgradAdam,
    OptimizerChoice,
    apply_gradients,
    build_optimizer,
)
from anatomy_tf.training.outputs import check_length_pass, training_outputs
from anatomy_tf.training.precision import feature_precision


class AnatomyTrainer(keras.Model):
    """Trains an `AnatomyLifter` on the batches of `training_dataset`.

    What each loss trains follows from where `AnatomyLifter.window_model` blocks gradients:

    - direction: the sub-network and its head, one by one;
    - joint shift: the sub-network, its direction head and its shift head, never the lengths;
    - joints: the joint head; in the baseline that regresses joints, the sub-networks one by one;
    - picked joints: the network on single frames;
    - length: the attention over frames; the network on single frames where it regresses lengths.

    Make one with `build_trainer`.
    """

    def __init__(
        self,
        lifter: AnatomyLifter,
        loss_weights: LossWeights,
        length_pass: str,
        precision: str,
        choice: OptimizerChoice,
        **kwargs,
    ):
        super().__init__(dtype="float32", **kwargs)  # a global policy would scale the loss
        self.lifter = lifter
        self.loss_weights = loss_weights
        self.length_pass = length_pass
        self.precision = precision
        self.clip_norm = choice.clip_norm
        self.weight_decay = choice.decay

    def train_step(self, data) -> dict[str, tf.Tensor]:
        """One step of the optimizer; gives every weighted loss term, their sum `loss`, and
        `gradient_norm`, that of all gradients before they are clipped.

        In a replica of a strategy, `data` is its part of the batch, and all else that of the whole.
        """
        inputs, targets = data
        count = replica_count()
        with tf.GradientTape() as tape, feature_precision(self.lifter, self.precision):
            outputs = training_outputs(self.lifter, inputs, self.length_pass)
            terms = anatomy_losses(outputs, targets, self.loss_weights, self.lifter)
            loss = tf.add_n(list(terms.values())) / count
        variables = self.lifter.training_variables()
        gradients = _summed(tape.gradient(loss, variables))
        if count > 1:
            values = tf.unstack(sum_over_replicas(tf.stack([*terms.values()])) / count)
            terms = dict(zip(terms, values, strict=True))
            loss = tf.add_n(values)
        norm = tf.linalg.global_norm(gradients)
        if self.clip_norm:
            gradients, _ = tf.clip_by_global_norm(gradients, self.clip_norm, use_norm=norm)
        # An Adam that is one operation a variable has none to fuse, nor one that XLA knows.
        # Replicas that update together cannot do so within another function.
        plain = isinstance(self.optimizer, AmsgradAdam) or tf.distribute.has_strategy()
        (self._update if plain else self._compiled_update)(gradients)
        return {"loss": loss, **terms, "gradient_norm": norm}

    def _update(self, gradients):
        variables = self.lifter.training_variables()
        if self.weight_decay:
            rate = tf.convert_to_tensor(self.optimizer.learning_rate)
            for variable in tensorflow_variables(variables):
                assign_add(variable, -variable * self.weight_decay * rate)
        apply_gradients(self.optimizer, gradients, variables)

    @tf.function(jit_compile=True, autograph=False)
    def _compiled_update(self, gradients):
        """For optimizers that read and write every weight in a dozen small operations."""
        self._update(gradients)


def _summed(gradients: list) -> list:
    """Gradients added up over the replicas; None stays where there is none."""
    there = [gradient for gradient in gradients if gradient is not None]
    summed = iter(sum_over_replicas(there))
    return [gradient if gradient is None else next(summed) for gradient in gradients]


def build_trainer(
    lifter: AnatomyLifter,
    loss_weights: LossWeights,
    learning_rate: float = 1e-3,
    length_pass: str = "exact",
    precision: str = "float32",
    optimizer: OptimizerChoice = PUBLISHED,
) -> AnatomyTrainer:
    """A trainer with the published optimizer, or another one.

    It trains in `anatomy_tf.training.loop`, and in Keras' own: `build_trainer(lifter,
    weights).fit(dataset, epochs=5, callbacks=[...])`.

    Args:
      length_pass: how the sampled frames are lifted, of `LENGTH_PASSES`.
      precision: of the hidden features, of `PRECISIONS`.

    Raises:
      InputError: no such length pass or optimizer, or not for this model or these packages.
    """
    check_length_pass(lifter.length_network, length_pass)
    trainer = AnatomyTrainer(lifter, loss_weights, length_pass, precision, optimizer)
    # Built before a checkpoint is restored, and on all that is trained: Keras itself would build it
    # on what has a gradient.
    trainer.compile(build_optimizer(optimizer, learning_rate, lifter.training_variables()))
    return trainer
