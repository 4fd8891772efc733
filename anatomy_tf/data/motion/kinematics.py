"""Forward kinematics: a tree of joints and the values of its channels -> positions."""

from __future__ import annotations

import dataclasses
import functools
import itertools

import numpy as np

from anatomy_tf.errors import InputError

_CHUNK = 2048
_MOST_JOINTS = 1000
_MOST_FRAMES = 500_000
_MOST_POSITIONS = 60_000_000
"""More than an hour at 120 frames per second, of up to 120 joints."""


@dataclasses.dataclass(frozen=True)
class Channel:
    """One column of a motion file: a turn about, or a shift along, an axis of its joint.

    Args:
      kind: `turn` (radians) or `shift` (the file's unit).
      axis: 0, 1, 2 for x, y, z.
      column: where its values are.
    """

    kind: str
    axis: int
    column: int


@dataclasses.dataclass(frozen=True)
class Rig:
    """A tree of joints whose parents come before their children.

    A joint's turns are multiplied in the order of its channels, within its frame:
    `frame @ turn @ frame.T`. A shift stands in for the offset along its axis.

    Args:
      name: how messages call it.
      joint_names, parents: `J` joints; -1 is the parent of a root.
      offsets: `(J, 3)` from the parent to the joint at rest.
      channels: for every joint its channels.
      frames: `(J, 3, 3)` axes of the turns, or None where they are those of the world.
      offsets_turn: an offset turns with its own joint (Acclaim: bones), not with the parent (BVH:
        joints).

    Raises:
      InputError: more joints than a body has.
    """

    name: str
    joint_names: tuple[str, ...]
    parents: tuple[int, ...]
    offsets: np.ndarray
    channels: tuple[tuple[Channel, ...], ...]
    frames: np.ndarray | None = None
    offsets_turn: bool = False

    def __post_init__(self):
        if len(self.parents) > _MOST_JOINTS:
            raise InputError(f"{self.name}: {len(self.parents)} joints, at most {_MOST_JOINTS}")

    @property
    def num_channels(self) -> int:
        return sum(map(len, self.channels))

    @property
    def rest(self) -> np.ndarray:
        """`(J, 3)` positions where nothing turns or is shifted."""
        places = np.zeros((len(self.parents), 3))
        for joint, parent in enumerate(self.parents):
            places[joint] = self.offsets[joint] + (places[parent] if parent >= 0 else 0)
        return places

    def positions(self, values: np.ndarray) -> np.ndarray:
        """`(T, C)` values of the channels -> `(T, J, 3)` float32 positions in the file's unit and
        axes.

        Raises:
          InputError: too many frames to hold.
        """
        frames, joints = len(values), len(self.parents)
        if frames > _MOST_FRAMES or frames * joints > _MOST_POSITIONS:
            raise InputError(
                f"{self.name}: {frames} frames of {joints} joints are too many at once; "
                "cut the file into takes"
            )
        positions = np.empty((frames, joints, 3), np.float32)
        # Numbers may be finite and still too large for what is computed from them; `Motion` refuses
        # the result.
        with np.errstate(all="ignore"):
            for start in range(0, frames, _CHUNK):
                chunk = slice(start, start + _CHUNK)
                positions[chunk] = self._positions(values[chunk])
        return positions

    def _positions(self, values: np.ndarray) -> np.ndarray:
        identity, origin = np.eye(3), np.zeros(3)
        turns, places = [], []
        for joint, parent in enumerate(self.parents):
            parent_turn = turns[parent] if parent >= 0 else identity
            turns.append(parent_turn @ self._turn(joint, values))
            vector = np.broadcast_to(self.offsets[joint], (len(values), 3)).copy()
            for channel in self.channels[joint]:
                if channel.kind == "shift":
                    vector[:, channel.axis] = values[:, channel.column]
            turn = turns[joint] if self.offsets_turn and parent >= 0 else parent_turn
            start = places[parent] if parent >= 0 else origin
            places.append(start + (turn @ vector[..., np.newaxis])[..., 0])
        return np.stack(places, axis=1)

    def _turn(self, joint: int, values: np.ndarray) -> np.ndarray:
        """`(T, 3, 3)`, or `(3, 3)` where the joint never turns."""
        turns = [c for c in self.channels[joint] if c.kind == "turn"]
        if not turns:
            return np.eye(3)
        turn = functools.reduce(np.matmul, (axis_turn(values[:, c.column], c.axis) for c in turns))
        if self.frames is None:
            return turn
        return self.frames[joint] @ turn @ self.frames[joint].T


def axis_turn(angles: np.ndarray, axis: int) -> np.ndarray:
    """`(...)` radians about x, y or z (0, 1, 2) -> `(..., 3, 3)`."""
    cosine, sine = np.cos(angles), np.sin(angles)
    after, last = (axis + 1) % 3, (axis + 2) % 3
    turn = np.zeros((*np.shape(angles), 3, 3))
    turn[..., axis, axis] = 1
    turn[..., after, after] = turn[..., last, last] = cosine
    turn[..., last, after] = sine
    turn[..., after, last] = -sine
    return turn


def number_channels(kinds: list[list[tuple[str, int]]]) -> tuple[tuple[Channel, ...], ...]:
    """(kind, axis) of every joint's channels, in the order of the columns -> channels."""
    columns = itertools.count()
    return tuple(
        tuple(Channel(kind, axis, next(columns)) for kind, axis in joint) for joint in kinds
    )
