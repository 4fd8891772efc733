"""Acclaim motions (`.amc`): for every frame a line of numbers for every bone of a skeleton."""

from __future__ import annotations

import array
import dataclasses
import pathlib

import numpy as np

from anatomy_tf.data.motion.acclaim import AcclaimSkeleton, is_degrees, spelled
from anatomy_tf.data.motion.joint_motion import Motion
from anatomy_tf.data.motion.motion_text import numbers, read_text
from anatomy_tf.errors import InputError

USUAL_FPS = 120.0
"""Of CMU's motions, but for few."""
_RATE = "samples-per-second"


def read_amc(
    path: pathlib.Path | str,
    skeleton: AcclaimSkeleton,
    fps: float | None = None,
    metres_per_unit: float | None = None,
) -> Motion:
    """Reads a motion of `skeleton`. A last frame that is not whole is left out, with a note.

    Args:
      fps: frames per second, or None: what the file says, which few do, or else `USUAL_FPS`.
      metres_per_unit: instead of the skeleton's.

    Raises:
      InputError: the file is missing, damaged, or of another skeleton; names file, frame and bone.
    """
    path = pathlib.Path(path)
    file = _File(path, skeleton)
    values, rig = file.values, skeleton.rig
    for joint in rig.channels:
        for channel in joint:
            column = values[:, channel.column]
            if channel.kind == "turn" and file.degrees:
                column[:] = np.radians(column)
            elif channel.kind == "shift":
                column += skeleton.root_position[channel.axis]
    return Motion(
        name=str(path),
        joint_names=rig.joint_names,
        parents=rig.parents,
        fps=fps or file.fps or USUAL_FPS,
        positions=rig.positions(values),
        metres_per_unit=metres_per_unit or skeleton.metres_per_unit,
        rest=rig.rest,
        notes=(f"skeleton {pathlib.Path(rig.name).name}", *file.notes),
    )


@dataclasses.dataclass
class _Frame:
    number: str
    given: dict[str, list[float]]


class _File:
    """Reads line by line; `values` are `(T, C)`, in the order of the skeleton's joints."""

    def __init__(self, path: pathlib.Path, skeleton: AcclaimSkeleton):
        self._path, self._skeleton = path, skeleton
        self._bones = {name: name for name in skeleton.dofs}
        self._values, self._frame = array.array("d"), None
        self.degrees, self.fps, self.notes = skeleton.degrees, None, []
        lines, number = read_text(path).splitlines(), 0
        try:
            for number, line in enumerate(lines, start=1):
                self._read(line.split("#", 1)[0].split(), f"{path}: line {number}")
            if self._frame is None:
                raise InputError(f"{path}: there are no frames")
            self._finish()
        except InputError:
            # What is wrong in the last line, or missing behind it, was cut off.
            if number < len(lines) or not self._values:
                raise
            self.notes.append(f"cut short: frame {self._frame.number} is not whole and is left out")
        self.values = np.frombuffer(self._values).reshape(-1, skeleton.rig.num_channels).copy()

    def _read(self, words: list[str], where: str) -> None:
        if not words:
            return
        if words[0].startswith(":"):
            self._read_header(words[0][1:].lower().replace("_", "-"), words[1:], where)
        elif len(words) == 1 and words[0].isdecimal():
            if self._frame:
                self._finish()
            self._frame = _Frame(words[0][:18], {})
        elif self._frame is None:
            raise InputError(f"{where}: {' '.join(words)[:60]!r} before the first frame")
        else:
            self._read_bone(words, where)

    def _read_header(self, word: str, words: list[str], where: str) -> None:
        if word == _RATE:
            (self.fps,) = numbers(words, 1, where)
        elif word != "fully-specified":
            self.degrees = is_degrees(word, where)

    def _read_bone(self, words: list[str], where: str) -> None:
        bone, frame = self._bones.get(words[0]), self._frame
        if bone is None:
            bone = spelled(self._skeleton.dofs, words[0])
            if bone is None:
                skeleton = self._skeleton.rig.name
                raise InputError(f"{where}: bone {words[0][:60]} has no numbers in {skeleton}")
            self._bones[words[0]] = bone
        if bone in frame.given:
            raise InputError(f"{where}: frame {frame.number} has {bone} twice")
        count = self._skeleton.dofs[bone]
        frame.given[bone] = numbers(words[1:], count, f"{where}: frame {frame.number}: {bone}")

    def _finish(self) -> None:
        for bone in self._skeleton.dofs:
            if bone not in self._frame.given:
                raise InputError(f"{self._path}: frame {self._frame.number}: {bone} is missing")
        for bone in self._skeleton.dofs:
            self._values.extend(self._frame.given[bone])
