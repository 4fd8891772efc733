"""Rows of a table that stay on disk: a data pipeline reads those that a batch is made of."""

from __future__ import annotations

import mmap
import pathlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tensorflow as tf

_READERS = ThreadPoolExecutor(16, "rows")
"""A disk answers many questions at a time faster than one after the other."""
_ROWS_OF_A_READER = 1000


class RowsOnDisk:
    """`N` rows in a file, and, with a `mirror`, the same again as a mirror shows them.

    Args:
      path: the file, one row after the other.
      dtype, shape: of a row.
      mirror: makes mirrored rows of rows; they are not stored, but made when they are read.
    """

    def __init__(
        self,
        path: pathlib.Path,
        dtype: np.dtype,
        shape: tuple[int, ...],
        mirror: Callable[[np.ndarray], np.ndarray] | None = None,
    ):
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if hasattr(mmap, "MADV_RANDOM"):
            mapped.madvise(mmap.MADV_RANDOM)  # or the system reads what comes after, too
        self.stored = np.frombuffer(mapped, dtype).reshape(-1, *shape)
        self.shape = shape
        self._mirror = mirror

    def __len__(self) -> int:
        return len(self.stored) * (1 if self._mirror is None else 2)

    def gather(self, rows: tf.Tensor) -> tf.Tensor:
        """As `tf.gather` of a table in memory."""
        values = tf.numpy_function(self.read, [rows], self.stored.dtype, stateful=False)
        return tf.ensure_shape(values, [*rows.shape, *self.shape])

    def read(self, rows: np.ndarray) -> np.ndarray:
        """Rows by their numbers, of any shape."""
        numbers = rows.reshape(-1)
        mirrored = numbers >= len(self.stored)
        values = self._stored_rows(numbers - mirrored * len(self.stored))
        if self._mirror is not None and mirrored.any():
            values[mirrored] = self._mirror(values[mirrored])
        return values.reshape(*rows.shape, *self.shape)

    def _stored_rows(self, numbers: np.ndarray) -> np.ndarray:
        parts = np.array_split(numbers, max(1, len(numbers) // _ROWS_OF_A_READER))
        return np.concatenate([*_READERS.map(lambda part: self.stored.take(part, axis=0), parts)])


def gather_rows(values: np.ndarray | tf.Tensor | RowsOnDisk, rows: tf.Tensor) -> tf.Tensor:
    """Rows of a table, in memory or on disk."""
    return values.gather(rows) if isinstance(values, RowsOnDisk) else tf.gather(values, rows)
