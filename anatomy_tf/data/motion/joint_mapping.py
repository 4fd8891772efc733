"""Joints of any rig -> the 17 joints of Human3.6M, by name."""

from __future__ import annotations

import dataclasses
import functools
import os
import pathlib
import re
from collections.abc import Iterable

import numpy as np

from anatomy_tf.data.motion.joint_motion import Motion, read_text
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17

_SHIPPED = pathlib.Path(__file__).parent / "mappings"
_TERM = re.compile(r"(?:([-+]?\d+(?:\.\d+)?)\s+)?(\S.*)")


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
        known = _Names(motion)
        missing = {}
        for alternatives in self.points.values():
            if not any(map(known.has_all, alternatives)):
                missing |= dict.fromkeys(n for n in alternatives[0] if known.index(n) is None)
        return list(missing)

    def joints(self, motion: Motion) -> np.ndarray:
        """`(T, 17, 3)` positions of `H36M_17` in the unit of `motion`.

        Raises:
          InputError: the rig lacks joints; names them and those there are.
        """
        missing = self.missing(motion)
        if missing:
            raise InputError(
                f"{motion.name}: mapping {self.name} needs {', '.join(missing)}; "
                f"there are {', '.join(motion.joint_names)}"
            )
        known = _Names(motion)
        weights = np.zeros((H36M_17.num_joints, len(motion.joint_names)), np.float32)
        for row, joint in zip(weights, H36M_17.joint_names, strict=True):
            point = next(filter(known.has_all, self.points[joint]))
            for name, weight in point.items():
                row[known.index(name)] += weight
        return weights @ motion.positions


class _Names:
    """Finds the joints of a rig as they are called, or without case and what tools put before every
    name.
    """

    def __init__(self, motion: Motion):
        self._exact = {name: index for index, name in enumerate(motion.joint_names)}
        bare = [name.rsplit(":", 1)[-1].lower() for name in motion.joint_names]
        prefix = len(os.path.commonprefix(bare)) if len(bare) > 1 else 0  # noqa: RUF071 (of letters)
        self._bare = {name[prefix:]: index for index, name in reversed(list(enumerate(bare)))}

    def index(self, name: str) -> int | None:
        return self._exact.get(name, self._bare.get(name.lower()))

    def has_all(self, names: Iterable[str]) -> bool:
        return all(self.index(name) is not None for name in names)


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
      InputError: none fits; names the nearest, what it lacks, and the joints there are.
    """
    lacks = [(mapping.name, mapping.missing(motion)) for mapping in shipped_mappings()]
    for mapping, (_, missing) in zip(shipped_mappings(), lacks, strict=True):
        if not missing:
            return mapping
    name, missing = min(lacks, key=lambda lack: len(lack[1]))
    raise InputError(
        f"{motion.name}: no ready-made mapping fits: {name}, the nearest, "
        f"needs {', '.join(missing)}; there are {', '.join(motion.joint_names)}"
    )
