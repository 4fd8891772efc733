"""A plot of variants: every seed a dot, and their mean."""

from __future__ import annotations

import pathlib
import statistics
from collections.abc import Sequence

from anatomy_tf.evaluation.ablation import Result
from anatomy_tf.visualize.figure import figure_file


def draw_ablation(results: Sequence[Result], path: pathlib.Path | str) -> None:
    """Draws the MPJPE of all `results`, the first on top; raises as `figure_file`."""
    with figure_file(path, size=(9, 1 + 0.34 * len(results))) as figure:
        axes = figure.subplots()
        for row, result in enumerate(results):
            errors = result.values("mpjpe_mm")
            axes.plot(errors, [row] * len(errors), "o", color="#00798c", alpha=0.6, markersize=5)
            axes.plot([statistics.mean(errors)], [row], "|", color="#30343f", markersize=14)
        axes.set_yticks(range(len(results)), [result.variant.title for result in results])
        axes.invert_yaxis()
        axes.grid(axis="x", alpha=0.3)
        axes.set_xlabel("MPJPE in mm (a dot a seed, a bar their mean)")
