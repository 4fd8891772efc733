"""One training step: every loss reaches the part of the model that it is meant for."""

from __future__ import annotations

import keras
import tensorflow as tf

from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.training.losses import LossWeights, anatomy_losses


class AnatomyTrainer(keras.Model):
    """Trains an `AnatomyLifter` on the batches of `training_dataset`.

    What each loss trains follows from where `AnatomyLifter.window_model` blocks gradients:

    - direction: the sub-network and its head, one by one;
    - joint shift: the sub-network, its direction head and its shift head, never the lengths;
    - joints: the joint head;
    - picked joints: the network on single frames;
    - length: the attention over frames.

    Make one with `build_trainer`.
    """

    def __init__(self, lifter: AnatomyLifter, loss_weights: LossWeights, **kwargs):
        super().__init__(**kwargs)
        self.lifter = lifter
        self.loss_weights = loss_weights

    def train_step(self, data) -> dict[str, tf.Tensor]:
        """One step of the optimizer; gives every weighted loss term and their sum, `loss`."""
        inputs, targets = data
        variables = self.lifter.window_model.trainable_variables
        with tf.GradientTape() as tape:
            outputs = training_outputs(self.lifter, inputs)
            terms = anatomy_losses(outputs, targets, self.loss_weights, self.lifter)
            loss = tf.add_n(list(terms.values()))
        gradients = tape.gradient(loss, variables)
        self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return {"loss": loss, **terms}


def training_outputs(lifter: AnatomyLifter, inputs: dict, training: bool = True) -> dict:
    """What the losses need of a batch, as far as `inputs` has it.

    Gives the outputs of `lifter.window_model`; of the made-up bodies in `augmented_keypoints`
    `augmented_lengths` and `augmented_sampled_joints`; of another window of the clip `other_joints`.
    """
    names = lifter.window_model.input
    outputs = dict(lifter.window_model({name: inputs[name] for name in names}, training=training))
    if "augmented_keypoints" in inputs:
        augmented = lifter.length_model(inputs["augmented_keypoints"], training=training)
        outputs |= {f"augmented_{name}": value for name, value in augmented.items()}
    if "other_keypoints" in inputs:
        others = {name: inputs[f"other_{name}"] for name in ("keypoints", "visibility")}
        outputs["other_joints"] = lifter.window_model(others, training=training)["joints"]
    return outputs


def build_trainer(
    lifter: AnatomyLifter, loss_weights: LossWeights, learning_rate: float = 1e-3
) -> AnatomyTrainer:
    """A trainer with the published optimizer: Adam with amsgrad and epsilon 1e-8.

    The optimizer is built at once, so that a checkpoint can be restored before the first step.
    """
    trainer = AnatomyTrainer(lifter, loss_weights)
    trainer.compile(optimizer=keras.optimizers.Adam(learning_rate, amsgrad=True, epsilon=1e-8))
    trainer.optimizer.build(lifter.window_model.trainable_variables)
    return trainer
