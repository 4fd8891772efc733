"""A line on the terminal that says how far the training is and how long it will still take."""

from __future__ import annotations

import logging
import sys
import time
from typing import TextIO

LOG = logging.getLogger(__name__)


class Progress:
    """Rewrites its line every second on a terminal; elsewhere logs one line every epoch.

    Args:
      epochs, steps_per_epoch: the whole run.
      first_step: steps that are done already.
    """

    def __init__(
        self, epochs: int, steps_per_epoch: int, first_step: int, stream: TextIO = sys.stdout
    ):
        self._epochs = epochs
        self._total = epochs * steps_per_epoch
        self._steps_per_epoch = steps_per_epoch
        self._first = first_step
        self._stream = stream
        self._start = self._shown = time.monotonic()

    def update(self, step: int, loss: float) -> None:
        """Shows that `step` steps of the run are done."""
        now = time.monotonic()
        epoch_done = step % self._steps_per_epoch == 0
        if not epoch_done and (not self._stream.isatty() or now - self._shown < 1):
            return
        self._shown = now
        done = step - self._first
        left = (now - self._start) / done * (self._total - step)
        bar = "=" * (24 * step // self._total)
        epoch = (step - 1) // self._steps_per_epoch + 1
        line = (
            f"epoch {epoch}/{self._epochs} [{bar:<24}] "
            f"step {step}/{self._total}  loss {loss:.4f}  {_minutes(left)} left"
        )
        if not self._stream.isatty():
            LOG.info(line)
            return
        self._stream.write("\r\x1b[2K" + line + ("\n" if epoch_done else ""))
        self._stream.flush()


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
