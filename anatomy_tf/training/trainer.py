"""One training step: every loss reaches the part of the model that it is meant for."""

from __future__ import annotations

import keras
import tensorflow as tf

from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.training.losses import LossWeights, anatomy_losses
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
        **kwargs,
    ):
        super().__init__(dtype="float32", **kwargs)  # a global policy would scale the loss
        self.lifter = lifter
        self.loss_weights = loss_weights
        self.length_pass = length_pass
        self.precision = precision

    def train_step(self, data) -> dict[str, tf.Tensor]:
        """One step of the optimizer; gives every weighted loss term and their sum, `loss`."""
        inputs, targets = data
        with tf.GradientTape() as tape, feature_precision(self.lifter, self.precision):
            outputs = training_outputs(self.lifter, inputs, self.length_pass)
            terms = anatomy_losses(outputs, targets, self.loss_weights, self.lifter)
            loss = tf.add_n(list(terms.values()))
        self._update(tape.gradient(loss, self.lifter.training_variables()))
        return {"loss": loss, **terms}

    @tf.function(jit_compile=True, autograph=False)
    def _update(self, gradients):
        """Compiled, since the optimizer reads and writes every weight in a dozen small
        operations.
        """
        variables = self.lifter.training_variables()
        self.optimizer.apply_gradients(zip(gradients, variables, strict=True))


def build_trainer(
    lifter: AnatomyLifter,
    loss_weights: LossWeights,
    learning_rate: float = 1e-3,
    length_pass: str = "exact",
    precision: str = "float32",
) -> AnatomyTrainer:
    """A trainer with the published optimizer: Adam with amsgrad and epsilon 1e-8.

    The optimizer is built at once, so that a checkpoint can be restored before the first step.

    Args:
      length_pass: how the sampled frames are lifted, of `LENGTH_PASSES`.
      precision: of the hidden features, of `PRECISIONS`.

    Raises:
      InputError: no such length pass, or not for this model.
    """
    check_length_pass(lifter.length_network, length_pass)
    trainer = AnatomyTrainer(lifter, loss_weights, length_pass, precision)
    trainer.compile(optimizer=keras.optimizers.Adam(learning_rate, amsgrad=True, epsilon=1e-8))
    trainer.optimizer.build(lifter.training_variables())
    return trainer
