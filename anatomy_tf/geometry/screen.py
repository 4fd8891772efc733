"""Pixels <-> screen coordinates: x in [-1, 1] over the image's width, the same scale for y."""

from __future__ import annotations

import math

import numpy as np

from anatomy_tf.errors import InputError

GUESSED_FOCAL = 0.85
"""Focal length in longer sides of the image, where it is not known: that of a phone's main lens is
some 0.7 to 1.
"""
SHORTEST_FOCAL, LONGEST_FOCAL = 0.2, 20.0
"""Between a fisheye and a telescope, in longer sides of the image; beyond them the focal length is
that of another image, or in millimetres.
"""


def pixels_to_screen(pixels: np.ndarray, resolution: tuple[int, int]) -> np.ndarray:
    """`(..., 2)` pixels of an image of `resolution` (width, height) -> `(..., 2)` screen
    coordinates.
    """
    width, height = resolution
    return pixels * (2 / width) - np.array([1, height / width], pixels.dtype)


def screen_to_pixels(screen: np.ndarray, resolution: tuple[int, int]) -> np.ndarray:
    """Inverse of `pixels_to_screen`."""
    width, height = resolution
    return (screen + np.array([1, height / width], screen.dtype)) * (width / 2)


def focal_of_view(degrees: float, resolution: tuple[int, int]) -> float:
    """Focal length in pixels of a lens that sees this angle over the longer side of the image.

    Raises:
      InputError: as `check_view`.
    """
    check_view(degrees)
    return max(resolution) / 2 / math.tan(math.radians(degrees) / 2)


def check_view(degrees: float) -> None:
    """Raises an InputError for a field of view that no lens has, as one in radians."""
    narrowest, widest = (
        2 * math.degrees(math.atan(0.5 / f)) for f in (LONGEST_FOCAL, SHORTEST_FOCAL)
    )
    if not narrowest <= degrees <= widest:
        raise InputError(
            f"a field of view of {degrees:g} degrees: must lie in [{narrowest:.1f}, {widest:.0f}]"
        )


def screen_focal(resolution: tuple[int, int], focal: float | None = None) -> float:
    """A focal length of `focal` pixels in screen units, or the guess where it is None.

    Raises:
      InputError: one that no lens has that took an image of this `resolution`.
    """
    longer = max(resolution)
    focal = GUESSED_FOCAL * longer if focal is None else focal
    if not SHORTEST_FOCAL <= focal / longer <= LONGEST_FOCAL:
        raise InputError(
            f"a focal length of {focal:g} pixels: that of an image of {resolution[0]} x "
            f"{resolution[1]} is {SHORTEST_FOCAL * longer:g} to {LONGEST_FOCAL * longer:g}"
        )
    return focal * 2 / resolution[0]
