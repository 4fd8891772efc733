"""Losses stay on the device until somebody needs them: to read them is to wait for the step."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import tensorflow as tf

_SECONDS = 1.0
"""After so long a person wants to see how far a training is."""


class Step(NamedTuple):
    """A step of the loop.

    Attributes:
      number: of all steps, the first being 1.
      epoch_done: it is the last one of its epoch.
      rates: that it was taken with.
      terms: of the loss, by name.
    """

    number: int
    epoch_done: bool
    rates: Mapping[str, float]
    terms: Mapping


class UnreadSteps:
    """The steps since the losses were last read."""

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self._read = time.monotonic()

    def add(self, step: Step) -> None:
        """Takes in a step whose terms are scalars on the device."""
        self._steps.append(step)

    def are_due(self) -> bool:
        """Whether the last reading is long ago."""
        return time.monotonic() - self._read > _SECONDS

    def read(self) -> Iterator[Step]:
        """All steps in order, with their terms as numbers; waits for the device once."""
        steps, self._steps = self._steps, []
        if not steps:
            return
        values = iter(tf.stack([v for s in steps for v in s.terms.values()]).numpy().tolist())
        for step in steps:
            yield step._replace(terms={name: next(values) for name in step.terms})
        self._read = time.monotonic()
