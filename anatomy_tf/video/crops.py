"""Squares of a picture, as the detector's networks take them."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import numpy.typing as npt

from anatomy_tf.video.decoding import Picture

Floats = npt.NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class Square:
    """A square in a picture, in pixels; it may reach beyond it."""

    left: float
    top: float
    side: float

    def in_picture(self, shares: Floats) -> Floats:
        """`(..., 2)` x and y as shares of the square, 0 to 1 -> pixels of the picture."""
        corner = np.array([self.left, self.top], np.float32)
        return corner + np.float32(self.side) * shares


def whole_picture(picture: Picture) -> Square:
    """The smallest square with all of the picture, which is in its middle."""
    height, width = picture.shape[:2]
    side = max(height, width)
    return Square((width - side) / 2, (height - side) / 2, side)


def cut_out(picture: Picture, square: Square, side: int) -> Picture:
    """`(side, side, 3)`: what a picture shows in a square, black outside of the picture."""
    from PIL import Image

    height, width = picture.shape[:2]
    left, top = max(square.left, 0.0), max(square.top, 0.0)
    right = min(square.left + square.side, float(width))
    bottom = min(square.top + square.side, float(height))
    result = np.zeros((side, side, 3), np.uint8)
    scale = side / square.side
    # Whole pixels of the result, of which the picture's edge may cover a part.
    first = [math.ceil((left - square.left) * scale), math.ceil((top - square.top) * scale)]
    last = [math.floor((right - square.left) * scale), math.floor((bottom - square.top) * scale)]
    columns, rows = last[0] - first[0], last[1] - first[1]
    if columns < 1 or rows < 1:
        return result
    # Only what the square covers is handed over: a picture has many times as many pixels.
    x0, y0 = math.floor(left), math.floor(top)
    part = picture[y0 : math.ceil(bottom), x0 : math.ceil(right)]
    box = (
        square.left + first[0] / scale - x0,
        square.top + first[1] / scale - y0,
        square.left + last[0] / scale - x0,
        square.top + last[1] / scale - y0,
    )
    box = (max(box[0], 0), max(box[1], 0), min(box[2], part.shape[1]), min(box[3], part.shape[0]))
    image = Image.fromarray(np.ascontiguousarray(part))
    small = image.resize((columns, rows), Image.Resampling.BILINEAR, box=box)
    result[first[1] : last[1], first[0] : last[0]] = np.asarray(small)
    return result
