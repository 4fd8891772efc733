"""Steps, where somebody walks: when and where feet come down, and what follows from that."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from anatomy_tf.skeleton import Skeleton
from anatomy_tf.world.body import body_of
from anatomy_tf.world.contact import runs

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_LONGEST_STEP = 1.5
"""Seconds; after more, somebody has stood."""
_SHORTEST_WAY, _LONGEST_WAY = 0.1, 2.0
"""Metres of a step; less is treading on the spot, more is no step."""
_FEWEST = 3


class Step(NamedTuple):
    """A foot comes down.

    Args:
      frame: in which it does, counted from the start of the track.
      foot: its joint.
      seconds: since the other foot came down before.
      length: metres from the other foot's place to its own, along the floor.
      stride: metres from its own place before; NaN of the first.
    """

    frame: int
    foot: int
    seconds: float
    length: float
    stride: float


class Walk(NamedTuple):
    """What a number of steps have in common.

    Args:
      steps: how many.
      cadence: steps a minute.
      seconds, length: means of a step, in seconds and metres.
      stride: mean in metres.
      speed: m/s.
      asymmetry: of step lengths, then of step times: the difference between both feet, in shares of
        their mean; NaN with fewer than two steps of a foot.
    """

    steps: int
    cadence: float
    seconds: float
    length: float
    stride: float
    speed: float
    asymmetry: tuple[float, float]


def steps_of(joints: Floats, stands: Bools, fps: float, skeleton: Skeleton) -> list[Step]:
    """The steps in a track: feet that come down in turns, on different places.

    Args:
      joints: `(T, J, 3)` in a level world, y up.
      stands: `(T, C)` of the feet of `body_of`.
    """
    landings = []
    for number, foot in enumerate(body_of(skeleton).feet):
        for start, stop in runs(stands[:, number]).tolist():
            place = np.median(joints[start:stop, foot][:, [0, 2]], axis=0)
            landings.append((start, foot, place))
    landings.sort(key=lambda landing: landing[0])
    steps: list[Step] = []
    for number in range(1, len(landings)):
        (before, other, start), (frame, foot, end) = landings[number - 1 : number + 1]
        seconds, length = (frame - before) / fps, float(np.linalg.norm(end - start))
        if foot == other or before == 0 or not 0 < seconds <= _LONGEST_STEP:
            continue
        if not _SHORTEST_WAY <= length <= _LONGEST_WAY:
            continue
        stride = np.nan
        if number > 1:
            earlier, same, own = landings[number - 2]
            if same == foot and before - earlier <= _LONGEST_STEP * fps:
                stride = float(np.linalg.norm(end - own))
        steps.append(Step(frame, foot, seconds, length, stride))
    return steps


def walk_of(steps: list[Step]) -> Walk | None:
    """What the steps have in common; None where there are too few to walk."""
    if len(steps) < _FEWEST:
        return None
    seconds = np.array([step.seconds for step in steps])
    lengths = np.array([step.length for step in steps])
    strides = np.array([step.stride for step in steps])
    feet = np.array([step.foot for step in steps])
    known = strides[np.isfinite(strides)]
    return Walk(
        steps=len(steps),
        cadence=60 / float(seconds.mean()),
        seconds=float(seconds.mean()),
        length=float(lengths.mean()),
        stride=float(known.mean()) if len(known) else float("nan"),
        speed=float(lengths.sum() / seconds.sum()),
        asymmetry=(_asymmetry(lengths, feet), _asymmetry(seconds, feet)),
    )


def _asymmetry(values: Floats, feet: npt.NDArray[np.int_]) -> float:
    sides = [values[feet == foot] for foot in np.unique(feet)]
    if len(sides) != 2 or min(map(len, sides)) < 2:
        return float("nan")
    first, second = (float(side.mean()) for side in sides)
    return 2 * abs(first - second) / (first + second)
