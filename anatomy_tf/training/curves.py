"""The curves of a run, for TensorBoard."""

from __future__ import annotations

import pathlib
import time
from collections.abc import Mapping

import numpy as np
import tensorflow as tf

SUMMARY_STEPS = 20
"""Steps from one point of the curves to the next."""


class Curves:
    """Writes `tensorboard/` of a run's folder.

    Args:
      batch_size: examples of a step.
      written: this is the process that writes.
    """

    def __init__(self, output_dir: pathlib.Path, batch_size: int, written: bool = True):
        folder = str(output_dir / "tensorboard")
        self._writer = (
            tf.summary.create_file_writer(folder) if written else tf.summary.create_noop_writer()
        )
        self._batch_size = batch_size
        self._last_step: int | None = None
        self._last_time = 0.0

    def are_due(self, step: int) -> bool:
        """Whether the curves have a point at a step that is not the last of its epoch."""
        return step % SUMMARY_STEPS == 0

    def after_step(self, step: int, epoch_done: bool, rates: Mapping, terms: Mapping) -> None:
        """Every few steps: the rates, every loss term, the norm of the gradients, and how many
        examples were trained on a second since the last point.
        """
        if not self.are_due(step) and not epoch_done:
            return
        now = time.monotonic()
        values = dict(rates)
        for name, value in terms.items():
            values[name if name == "gradient_norm" else f"loss/{name}"] = value
        if self._last_step is not None:
            passed = now - self._last_time
            values["examples_per_second"] = (step - self._last_step) * self._batch_size / passed
        self._write(step, values)
        self._last_step, self._last_time = step, now

    def after_epoch(self, step: int, errors: Mapping[str, float]) -> None:
        """The errors of a validation."""
        if errors:
            self._write(step, {f"validation/{name}": value for name, value in errors.items()})
            self._last_step = None  # the time that it took is not training

    def close(self) -> None:
        self._writer.close()

    def _write(self, step: int, values: Mapping[str, float]) -> None:
        # Arrays, because TensorFlow keeps a tensor of every number of Python's that it is given.
        with self._writer.as_default(step=np.array(step)):
            for name, value in values.items():
                tf.summary.scalar(name, np.array(value))
