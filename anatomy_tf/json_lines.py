"""What a tool says, as a JSON object a line, for programs that read it."""

from __future__ import annotations

import datetime
import io
import json
import logging
from collections.abc import Mapping
from typing import TextIO


class JsonLines(io.TextIOBase):
    """A text stream that writes every line that it is given as the `message` of an object.

    Args:
      stream: what gets the objects.
      level: of all messages.
    """

    def __init__(self, stream: TextIO, level: str = "info"):
        self._stream = stream
        self._level = level
        self._line = ""

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()

    def write(self, text: str) -> int:
        *lines, self._line = (self._line + text).split("\n")
        for line in filter(str.strip, lines):
            self.write_object(self._level, line)
        return len(text)

    def flush(self) -> None:
        if self._line.strip():
            self.write_object(self._level, self._line)
        self._line = ""
        self._stream.flush()

    def write_object(self, level: str, message: str, values: Mapping = {}) -> None:
        """Writes one object: `time` (UTC), `level`, `message`, and the `values`."""
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        shown = {"time": now, "level": level, "message": message, **values}
        self._stream.write(json.dumps(shown) + "\n")
        self._stream.flush()


class JsonHandler(logging.Handler):
    """Log records as objects; the numbers in a message are its `extra={"values": ...}`."""

    def __init__(self, lines: JsonLines):
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        values = getattr(record, "values", {})
        self._lines.write_object(record.levelname.lower(), record.getMessage(), values)
