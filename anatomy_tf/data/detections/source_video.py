"""The video file that detections and poses are of."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np
import numpy.typing as npt


@dataclasses.dataclass(frozen=True)
class SourceVideo:
    """A video file, and where in it the frames are.

    Args:
      path: of the file.
      times: `(T,)` seconds between the file's first picture and each frame, ascending.
    """

    path: pathlib.Path
    times: npt.NDArray[np.float64]
