"""How far the work on a video is."""

from __future__ import annotations

from typing import TextIO

from anatomy_tf.terminal_line import TerminalLine

_PAUSE = 10.0  # seconds between two lines that are logged


class VideoProgress:
    """A line every second on a terminal, elsewhere one every ten seconds.

    Args:
      name: of the video.
    """

    def __init__(self, name: str, stream: TextIO | None = None):
        self._name = name
        self._line = TerminalLine(stream)

    def __call__(self, done: int, expected: int | None) -> None:
        """Shows that `done` pictures are done, of about as many as the file says."""
        finished = done == expected
        if not self._line.is_due(finished, _PAUSE):
            return
        of = left = ""
        if expected and done <= expected:
            of, left = f" of {expected}", f"  {self._line.left(done / expected)}"
        shown = f"{self._name}: picture {done}{of}{left}"
        self._line.show(shown, finished, video=self._name, picture=done, pictures=expected)
