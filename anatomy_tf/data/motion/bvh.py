"""Biovision files (`.bvh`): a hierarchy of joints with channels, then a line of numbers for every
frame.
"""

from __future__ import annotations

import io
import pathlib
import re

import numpy as np

from anatomy_tf.data.motion.joint_motion import Motion, numbers, read_text, z_up
from anatomy_tf.data.motion.kinematics import Rig, number_channels
from anatomy_tf.errors import InputError

_CHANNEL = re.compile(r"([XYZ])(position|rotation)", re.IGNORECASE)
_KINDS = {"position": "shift", "rotation": "turn"}
_MOTION = re.compile(r"^[ \t]*MOTION[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
_FRAMES = re.compile(r"\s*Frames\s*:\s*(\d{1,18})[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
_FRAME_TIME = re.compile(r"\s*Frame\s+Time\s*:\s*(\S+)[ \t\r]*$", re.IGNORECASE | re.MULTILINE)


def read_bvh(
    path: pathlib.Path | str, up: str = "y", metres_per_unit: float | None = None
) -> Motion:
    """Reads a motion; End Sites become joints called after their joint, `Head.end`.

    Position channels stand in for the offset, also on joints that are no root; rotations are
    multiplied in the order of the channels. `#` starts a comment.

    Args:
      up: the file's vertical axis, one of `UPS`.
      metres_per_unit: the file's unit; the format does not tell.

    Raises:
      InputError: the file is missing, cut short, or says what cannot be; names file and place.
    """
    path = pathlib.Path(path)
    text = read_text(path)
    heading = _MOTION.search(text)
    if not heading:
        raise InputError(f"{path}: no MOTION section; cut short, or no BVH file")
    rig = _Hierarchy(path, text[: heading.start()]).rig()
    frame_time, values = _read_frames(path, text, heading.end(), rig)
    for joint in rig.channels:
        for channel in joint:
            if channel.kind == "turn":
                values[:, channel.column] = np.radians(values[:, channel.column])
    return Motion(
        name=str(path),
        joint_names=rig.joint_names,
        parents=rig.parents,
        fps=1 / frame_time,
        positions=z_up(rig.positions(values), up),
        metres_per_unit=metres_per_unit,
    )


class _Hierarchy:
    """The tree, line by line, with a stack of open braces instead of recursion."""

    def __init__(self, path: pathlib.Path, text: str):
        self.path = path
        self.names, self.parents, self.offsets, self.kinds = [], [], [], []
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
            self._open.append(self._add(self._declared))
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
        if self._open and self.names[self._open[-1]].endswith(".end"):
            raise InputError(f"{where}: {keyword} beyond an End Site")
        self._declared = f"{self.names[self._open[-1]]}.end" if keyword == "END" else name

    def _add(self, name: str) -> int:
        self.names.append(name)
        self.parents.append(self._open[-1] if self._open else -1)
        self.offsets.append([0.0] * 3)
        self.kinds.append([])
        return len(self.names) - 1


def _channels(words: list[str], where: str) -> list[tuple[str, int]]:
    where = f"{where}: CHANNELS"
    if not words or not words[0].isdecimal() or int(words[0]) != len(words) - 1:
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


def _read_frames(path: pathlib.Path, text: str, start: int, rig: Rig) -> tuple[float, np.ndarray]:
    """Seconds a frame, and `(T, C)` values."""
    count = _FRAMES.match(text, start)
    frame_time = count and _FRAME_TIME.match(text, count.end())
    if not frame_time:
        raise InputError(f"{path}: MOTION: 'Frames:' and 'Frame Time:' have to follow")
    (seconds,) = numbers([frame_time[1]], 1, f"{path}: Frame Time")
    if seconds <= 0:
        raise InputError(f"{path}: Frame Time: {seconds:g} is not positive")
    body = text[frame_time.end() :]
    if not rig.num_channels:
        raise InputError(f"{path}: no joint has channels")
    if not body.strip():
        raise InputError(f"{path}: says {count[1]} frames, has none")
    try:
        values = np.loadtxt(io.StringIO(body), np.float64, comments="#", ndmin=2)
    except ValueError as error:
        reason = str(error).splitlines()[0].split(";")[0]
        raise InputError(f"{path}: MOTION: cut short or damaged ({reason})") from error
    if values.shape[1] != rig.num_channels:
        raise InputError(
            f"{path}: MOTION: {values.shape[1]} numbers a frame for {rig.num_channels} channels"
        )
    if len(values) != int(count[1]):
        raise InputError(f"{path}: says {count[1]} frames, has {len(values)}")
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        frame = np.flatnonzero(~finite)[0]
        raise InputError(f"{path}: MOTION: frame {frame} is not finite")
    return seconds, values
