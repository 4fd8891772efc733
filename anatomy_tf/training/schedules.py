"""How learning rate and BatchNorm momentum fall over the epochs."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Schedule:
    """Both fall exponentially, once an epoch.

    Args:
      epochs: how many there are.
      learning_rate: of the first epoch.
      learning_rate_decay: factor from each epoch to the next.
      first_momentum, last_momentum: BatchNorm momentum (the share of the batch in the moving
        statistics) of the first epoch, and the one that an epoch after the last would have.
      statistics_batches: batches over which BatchNorm statistics are taken anew after the last
        epoch; 0 leaves the moving ones.
    """

    epochs: int
    learning_rate: float = 1e-3
    learning_rate_decay: float = 0.95
    first_momentum: float = 0.1
    last_momentum: float = 0.001
    statistics_batches: int = 50

    def learning_rate_at(self, epoch: int) -> float:
        return self.learning_rate * self.learning_rate_decay**epoch

    def momentum_at(self, epoch: int) -> float:
        return self.first_momentum * (self.last_momentum / self.first_momentum) ** (
            epoch / self.epochs
        )
