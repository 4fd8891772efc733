"""Acclaim files: a skeleton (`.asf`) that many motions (`.amc`) share.

A bone of the skeleton becomes a joint at its far end: `lfemur` is the left knee.
"""

from __future__ import annotations

import array
import dataclasses
import pathlib

import numpy as np

from anatomy_tf.data.motion.joint_motion import Motion, numbers, read_text, z_up
from anatomy_tf.data.motion.kinematics import Rig, axis_turn, number_channels
from anatomy_tf.errors import InputError

_CHANNELS = {
    f"{letter}{axis}": (kind, "xyz".index(axis))
    for letter, kind in (("t", "shift"), ("r", "turn"))
    for axis in "xyz"
}
_INCH = 0.0254
_ROOT = "root"


@dataclasses.dataclass(frozen=True)
class AcclaimSkeleton:
    """What an `.asf` file says.

    Args:
      rig: the joints; the first is `root`.
      dofs: for every bone that has numbers in a frame, how many.
      root_position: `(3,)` what the shifts of the root start from.
      metres_per_unit: unit of the lengths. CMU's rule: a value over the file's `length` is inches.
      degrees: unit of the motions' angles, where they do not say.
    """

    rig: Rig
    dofs: dict[str, int]
    root_position: np.ndarray
    metres_per_unit: float
    degrees: bool


@dataclasses.dataclass
class _Bone:
    offset: np.ndarray
    frame: np.ndarray
    channels: list[tuple[str, int]]


def read_asf(path: pathlib.Path | str) -> AcclaimSkeleton:
    """Reads a skeleton.

    Raises:
      InputError: the file is missing, cut short, or its bones do not form one tree; names file and
        place.
    """
    path = pathlib.Path(path)
    sections = _sections(path)
    for section in ("root", "bonedata", "hierarchy"):
        if section not in sections:
            raise InputError(f"{path}: no :{section} section; cut short, or no ASF file")
    units = {words[0]: words[1:] for _, words in sections.get("units", ())}
    degrees = units.get("angle", ["deg"])[:1] == ["deg"]
    (length,) = numbers(units.get("length", ["1"]), 1, f"{path}: :units length")
    if length <= 0:
        raise InputError(f"{path}: :units length {length:g} is not positive")
    root, root_position = _root(path, sections["root"], degrees)
    bones = {_ROOT: root} | _bones(path, sections["bonedata"], degrees)
    parents = _parents(path, sections["hierarchy"], bones)
    names = list(parents)
    # Turns are about fixed axes, the first one first: as matrices they multiply from right to left.
    channels = [joint[::-1] for joint in number_channels([bones[n].channels for n in names])]
    rig = Rig(
        name=str(path),
        joint_names=tuple(names),
        parents=tuple(names.index(p) if p else -1 for p in parents.values()),
        offsets=np.stack([bones[name].offset for name in names]),
        channels=tuple(channels),
        frames=np.stack([bones[name].frame for name in names]),
        offsets_turn=True,
    )
    return AcclaimSkeleton(
        rig=rig,
        dofs={name: len(bones[name].channels) for name in names if bones[name].channels},
        root_position=root_position,
        metres_per_unit=_INCH / length,
        degrees=degrees,
    )


def read_amc(
    path: pathlib.Path | str,
    skeleton: AcclaimSkeleton,
    up: str = "y",
    fps: float = 120.0,
    metres_per_unit: float | None = None,
) -> Motion:
    """Reads a motion of `skeleton`.

    Args:
      up: the vertical axis, one of `UPS`.
      fps: frames per second; the format does not tell. CMU's are 120, few of them 60.
      metres_per_unit: instead of the skeleton's.

    Raises:
      InputError: the file is missing, cut short, or of another skeleton; names file, frame and
        bone.
    """
    path = pathlib.Path(path)
    degrees, values = _read_frames(path, skeleton)
    rig = skeleton.rig
    for joint in rig.channels:
        for channel in joint:
            column = values[:, channel.column]
            if channel.kind == "turn" and degrees:
                column[:] = np.radians(column)
            elif channel.kind == "shift":
                column += skeleton.root_position[channel.axis]
    return Motion(
        name=str(path),
        joint_names=rig.joint_names,
        parents=rig.parents,
        fps=fps,
        positions=z_up(rig.positions(values), up),
        metres_per_unit=metres_per_unit or skeleton.metres_per_unit,
    )


def _sections(path: pathlib.Path) -> dict[str, list[tuple[int, list[str]]]]:
    """For every `:section` its lines as (line number, words), a value behind the heading as the
    first.
    """
    sections, lines = {}, None
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        words = line.split("#", 1)[0].split()
        if words and words[0].startswith(":"):
            lines = sections.setdefault(words.pop(0)[1:].lower(), [])
        if words and lines is not None:
            lines.append((number, words))
    return sections


def _root(path, lines, degrees: bool) -> tuple[_Bone, np.ndarray]:
    fields = {words[0]: (words[1:], f"{path}: line {n}: root {words[0]}") for n, words in lines}
    order, where = fields.get("order", (["tx", "ty", "tz", "rx", "ry", "rz"], ""))
    position, orientation = (
        numbers(*(fields[key][0], 3, fields[key][1])) if key in fields else [0.0] * 3
        for key in ("position", "orientation")
    )
    axis, axis_where = fields.get("axis", (["XYZ"], ""))
    frame = _frame(orientation, axis, degrees, axis_where)
    return _Bone(np.zeros(3), frame, _dof(order, where)), np.array(position)


