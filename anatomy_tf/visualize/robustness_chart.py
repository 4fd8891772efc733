"""Errors on the virtual protocol by what makes a clip hard, a panel a fact."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping

from anatomy_tf.visualize.figure import figure_file

_LINES = {"limbs_deg": ("limbs", "#00798c"), "knees_deg": ("knees", "#d1495b")}
_ROWS, _COLUMNS = 2, 4


def draw_robustness(report: Mapping, path: pathlib.Path | str) -> None:
    """Draws what `evaluate_robustness` gives, with the number of clips under every class; raises as
    `figure_file`.
    """
    with figure_file(path, size=(12, 5.6)) as figure:
        panels = figure.subplots(_ROWS, _COLUMNS, sharey=True).ravel()
        for axes, (fact, classes) in zip(panels, report["by"].items(), strict=False):
            names = [f"{name}\n({errors['clips']})" for name, errors in classes.items()]
            for metric, (label, colour) in _LINES.items():
                axes.plot(
                    range(len(names)),
                    [errors[metric] for errors in classes.values()],
                    "o-",
                    color=colour,
                    label=label,
                )
                axes.axhline(report["overall"][metric], color=colour, linestyle=":", linewidth=1)
            axes.set_xticks(range(len(names)), names, fontsize=8)
            axes.set_title(fact, fontsize=10)
            axes.grid(alpha=0.3)
        panels[0].set_ylim(bottom=0)  # of all, when all is drawn
        for axes in panels[::_COLUMNS]:
            axes.set_ylabel("error in degrees")
        legend = panels[len(report["by"]) :]
        for axes in legend:
            axes.axis("off")
        handles, labels = panels[0].get_legend_handles_labels()
        legend[0].legend(handles, labels, loc="center", title="dotted: over all clips")
