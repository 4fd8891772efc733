"""Joints of any rig -> the 17 joints of Human3.6M, by name."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import re

import numpy as np

from anatomy_tf.data.motion.joint_motion import Motion
from anatomy_tf.data.motion.motion_text import read_text
from anatomy_tf.data.motion.rig_names import RigNames
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17

_SHIPPED = pathlib.Path(__file__).parent / "mappings"
_FEW_FRAMES = 50
_SHORTEST = 0.005
"""Share of how far the joints are apart: some 8 mm, of a person of 1.7 m."""
_TERM = re.compile(r"(?:([-+]?\d+(?:\.\d+)?)\s+)?(\S.*)")


class NoMappingFitsError(InputError):
    """No ready-made mapping fits the rig of `motion`."""

    def __init__(self, message: str, motion: Motion):
        super().__init__(message)
        self.motion = motion


@dataclasses.dataclass(frozen=True)
class JointMapping:
    """Where in a rig each joint of `H36M_17` is.

    Args:
      name: how messages call it.
      points: for every joint one or more alternatives, each the weights of the rig's joints; they
        sum to 1.
    """

    name: str
    points: dict[str, tuple[dict[str, float], ...]]

    def missing(self, motion: Motion) -> list[str]:
        """What of the rig's joints it lacks, of the first alternative where none fits."""
        known = RigNames(motion.joint_names)
        missing = {}
        for alternatives in self.points.values():
            if not any(map(known.has_all, alternatives)):
                missing |= dict.fromkeys(n for n in alternatives[0] if known.index(n) is None)
        return list(missing)

    def fit(self, motion: Motion) -> FittedMapping:
        """Finds the joints in the rig of `motion`.

        An alternative that leaves a bone without length is none, if another one fits: the ends of
        chains are often where their joint is.

        Raises:
          InputError: the rig lacks joints; names them and those there are.
        """
        missing = self.missing(motion)
        if missing:
            raise InputError(
                f"{motion.name}: mapping {self.name} needs {', '.join(missing)}; "
                f"there are {', '.join(motion.joint_names)}"
            )
        known = RigNames(motion.joint_names)
        few = motion.positions[:: max(1, len(motion) // _FEW_FRAMES)]
        shortest = _SHORTEST * float(np.ptp(few, axis=1).max())
        weights = np.zeros((H36M_17.num_joints, len(motion.joint_names)), np.float32)
        doubtful = {}
        for joint, parent in enumerate(H36M_17.parents):
            fitting = filter(known.has_all, self.points[H36M_17.joint_names[joint]])
            rows = [(point, _row(point, known, weights.shape[1])) for point in fitting]
            with np.errstate(over="ignore"):
                bones = [np.linalg.norm((row - weights[parent]) @ few, axis=-1) for _, row in rows]
            long = [parent < 0 or np.median(bone) > shortest for bone in bones]
            chosen, weights[joint] = rows[long.index(True) if any(long) else 0]
            doubtful |= dict.fromkeys(name for name in chosen if len(known.indices(name)) > 1)
        return FittedMapping(self.name, weights, tuple(doubtful))


@dataclasses.dataclass(frozen=True)
class FittedMapping:
    """A mapping in the rig of one motion.

    Args:
      name: of the mapping.
      weights: `(17, J)` of the rig's joints.
      doubtful: names that several joints of the rig have; the first one was taken.
    """

    name: str
    weights: np.ndarray
    doubtful: tuple[str, ...] = ()

    def joints(self, motion: Motion) -> np.ndarray:
        """`(T, 17, 3)` positions of `H36M_17` in the unit and axes of `motion`."""
        return self.weights @ motion.positions

    def rest(self, motion: Motion) -> np.ndarray | None:
        """`(17, 3)` where these joints are at rest, or None where that is unknown."""
        return None if motion.rest is None else self.weights @ motion.rest


def _row(point: dict[str, float], known: RigNames, count: int) -> np.ndarray:
    row = np.zeros(count, np.float32)
    for name, weight in point.items():
        row[known.index(name)] += weight
    return row


def read_mapping(path: pathlib.Path | str) -> JointMapping:
    """Reads a mapping; `docs/own_mocap.md` describes the format.

    Raises:
      InputError: the file is missing, or a line is wrong, doubled, or absent.
    """
    path = pathlib.Path(path)
    points = {}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        line = line.split("#", 1)[0].strip()
        if not line:
            continue
        where = f"{path}: line {number}"
        joint, equals, right = (part.strip() for part in line.partition("="))
        joint = re.sub(r"[\s-]+", "_", joint.lower())
        if not equals:
            raise InputError(f"{where}: expected `joint = names`, found {line[:60]!r}")
        if joint not in H36M_17.joint_names:
            raise InputError(
                f"{where}: no joint {joint[:60]}; there are {', '.join(H36M_17.joint_names)}"
            )
        if joint in points:
            raise InputError(f"{where}: {joint} has a line already")
        points[joint] = tuple(_weights(part, f"{where}: {joint}") for part in right.split("|"))
    missing = [joint for joint in H36M_17.joint_names if joint not in points]
    if missing:
        raise InputError(f"{path}: no line for {', '.join(missing)}")
    return JointMapping(path.stem, points)


def _weights(text: str, where: str) -> dict[str, float]:
    weights = {}
    for term in text.split(","):
        match = _TERM.fullmatch(term.strip())
        if not match:
            raise InputError(f"{where}: a name is missing in {text.strip()[:60]!r}")
        weights[match[2]] = weights.get(match[2], 0.0) + float(match[1] or 1)
    total = sum(weights.values())
    if not 0 < total < float("inf"):
        raise InputError(f"{where}: weights sum to {total:g}")
    return {name: weight / total for name, weight in weights.items()}


@functools.cache
def shipped_mappings() -> tuple[JointMapping, ...]:
    """The ready-made mappings."""
    return tuple(read_mapping(path) for path in sorted(_SHIPPED.glob("*.txt")))


def fitting_mapping(motion: Motion) -> JointMapping:
    """The first ready-made mapping whose joints the motion has.

    Raises:
      NoMappingFitsError: none fits; names the nearest, what it lacks, and the joints there are.
    """
    lacks = [(mapping.name, mapping.missing(motion)) for mapping in shipped_mappings()]
    for mapping, (_, missing) in zip(shipped_mappings(), lacks, strict=True):
        if not missing:
            return mapping
    name, missing = min(lacks, key=lambda lack: len(lack[1]))
    raise NoMappingFitsError(
        f"{motion.name}: no ready-made mapping fits: {name}, the nearest, "
        f"needs {', '.join(missing)}; there are {', '.join(motion.joint_names)}",
        motion,
    )
