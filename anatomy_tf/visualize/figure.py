"""Figures that are files: drawn in a block, written when it ends well."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from anatomy_tf.errors import InputError
from anatomy_tf.files import check_output_file, replacing
from anatomy_tf.installation import check_installed

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@contextlib.contextmanager
def figure_file(path: pathlib.Path | str, size: tuple[float, float]) -> Iterator[Figure]:
    """A matplotlib figure of `size` inches, which goes to `path`; its ending says the format, .png
    or .svg.

    Raises:
      InputError: another format, a file that cannot be written, or no matplotlib.
    """
    check_figure_file(path)
    from matplotlib.figure import Figure

    path = pathlib.Path(path)
    figure = Figure(figsize=size, layout="constrained")
    yield figure
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110, format=path.suffix[1:])


def check_figure_file(path: pathlib.Path | str) -> None:
    """Raises what `figure_file` would, before long work that ends in a figure."""
    check_matplotlib()
    if pathlib.Path(path).suffix not in (".png", ".svg"):
        raise InputError(f"{path}: pictures are .png or .svg")
    check_output_file(path)


def check_matplotlib() -> None:
    """Raises an InputError where matplotlib, which comes with an extra, is not installed."""
    check_installed("matplotlib", "pictures", "pictures need matplotlib")
