"""A captured motion: what every motion file is read into."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np

from anatomy_tf.errors import InputError

UPS = ("y", "z")
"""The axis that points up in a file; the world of this package has z up."""
_LARGEST_FILE = 2 << 30


@dataclasses.dataclass(frozen=True)
class Motion:
    """`T` frames of `J` joints, as they come from a file.

    Args:
      name: how messages call it, usually the file's path.
      joint_names: `J` distinct names; the far end of a chain is called `Head.end` after its joint.
      parents: for every joint the index of its parent, -1 for a root.
      fps: frames per second.
      positions: `(T, J, 3)` in world space, z up, in the file's unit.
      metres_per_unit: what the file says its unit is, or None where it does not.

    Raises:
      InputError: no frames, names that are not distinct, or values that are not finite.
    """

    name: str
    joint_names: tuple[str, ...]
    parents: tuple[int, ...]
    fps: float
    positions: np.ndarray
    metres_per_unit: float | None = None

    def __post_init__(self):
        if len(self.positions) == 0:
            raise InputError(f"{self.name}: the motion has no frames")
        if not 1 <= self.fps <= 10_000:
            raise InputError(f"{self.name}: {self.fps:g} frames per second are not a motion")
        seen = set()
        for joint in self.joint_names:
            if joint in seen:
                raise InputError(f"{self.name}: there are two joints {joint}")
            seen.add(joint)
        finite = np.isfinite(self.positions).all(axis=(1, 2))
        if not finite.all():
            frame = np.flatnonzero(~finite)[0]
            raise InputError(f"{self.name}: positions of frame {frame} are not finite")

    def __len__(self) -> int:
        return len(self.positions)


def z_up(positions: np.ndarray, up: str) -> np.ndarray:
    """`(..., 3)` with `up`, one of `UPS`, as the vertical axis -> the same with z
    up, right-handed.
    """
    if up == "z":
        return positions
    x, y, z = np.moveaxis(positions, -1, 0)
    return np.stack([x, -z, y], axis=-1)


def read_text(path: pathlib.Path) -> str:
    """The text of a motion file; bytes that are no UTF-8 can only be in names, and are replaced.

    Raises:
      InputError: the file is missing, cannot be read, or is larger than any motion.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise InputError(f"{path}: larger than {_LARGEST_FILE >> 30} GiB; cut it into takes")
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError as error:
        raise InputError(f"{path}: file not found") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error


def numbers(words: list[str], count: int, where: str) -> list[float]:
    """`count` finite numbers.

    Raises:
      InputError: another count, or a word that is none; starts with `where`.
    """
    try:
        values = [float(word) for word in words]
    except ValueError as error:
        raise InputError(f"{where}: {' '.join(words)[:60]!r} are not numbers") from error
    if len(values) != count:
        raise InputError(f"{where}: {len(values)} numbers, expected {count}")
    if not np.isfinite(values).all():
        raise InputError(f"{where}: {' '.join(words)[:60]} is not finite")
    return values
