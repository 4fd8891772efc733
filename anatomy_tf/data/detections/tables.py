"""CSV tables with a header, read line by line."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
from collections.abc import Iterator

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.text_files import ENCODING
from anatomy_tf.errors import InputError


@dataclasses.dataclass(frozen=True)
class Row:
    """One line: its cells by column, and how messages call it."""

    where: str
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """What is in a column.

        Raises:
          InputError: there is no such column.
        """
        if column not in self.cells:
            raise InputError(f"{self.where}: there is no column {column}")
        return self.cells[column]

    def number(self, column: str, default: float | None = None) -> float:
        """A finite number; `default` where the table has no such column.

        Raises:
          InputError: it is something else.
        """
        if default is not None and column not in self.cells:
            return default
        cell = self.text(column)
        try:
            number = float(cell)
        except ValueError:
            number = math.nan
        if not abs(number) < entries.LARGEST:
            raise InputError(f"{self.where}: {column} is {entries.shown(cell)}, not a number")
        return number

    def whole_number(self, column: str, lowest: int = 0) -> int:
        """A whole number from `lowest`; raises as `number`."""
        return entries.whole_number(self.number(column), f"{self.where}: {column}", lowest)


class Table:
    """The lines of a CSV file below its header.

    Raises:
      InputError: it is empty or not text; from the iterator, a line that is longer or shorter than
        the header.
    """

    def __init__(self, data: bytes, source: str):
        self.source = source
        self._lines = csv.reader(io.TextIOWrapper(io.BytesIO(data), ENCODING, newline=""))
        header = self._next()
        if not header:
            raise InputError(f"{source}: expected a line with the names of the columns")
        self.columns = tuple(name.strip() for name in header)

    def __iter__(self) -> Iterator[Row]:
        while (cells := self._next()) is not None:
            if not cells:
                continue
            where = f"{self.source}: line {self._lines.line_num}"
            if len(cells) != len(self.columns):
                raise InputError(f"{where}: {len(cells)} values, expected {len(self.columns)}")
            yield Row(where, dict(zip(self.columns, cells, strict=True)))

    def _next(self) -> list[str] | None:
        try:
            return next(self._lines, None)
        except (csv.Error, UnicodeDecodeError) as error:
            raise InputError(f"{self.source}: line {self._lines.line_num}: {error}") from error
