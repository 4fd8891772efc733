"""CSV tables with a header, read line by line: separated by commas, semicolons or tabs."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
from collections.abc import Iterator

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.text_files import encoding_of
from anatomy_tf.errors import InputError

_NOTHING = {"", "-", "nan", "-nan", "nan(ind)", "-nan(ind)", "na", "<na>", "n/a", "#n/a"}
_NOTHING |= {"null", "none"}


@dataclasses.dataclass(frozen=True)
class Row:
    """One line: its cells by column, and how messages call it.

    Numbers have a decimal comma where that does not separate the cells.
    """

    where: str
    cells: dict[str, str]
    decimal_comma: bool = False

    def text(self, column: str) -> str:
        """What is in a column.

        Raises:
          InputError: there is no such column.
        """
        if column not in self.cells:
            raise InputError(f"{self.where}: there is no column {column}")
        return self.cells[column]

    def number(self, column: str, default: float | None = None) -> float:
        """A finite number, or NaN for an empty cell, NaN, null and the like; `default` where the
        table has no such column.

        Raises:
          InputError: it is something else.
        """
        if default is not None and column not in self.cells:
            return default
        cell = self.text(column)
        if cell.strip().lower() in _NOTHING:
            return math.nan
        try:
            number = float(cell.replace(",", ".") if self.decimal_comma else cell)
        except ValueError:
            number = math.inf
        if not abs(number) < entries.LARGEST:
            raise InputError(f"{self.where}: {column} is {entries.shown(cell)}, not a number")
        return number

    def whole_number(self, column: str, lowest: int = 0) -> int:
        """A whole number from `lowest`.

        Raises:
          InputError: it is something else.
        """
        return entries.whole_number(self.number(column), f"{self.where}: {column}", lowest)

    def is_empty(self, *columns: str) -> bool:
        """Whether nothing stands in any of the columns, or without columns in the whole line."""
        cells = map(self.text, columns) if columns else self.cells.values()
        return all(cell.strip().lower() in _NOTHING for cell in cells)


class Table:
    """The lines of a CSV file below its header; empty lines are left out.

    Names of columns are in lower case.

    Raises:
      InputError: it is empty or not text; from the iterator, a line that is longer or shorter than
        the header.
    """

    def __init__(self, data: bytes, source: str):
        self.source = source
        text = io.TextIOWrapper(io.BytesIO(data), encoding_of(data), newline="")
        self._lines = csv.reader([""])
        try:
            first = text.readline()
            separator = max(",;\t", key=first.count)
            text.seek(0)
        except (UnicodeDecodeError, OSError) as error:
            raise InputError(f"{source}: line 1: {error}") from error
        self._decimal_comma = separator != ","
        self._lines = csv.reader(text, delimiter=separator)
        header = self._next()
        if not header:
            raise InputError(f"{source}: expected a line with the names of the columns")
        self.columns = tuple(name.strip().lower() for name in header)

    def __iter__(self) -> Iterator[Row]:
        while (cells := self._next()) is not None:
            if not cells:
                continue
            where = f"{self.source}: line {self._lines.line_num}"
            if len(cells) != len(self.columns):
                raise InputError(f"{where}: {len(cells)} values, expected {len(self.columns)}")
            yield Row(where, dict(zip(self.columns, cells, strict=True)), self._decimal_comma)

    def _next(self) -> list[str] | None:
        try:
            return next(self._lines, None)
        except (csv.Error, UnicodeDecodeError) as error:
            raise InputError(f"{self.source}: line {self._lines.line_num}: {error}") from error
