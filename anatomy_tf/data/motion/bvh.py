"""Biovision files (`.bvh`): a hierarchy of joints with channels, then a line of numbers for every
frame.
"""

from __future__ import annotations

import pathlib
import re

import numpy as np

from anatomy_tf.data.motion.bvh_frames import read_bvh_frames
from anatomy_tf.data.motion.joint_motion import Motion
from anatomy_tf.data.motion.kinematics import Rig, number_channels
from anatomy_tf.data.motion.motion_text import numbers, read_text
from anatomy_tf.errors import InputError

_CHANNEL = re.compile(r"([XYZ])(position|rotation)", re.IGNORECASE)
_KINDS = {"position": "shift", "rotation": "turn"}
_MOTION = re.compile(r"^[ \t]*MOTION[ \t\r]*$", re.IGNORECASE | re.MULTILINE)


def read_bvh(
    path: pathlib.Path | str, fps: float | None = None, metres_per_unit: float | None = None
) -> Motion:
    """Reads a motion; End Sites become joints called after their joint, `Head.end`.

    Position channels stand in for the offset, also on joints that are no root; rotations are
    multiplied in the order of the channels. `#` starts a comment. Of joints of one name, and End
    Sites of one joint, the second is called `Hand.2`, `Head.end.2`. What `read_bvh_frames` lets
    pass is noted.

    Args:
      fps: frames per second, instead of the file's.
      metres_per_unit: the file's unit; the format does not tell.

    Raises:
      InputError: the file is missing, or says what cannot be; names file and place.
    """
    path = pathlib.Path(path)
    text = read_text(path)
    heading = _MOTION.search(text)
    if not heading:
        raise InputError(f"{path}: no MOTION section; cut short, or no BVH file")
    hierarchy = _Hierarchy(path, text[: heading.start()])
    rig = hierarchy.rig()
    frames = read_bvh_frames(path, text, heading.end(), rig.num_channels, fps)
    for joint in rig.channels:
        for channel in joint:
            if channel.kind == "turn":
                column = frames.values[:, channel.column]
                column[:] = np.radians(column)
    return Motion(
        name=str(path),
        joint_names=rig.joint_names,
        parents=rig.parents,
        fps=frames.fps,
        positions=rig.positions(frames.values),
        metres_per_unit=metres_per_unit,
        rest=rig.rest,
        notes=(*hierarchy.notes, *frames.notes),
    )


class _Hierarchy:
    """The tree, line by line, with a stack of open braces instead of recursion."""

    def __init__(self, path: pathlib.Path, text: str):
        self.path = path
        self.names, self.parents, self.offsets, self.kinds = [], [], [], []
        self.notes = []
        self._numbers = {}
        self._ends = set()
        self._open = []
        self._declared = None
        # Braces may share a line with a joint.
        for number, line in enumerate(text.splitlines(), start=1):
            line = line.split("#", 1)[0]
            for part in re.split(r"([{}])", line):
                words = part.split()
                if words:
                    self._read(words, f"{path}: line {number}")
        if self._open or self._declared:
            raise InputError(f"{path}: HIERARCHY: a brace is never closed")
        if not self.names:
            raise InputError(f"{path}: HIERARCHY: there are no joints")
        self._prefer_long_ends()

    def _prefer_long_ends(self) -> None:
        """Of a joint's End Sites, one that has a length is called `Head.end`, if any has."""
        first = {}
        for end in sorted(self._ends):
            here = first.setdefault(self.parents[end], end)
            if any(self.offsets[end]) and not any(self.offsets[here]):
                self.names[here], self.names[end] = self.names[end], self.names[here]
                first[self.parents[end]] = end

    def rig(self) -> Rig:
        return Rig(
            name=str(self.path),
            joint_names=tuple(self.names),
            parents=tuple(self.parents),
            offsets=np.array(self.offsets),
            channels=number_channels(self.kinds),
        )

    def _read(self, words: list[str], where: str) -> None:
        keyword, rest = words[0].upper(), words[1:]
        if keyword == "{":
            if self._declared is None:
                raise InputError(f"{where}: a brace without a joint")
            self._open.append(self._add(*self._declared))
            self._declared = None
        elif self._declared:
            raise InputError(f"{where}: {' '.join(words)[:60]!r} where a brace belongs")
        elif keyword == "HIERARCHY":
            pass
        elif keyword in ("ROOT", "JOINT", "END"):
            self._declare(keyword, " ".join(rest), where)
        elif not self._open:
            raise InputError(f"{where}: {' '.join(words)[:60]!r} outside of a joint")
        elif keyword == "}":
            self._open.pop()
        elif keyword == "OFFSET":
            self.offsets[self._open[-1]] = numbers(rest, 3, f"{where}: OFFSET")
        elif keyword == "CHANNELS":
            self.kinds[self._open[-1]] = _channels(rest, where)
        else:
            raise InputError(f"{where}: {' '.join(words)[:60]!r} is not part of a hierarchy")

    def _declare(self, keyword: str, name: str, where: str) -> None:
        if (keyword == "ROOT") == bool(self._open):
            raise InputError(
                f"{where}: {keyword} {'inside' if self._open else 'outside'} of a joint"
            )
        if not name:
            raise InputError(f"{where}: {keyword} without a name")
        if self._open and self._open[-1] in self._ends:
            raise InputError(f"{where}: {keyword} beyond an End Site")
        end = keyword == "END"
        self._declared = (f"{self.names[self._open[-1]]}.end" if end else name, end)

    def _add(self, name: str, end: bool) -> int:
        if end:
            self._ends.add(len(self.names))
        distinct = name
        while distinct in self._numbers:
            self._numbers[name] += 1
            distinct = f"{name}.{self._numbers[name]}"
        self._numbers[distinct] = 1
        if distinct != name and not end:
            self.notes.append(f"another joint {name}, called {distinct}")
        self.names.append(distinct)
        self.parents.append(self._open[-1] if self._open else -1)
        self.offsets.append([0.0] * 3)
        self.kinds.append([])
        return len(self.names) - 1


def _channels(words: list[str], where: str) -> list[tuple[str, int]]:
    where = f"{where}: CHANNELS"
    if not words or not words[0].isdecimal() or float(words[0]) != len(words) - 1:
        raise InputError(f"{where}: the count does not match {' '.join(words)[:60]!r}")
    kinds = []
    for word in words[1:]:
        match = _CHANNEL.fullmatch(word)
        if not match:
            raise InputError(f"{where}: there is no channel {word[:60]!r}")
        kinds.append((_KINDS[match[2].lower()], "XYZ".index(match[1].upper())))
    if len(set(kinds)) != len(kinds):
        raise InputError(f"{where}: a channel comes twice")
    return kinds
