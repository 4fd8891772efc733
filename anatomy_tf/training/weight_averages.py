"""Averages of the weights over a training, which are better than the last weights."""

from __future__ import annotations

import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.models.replicas import assign_add
from anatomy_tf.models.weights import tensorflow_variables
from anatomy_tf.training.choices import WEIGHT_AVERAGES
from anatomy_tf.training.schedules import Schedule


class WeightAverages:
    """An average of every weight that is trained; made in the scope of the strategy that trains.

    Args:
      lifter: the model in training.
      kind: `ema` or `swa`, of `WEIGHT_AVERAGES`.
      decay: how much of an `ema` a step leaves; early averages reach over fewer steps.
      epochs: of the whole training.
    """

    def __init__(self, lifter: AnatomyLifter, kind: str, decay: float, epochs: int):
        self.kind = kind
        self.decay = decay
        self.first_epoch = epochs - epochs // 4 if kind == "swa" else 0
        self.taken = tf.Variable(0, trainable=False, dtype=tf.int64)
        self._weights = tensorflow_variables(lifter.training_variables())
        self._averages = [
            tf.Variable(tf.convert_to_tensor(weight), trainable=False) for weight in self._weights
        ]
        self._strategy = tf.distribute.get_strategy()
        alone = self._strategy.num_replicas_in_sync == 1
        take = tf.function(self.take, jit_compile=True, autograph=False) if alone else self.take
        self._run = tf.function(lambda: self._strategy.run(take), autograph=False)

    def variables(self) -> list[tf.Variable]:
        """What a checkpoint has to keep."""
        return [self.taken, *self._averages]

    def after_step(self, epoch: int, epoch_done: bool) -> None:
        """Takes in the weights after a step of an epoch, the first being 0, if it is time to."""
        if self.kind == "swa":
            if not epoch_done or epoch < self.first_epoch:
                return
            if epoch == self.first_epoch:  # a run made longer has averages of an earlier end
                self.taken.assign(0)
        self._run()

    def take(self) -> None:
        """Takes in the weights as they are, on this replica."""
        assign_add(self.taken, 1)
        taken = tf.cast(tf.convert_to_tensor(self.taken), tf.float32)
        share = 1 / taken
        if self.kind == "ema":
            share = 1 - tf.minimum(self.decay, taken / (taken + 9))
        for average, weight in zip(self._averages, self._weights, strict=True):
            assign_add(average, share * (weight - average))

    def replace_weights(self) -> None:
        """Puts the averages into the model; a training that ended before the first has none."""
        if not int(tf.convert_to_tensor(self.taken)):
            return
        for average, weight in zip(self._averages, self._weights, strict=True):
            weight.assign(tf.convert_to_tensor(average))


def averages_of(
    lifter: AnatomyLifter, kind: str, decay: float, epochs: int
) -> WeightAverages | None:
    """The average of a training, made as `WeightAverages`; None for `none`."""
    return None if kind == "none" else WeightAverages(lifter, kind, decay, epochs)


def check_average(kind: str, schedule: Schedule) -> None:
    """Raises an InputError where such an average cannot be had from such a training."""
    if kind not in WEIGHT_AVERAGES:
        allowed = ", ".join(WEIGHT_AVERAGES)
        raise InputError(f"weight_average: must be one of {allowed}, got {kind}")
    if kind != "none" and not schedule.statistics_batches:
        raise InputError(
            f"weight_average {kind}: averaged weights need BatchNorm statistics of their own; "
            "give statistics_batches, like 50"
        )
    if kind == "swa" and schedule.epochs < 8:
        raise InputError(
            "weight_average swa: it averages the ends of the last quarter of the epochs, two or "
            f"more; train 8 epochs at least, not {schedule.epochs}, or take ema"
        )
