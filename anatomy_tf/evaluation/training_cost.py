"""What a training step costs: multiplies, and bytes that replicas exchange; and, by count, how long
steps would take. Counts are exact, times are estimates.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from anatomy_tf.evaluation.complexity import count_multiplies
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.training.batch_norm import batch_norms_of


@dataclasses.dataclass(frozen=True)
class Machines:
    """Devices that train together.

    Attributes:
      flops: of one device, sustained, a second; a multiply is two.
      bytes_per_second: that a device sends while it receives as many.
      latency: seconds of a sum over all replicas that is next to nothing.
    """

    flops: float
    bytes_per_second: float
    latency: float


@dataclasses.dataclass(frozen=True)
class StepCost:
    """Of one step.

    Attributes:
      multiplies: of an example, forward and backward.
      gradient_bytes: summed over the replicas at the end of a step.
      statistics_bytes: of BatchNorm, summed on the way.
      sums: over the replicas in a step, one after the other.
    """

    multiplies: float
    gradient_bytes: int
    statistics_bytes: int
    sums: int

    def seconds(self, batch_size: int, replicas: int, machines: Machines) -> float:
        """Of a step of a whole batch; sums go around a ring, and nothing is computed meanwhile."""
        compute = 2 * self.multiplies * batch_size / replicas / machines.flops
        if replicas == 1:
            return compute
        sent = 2 * (replicas - 1) / replicas * (self.gradient_bytes + self.statistics_bytes)
        return compute + sent / machines.bytes_per_second + self.sums * machines.latency


def step_cost(lifter: AnatomyLifter, sampled_frames: int, length_pass: str) -> StepCost:
    """The cost of a step of `AnatomyTrainer` with made-up bodies beside the real ones."""
    # The frame network normalises twice, real and made-up bodies.
    parts = (lifter.direction_network, lifter.frame_network, lifter.frame_network)
    layers = [layer for part in parts if part for layer in batch_norms_of(part)]
    sums = 2 * len(layers)  # forward and backward
    channels = sum(int(layer.gamma.shape[0]) for layer in layers)
    weights = sum(int(np.prod(v.shape)) for v in lifter.training_variables())
    return StepCost(
        multiplies=training_multiplies(lifter, sampled_frames, length_pass),
        gradient_bytes=4 * weights,
        statistics_bytes=4 * 2 * 2 * channels,
        sums=sums + 2,  # the gradients, and the loss terms
    )


def training_multiplies(lifter: AnatomyLifter, sampled_frames: int, length_pass: str) -> float:
    """Of one example, forward and backward; the backward pass takes twice the multiplies of the
    forward pass.
    """
    cost = count_multiplies(lifter)
    frames = 2 * sampled_frames  # as many of the made-up body
    if length_pass == "exact":
        return 3 * cost.window + 3 * frames * cost.lengths
    return 3 * cost.window + (frames + 3 * 2) * cost.lengths
