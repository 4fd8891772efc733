"""Pixels <-> screen coordinates: x in [-1, 1] over the image's width, the same scale for y."""

from __future__ import annotations

import numpy as np


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
