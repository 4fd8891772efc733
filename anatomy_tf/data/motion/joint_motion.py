"""A captured motion: what every motion file is read into."""

from __future__ import annotations

import dataclasses

import numpy as np

from anatomy_tf.errors import InputError


@dataclasses.dataclass(frozen=True)
class Motion:
    """`T` frames of `J` joints, as they come from a file.

    Args:
      name: how messages call it, usually the file's path.
      joint_names: `J` distinct names; the far end of a chain is called `Head.end` after its joint.
      parents: for every joint the index of its parent, -1 for a root.
      fps: frames per second.
      positions: `(T, J, 3)` in the file's axes and unit.
      metres_per_unit: what the file says its unit is, or None where it does not.
      rest: `(J, 3)` where the joints are when nothing turns, or None where that is unknown.
      notes: what was unusual about the file.

    Raises:
      InputError: no frames, a rate that is none, names that are not distinct, or values that are
        not finite.
    """

    name: str
    joint_names: tuple[str, ...]
    parents: tuple[int, ...]
    fps: float
    positions: np.ndarray
    metres_per_unit: float | None = None
    rest: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self):
        if len(self.positions) == 0:
            raise InputError(f"{self.name}: the motion has no frames")
        if not 1 <= self.fps <= 10_000:
            raise InputError(
                f"{self.name}: {self.fps:g} frames per second are not a motion; "
                "--bvh_fps or --amc_fps gives the rate"
            )
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