def _bones(path, lines, degrees: bool) -> dict[str, _Bone]:
    bones, fields = {}, None
    for number, words in lines:
        where = f"{path}: line {number}"
        if words[0] == "begin":
            fields = {}
        elif words[0] == "end" and fields is not None:
            for field in ("name", "direction", "length"):
                if field not in fields:
                    raise InputError(f"{where}: the bone has no {field}")
            name = " ".join(fields["name"])
            if name in bones or name == _ROOT:
                raise InputError(f"{where}: there are two bones {name}")
            bones[name] = _bone(fields, degrees, f"{where}: bone {name}")
            fields = None
        elif fields is not None:
            fields[words[0]] = words[1:]
    if fields is not None:
        raise InputError(f"{path}: :bonedata: cut short within a bone")
    return bones


def _bone(fields: dict[str, list[str]], degrees: bool, where: str) -> _Bone:
    direction = np.array(numbers(fields["direction"], 3, f"{where}: direction"))
    (length,) = numbers(fields["length"], 1, f"{where}: length")
    norm = np.linalg.norm(direction)
    if length < 0 or (norm == 0 and length > 0):
        raise InputError(f"{where}: length {length:g} along {' '.join(fields['direction'])}")
    axis = fields.get("axis", ["0", "0", "0", "XYZ"])
    frame = _frame(numbers(axis[:3], 3, f"{where}: axis"), axis[3:], degrees, f"{where}: axis")
    offset = direction * (length / norm) if norm else np.zeros(3)
    return _Bone(offset, frame, _dof(fields.get("dof", []), f"{where}: dof"))


def _dof(words: list[str], where: str) -> list[tuple[str, int]]:
    for word in words:
        if word.lower() not in _CHANNELS:
            raise InputError(f"{where}: {word[:60]!r} is not supported")
    if len({word.lower() for word in words}) != len(words):
        raise InputError(f"{where}: {' '.join(words)[:60]!r} has one twice")
    return [_CHANNELS[word.lower()] for word in words]


def _frame(angles: list[float], order: list[str], degrees: bool, where: str) -> np.ndarray:
    """`(3, 3)`: turned about the fixed axes, in the order that the word says."""
    word = order[0].lower() if order else "xyz"
    if sorted(word) != ["x", "y", "z"]:
        raise InputError(f"{where}: there is no order {word[:60]!r}")
    frame = np.eye(3)
    for angle, axis in zip(np.radians(angles) if degrees else angles, word, strict=True):
        frame = axis_turn(np.asarray(angle), "xyz".index(axis)) @ frame
    return frame


def _parents(path, lines, bones: dict[str, _Bone]) -> dict[str, str | None]:
    """For every bone its parent, parents before children."""
    children, parent_of = {}, {_ROOT: None}
    for number, words in lines:
        if words in (["begin"], ["end"]):
            continue
        for name in words:
            if name not in bones:
                raise InputError(f"{path}: line {number}: there is no bone {name}")
        for name in words[1:]:
            if name in parent_of:
                raise InputError(f"{path}: line {number}: {name} hangs in two places")
            parent_of[name] = words[0]
            children.setdefault(words[0], []).append(name)
    ordered, waiting = {}, [_ROOT]
    while waiting:
        name = waiting.pop()
        ordered[name] = parent_of[name]
        waiting.extend(reversed(children.get(name, ())))
    for name in bones:
        if name not in ordered:
            raise InputError(f"{path}: :hierarchy: {name} does not hang on the root")
    return ordered


def _read_frames(path: pathlib.Path, skeleton: AcclaimSkeleton) -> tuple[bool, np.ndarray]:
    """Whether angles are degrees, and `(T, C)` values in the order of the skeleton's joints."""
    degrees, values, given, frame = skeleton.degrees, array.array("d"), {}, None

    def finish():
        for bone in skeleton.dofs:
            if bone not in given:
                raise InputError(f"{path}: frame {frame}: {bone} is missing")
            values.extend(given[bone])

    for number, line in enumerate(read_text(path).splitlines(), start=1):
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        where = f"{path}: line {number}"
        if words[0].startswith(":"):
            degrees = {":DEGREES": True, ":RADIANS": False}.get(words[0].upper(), degrees)
        elif len(words) == 1 and words[0].isdecimal():
            if frame is not None:
                finish()
            frame, given = words[0][:18], {}
        elif frame is None:
            raise InputError(f"{where}: {' '.join(words)[:60]!r} before the first frame")
        elif words[0] not in skeleton.dofs:
            raise InputError(f"{where}: bone {words[0][:60]} has no numbers in {skeleton.rig.name}")
        elif words[0] in given:
            raise InputError(f"{where}: frame {frame} has {words[0]} twice")
        else:
            count = skeleton.dofs[words[0]]
            given[words[0]] = numbers(words[1:], count, f"{where}: frame {frame}: {words[0]}")
    if frame is None:
        raise InputError(f"{path}: there are no frames")
    finish()
    return degrees, np.frombuffer(values).reshape(-1, skeleton.rig.num_channels).copy()
