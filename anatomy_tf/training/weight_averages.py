"""Averages of the weights over the steps of a training, which are better than the last weights."""

from __future__ import annotations

import tensorflow as tf

from anatomy_tf.models.lifter import AnatomyLifter


class WeightAverages:
    """An exponential moving average of every weight that is trained.

    Args:
      lifter: the model in training.
      decay: how much of the average a step leaves; early averages reach over fewer steps.
    """

    def __init__(self, lifter: AnatomyLifter, decay: float):
        self.decay = decay
        self.steps = tf.Variable(0, trainable=False, dtype=tf.int64)
        self._weights = [variable.value for variable in lifter.training_variables()]
        self._averages = [tf.Variable(weight, trainable=False) for weight in self._weights]

    def variables(self) -> list[tf.Variable]:
        """What a checkpoint has to keep."""
        return [self.steps, *self._averages]

    @tf.function(jit_compile=True, autograph=False)
    def update(self) -> None:
        """Takes in the weights after a step."""
        self.steps.assign_add(1)
        steps = tf.cast(self.steps, tf.float32)
        decay = tf.minimum(self.decay, steps / (steps + 9))
        for average, weight in zip(self._averages, self._weights, strict=True):
            average.assign_add((1 - decay) * (weight - average))

    def replace_weights(self) -> None:
        """Puts the averages into the model."""
        for average, weight in zip(self._averages, self._weights, strict=True):
            weight.assign(average)
