"""Figures that are files: drawn in a block, written when it ends well."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from anatomy_tf.errors import InputError
from anatomy_tf.files import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@contextlib.contextmanager
def figure_file(path: pathlib.Path | str, size: tuple[float, float]) -> Iterator[Figure]:
    """A matplotlib figure of `size` inches, which goes to `path`; its ending says the format, .png or .svg.

    Raises:
      InputError: another format, a file that cannot be written, or no matplotlib.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InputError("pictures need matplotlib: pip install 'anatomy-tf[pictures]'") from error
    path = pathlib.Path(path)
    if path.suffix not in (".png", ".svg"):
        raise InputError(f"{path}: pictures are .png or .svg")
    figure = Figure(figsize=size, layout="constrained")
    yield figure
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110, format=path.suffix[1:])
