"""The statistics that BatchNorm keeps for inference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import keras
import tensorflow as tf

from anatomy_tf.models.layers import BatchNorm
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.training.outputs import network_inputs


def set_momentum(lifter: AnatomyLifter, momentum: float) -> None:
    """Sets every layer's momentum; steps that are compiled already follow, for it is a variable."""
    for layer in batch_norm_layers(lifter):
        layer.momentum.assign(momentum)


def take_statistics(
    lifter: AnatomyLifter, batches: Iterable, strategy: tf.distribute.Strategy | None = None
) -> None:
    """Replaces the moving statistics by those of the finished weights, averaged over `batches`.

    Moving statistics with a low momentum still remember weights of many steps ago. Where training
    ends before the learning rate has fallen far, that costs millimetres. Those of the frame network
    are also a mixture of real and made-up bodies; here they are taken over the real ones, which is
    what inference sees.

    Args:
      lifter: trained model, changed in place.
      batches: as `training_dataset` yields them.
      strategy: whose replicas have a part of each.
    """

    def run(inputs):
        inputs, _ = network_inputs(lifter, inputs)
        lifter.direction_network(inputs["keypoints"], inputs["visibility"], training=True)
        if lifter.frame_network:
            lifter.frame_network(inputs["sampled_keypoints"], training=True)

    strategy = strategy or tf.distribute.get_strategy()
    step = tf.function(lambda inputs: strategy.run(run, args=(inputs,)), autograph=False)
    for seen, (inputs, _) in enumerate(batches):
        set_momentum(lifter, 1 / (seen + 1))
        step(inputs)


def batch_norm_layers(lifter: AnatomyLifter) -> Iterator[BatchNorm]:
    """All batch norms of the model."""
    for part in (lifter.direction_network, lifter.frame_network):
        if part:
            yield from batch_norms_of(part)


def batch_norms_of(part: keras.Model) -> Iterator[BatchNorm]:
    """The batch norms of a part of the model."""
    return (layer for layer in part._flatten_layers() if isinstance(layer, BatchNorm))
