"""The paper's figure 7: error against the number of frames that give the bone lengths."""

from __future__ import annotations

import pathlib

from anatomy_tf.evaluation.realtime import COUNTED_MODES
from anatomy_tf.visualize.figure import figure_file

_COLOURS = dict(zip(COUNTED_MODES, ("#00798c", "#d1495b", "#edae49"), strict=True))


def draw_realtime(errors: dict, path: pathlib.Path | str) -> None:
    """Draws what `errors_by_count` gives; raises as `figure_file`."""
    with figure_file(path, size=(7, 4.2)) as figure:
        axes = figure.subplots()
        for mode, colour in _COLOURS.items():
            axes.plot(errors["counts"], errors[mode], "o-", color=colour, label=mode)
        axes.axhline(errors["all"], color="#30343f", label="all frames so far")
        axes.axhline(errors["baseline"], color="#30343f", linestyle=":", label="causal baseline")
        axes.set_xscale("log")
        axes.set_xticks(errors["counts"], [str(count) for count in errors["counts"]])
        axes.minorticks_off()
        axes.set(xlabel="frames for the bone lengths, M", ylabel="MPJPE in mm")
        axes.grid(alpha=0.3)
        axes.legend()
