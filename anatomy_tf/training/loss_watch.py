"""A training that leaves the road is stopped while its last checkpoint is still good."""

from __future__ import annotations

import math
from collections.abc import Mapping

import tensorflow as tf

from anatomy_tf.errors import InputError

EXPLODED = 1000.0
"""So many times the loss of a run's first step is no loss that training comes back from."""


class LossWatch:
    """Looks at the terms of every step, before anything of the step is kept."""

    def __init__(self) -> None:
        self._first = tf.Variable(0.0, trainable=False, dtype=tf.float64)

    def variables(self) -> list[tf.Variable]:
        """What a checkpoint has to keep."""
        return [self._first]

    def check(self, step: int, terms: Mapping[str, float]) -> None:
        """Looks at what `AnatomyTrainer.train_step` gives.

        Raises:
          InputError: a term, or the norm of the gradients, is not finite; or the loss has exploded.
        """
        wrong = [name for name, value in terms.items() if not math.isfinite(value)]
        named = [name for name in wrong if name not in ("loss", "gradient_norm")] or wrong
        if named:
            raise InputError(f"{named[0]} is not finite at step {step}: {_ADVICE}")
        loss = terms["loss"]
        if not float(self._first):
            self._first.assign(loss)
        if loss > EXPLODED * float(self._first):
            parts = {k: v for k, v in terms.items() if k not in ("loss", "gradient_norm")}
            largest = max(parts, key=parts.__getitem__)
            raise InputError(
                f"the loss explodes at step {step}: {loss:.3g}, of which {largest} is "
                f"{parts[largest]:.3g}, after {float(self._first):.3g} at first: {_ADVICE}"
            )


_ADVICE = (
    "the last checkpoint is of a step before it; train in another folder with a lower "
    "learning_rate, or with clip_norm"
)
