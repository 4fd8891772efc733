"""Rates of several ways to do the same, measured in turns, so that what else the machine does hits
all of them.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf

Way = Callable[[], int]
"""Does some of the work, and gives how many items (examples, frames) that were."""


@dataclasses.dataclass(frozen=True)
class Rate:
    """Items a second, the median over the rounds and the quartiles; and milliseconds of single
    calls.
    """

    median: float
    low: float
    high: float
    call_p50_ms: float
    call_p99_ms: float

    def __str__(self) -> str:
        return f"{_digits(self.median)} ({_digits(self.low)}-{_digits(self.high)})"


def measure_rates(
    ways: Mapping[str, Way], rounds: int = 5, seconds: float = 1.0
) -> dict[str, Rate]:
    """The rate of every way: in each round, each in turn works for `seconds`, but at least once.

    All have worked once before that, untimed.
    """
    for work in ways.values():
        work()
    rates = {name: [] for name in ways}
    calls = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            done, start = 0, time.perf_counter()
            now = start
            while done == 0 or now - start < seconds:
                done += work()
                calls[name].append(time.perf_counter() - now)
                now += calls[name][-1]
            rates[name].append(done / (now - start))
    return {
        name: Rate(
            *np.percentile(rates[name], [50, 25, 75]).tolist(),
            *(1000 * np.percentile(calls[name], [50, 99])).tolist(),
        )
        for name in ways
    }


def measure_peak(size: int = 2048) -> float:
    """Multiplies a second that a product of two `size` x `size` float32 matrices reaches here."""
    matrix = tf.random.stateless_normal((size, size), (0, 0))
    product = tf.function(lambda: tf.linalg.matmul(matrix, matrix), autograph=False)

    def work() -> int:
        product().numpy()
        return size**3

    return measure_rates({"peak": work}, rounds=7, seconds=0.3)["peak"].high


def _digits(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.3g}"
