"""How far a training is."""

from __future__ import annotations

import math
from typing import TextIO

from anatomy_tf.terminal_line import TerminalLine


class Progress:
    """A line every second on a terminal, elsewhere one every epoch.

    Args:
      epochs, steps_per_epoch: the whole run.
      first_step: steps that are done already.
    """

    def __init__(
        self, epochs: int, steps_per_epoch: int, first_step: int, stream: TextIO | None = None
    ):
        self._epochs = epochs
        self._total = epochs * steps_per_epoch
        self._steps_per_epoch = steps_per_epoch
        self._first = first_step
        self._line = TerminalLine(stream)

    def update(self, step: int, loss: float) -> None:
        """Shows that `step` steps of the run are done."""
        epoch_done = step % self._steps_per_epoch == 0
        if not self._line.is_due(epoch_done, pause=math.inf):
            return
        left = self._line.left((step - self._first) / (self._total - self._first))
        bar = "=" * (24 * step // self._total)
        epoch = (step - 1) // self._steps_per_epoch + 1
        self._line.show(
            f"epoch {epoch}/{self._epochs} [{bar:<24}] "
            f"step {step}/{self._total}  loss {loss:.4f}  {left}",
            epoch_done,
            **{"epoch": epoch, "epochs": self._epochs, "step": step, "steps": self._total},
            loss=loss,
        )
