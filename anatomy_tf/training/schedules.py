"""How learning rate and BatchNorm momentum change over the epochs."""

from __future__ import annotations

import dataclasses
import math


@dataclasses.dataclass(frozen=True)
class Schedule:
    """Both fall once an epoch, the momentum exponentially.

    Args:
      epochs: how many there are.
      learning_rate: of the first epoch.
      learning_rate_decay: factor from each epoch to the next, where the shape is exponential.
      first_momentum, last_momentum: BatchNorm momentum (the share of the batch in the moving
        statistics) of the first epoch, and the one that an epoch after the last would have.
      statistics_batches: batches over which BatchNorm statistics are taken anew after the last
        epoch; 0 leaves the moving ones.
      shape: of the learning rate, one of `LEARNING_RATE_SCHEDULES`.
      warmup_epochs: over which the learning rate first rises from 0, step by step, to what it
        otherwise is; parts of epochs count.
    """

    epochs: int
    learning_rate: float = 1e-3
    learning_rate_decay: float = 0.95
    first_momentum: float = 0.1
    last_momentum: float = 0.001
    statistics_batches: int = 50
    shape: str = "exponential"
    warmup_epochs: float = 0.0

    def learning_rate_at(self, epoch: int, done: float = 1.0) -> float:
        """The rate of an epoch, the first being 0, at the step with which a share of the epoch is
        `done`.
        """
        rate = self.learning_rate
        if epoch + done < self.warmup_epochs:
            rate *= (epoch + done) / self.warmup_epochs
        if self.shape == "cosine":
            return rate * (1 + math.cos(math.pi * epoch / self.epochs)) / 2
        return rate * self.learning_rate_decay**epoch

    def momentum_at(self, epoch: int) -> float:
        return self.first_momentum * (self.last_momentum / self.first_momentum) ** (
            epoch / self.epochs
        )
