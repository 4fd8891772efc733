"""Checks that the data sources share."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from anatomy_tf.errors import InputError


def check_subjects(subjects: Sequence[str], present: Collection[str], where: object) -> None:
    """Raises an InputError for a subject that is not among those that are `present`."""
    for subject in subjects:
        if subject not in present:
            raise InputError(f"{where}: no subject {subject}; there are {', '.join(present)}")


def check_shape(values: np.ndarray, shape: tuple[int | None, ...], where: str) -> None:
    """Raises an InputError unless `values` have this shape; an axis of None has any length."""
    if len(values.shape) != len(shape) or any(
        expected not in (None, found) for expected, found in zip(shape, values.shape, strict=True)
    ):
        expected = str(shape).replace("None", "frames")
        raise InputError(f"{where} has shape {values.shape}, expected {expected}")


def check_finite(values: np.ndarray, where: str) -> None:
    """Raises an InputError that names the first frame, of the first axis, with a value that is not
    finite.
    """
    if not np.isfinite(values).all():
        frame = np.argwhere(~np.isfinite(values))[0][0]
        raise InputError(f"{where} is not finite in frame {frame}")
