"""A line on the terminal that says how far long work is, and how long it will still take."""

from __future__ import annotations

import logging
import sys
import time
from typing import TextIO

LOG = logging.getLogger(__name__)


class TerminalLine:
    """A line that is written over every second on a terminal; elsewhere, whole lines are logged.

    Args:
      stream: where the terminal is, if it is one.
    """

    def __init__(self, stream: TextIO | None = None):
        self._stream = stream or sys.stdout
        self._start = self._shown = time.monotonic()

    def is_due(self, done: bool, pause: float) -> bool:
        """Whether to show the next line: once a second on a terminal; elsewhere only after `pause`
        seconds or where something is `done`.
        """
        passed = time.monotonic() - self._shown
        return done or passed >= (1 if self._stream.isatty() else pause)

    def show(self, line: str, done: bool, **values: object) -> None:
        """Shows a line, which stays if something is `done`.

        Args:
          values: the numbers in it, for who reads objects instead (`JsonHandler`).
        """
        self._shown = time.monotonic()
        if not self._stream.isatty():
            LOG.info(line, extra={"values": values})
            return
        self._stream.write("\r\x1b[2K" + line + ("\n" if done else ""))
        self._stream.flush()

    def left(self, share: float) -> str:
        """Minutes and seconds to go, after a `share` of the work since the line's start."""
        seconds = int((time.monotonic() - self._start) * (1 - share) / share)
        return f"{seconds // 60}:{seconds % 60:02d} left"
