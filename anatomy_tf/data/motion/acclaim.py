"""Acclaim skeletons (`.asf`), which many motions (`.amc`) share.

A bone of the skeleton becomes a joint at its far end: `lfemur` is the left knee.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Collection

import numpy as np

from anatomy_tf.data.motion.kinematics import Rig, axis_turn, number_channels
from anatomy_tf.data.motion.motion_text import numbers, read_text
from anatomy_tf.errors import InputError

_CHANNELS = {
    f"{letter}{axis}": (kind, "xyz".index(axis))
    for letter, kind in (("t", "shift"), ("r", "turn"))
    for axis in "xyz"
}
_Lines = list[tuple[int, list[str]]]
"""Of a section: number and words."""
_INCH = 0.0254
_TURN = 6.3
_ROOT = "root"
_SECTIONS = ("version", "name", "units", "documentation", "root", "bonedata", "hierarchy", "skin")
_UNITS = ("mass", "length", "angle")
_ROOT_FIELDS = ("order", "axis", "position", "orientation")
_BONE_FIELDS = (
    *("id", "name", "direction", "length", "axis", "dof", "limits", "bodymass", "cofmass"),
)


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
    units = _fields(path, sections.get("units", ()), _UNITS, ":units")
    angle, where = units.get("angle", (["deg"], ""))
    degrees = is_degrees(" ".join(angle), where)
    words, where = units.get("length", (["1"], ""))
    (length,) = numbers(words, 1, where)
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


def is_degrees(word: str, where: str) -> bool:
    """Whether `degrees` or `radians` is meant, in any case, in full, singular, or short.

    Raises:
      InputError: another word; starts with `where`.
    """
    for unit in ("degrees", "radians"):
        if word.lower() in (unit, unit[:-1], unit[:3], f"{unit[:3]}s"):
            return unit == "degrees"
    raise InputError(f"{where}: {word[:60]!r} is neither degrees nor radians")


def spelled(names: Collection[str], name: str) -> str | None:
    """The one of `names` that is meant, if need be without case; None where there is none."""
    if name in names:
        return name
    return next((known for known in names if known.lower() == name.lower()), None)


def _sections(path: pathlib.Path) -> dict[str, _Lines]:
    """For every `:section` its lines as (line number, words), a value behind the heading as the
    first.
    """
    sections, lines = {}, None
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        words = line.split("#", 1)[0].split()
        if words and words[0].startswith(":"):
            heading = words.pop(0)[1:].lower()
            if heading not in _SECTIONS:
                raise InputError(f"{path}: line {number}: there is no section :{heading[:60]}")
            lines = sections.setdefault(heading, [])
        if words and lines is not None:
            lines.append((number, words))
    return sections


def _fields(
    path: pathlib.Path, lines: _Lines, known: tuple[str, ...], kind: str
) -> dict[str, tuple[list[str], str]]:
    """For every field of a section its words, and how messages call the place."""
    fields = {}
    for number, (word, *words) in lines:
        where = f"{path}: line {number}: {kind}"
        if word.lower() not in known:
            raise InputError(f"{where}: there is no {word[:60]!r}, only {', '.join(known)}")
        fields[word.lower()] = (words, f"{where} {word.lower()}")
    return fields


def _root(path: pathlib.Path, lines: _Lines, degrees: bool) -> tuple[_Bone, np.ndarray]:
    fields = _fields(path, lines, _ROOT_FIELDS, "root")
    order, where = fields.get("order", (["tx", "ty", "tz", "rx", "ry", "rz"], ""))
    position, orientation = (
        numbers(fields[key][0], 3, fields[key][1]) if key in fields else [0.0] * 3
        for key in ("position", "orientation")
    )
    axis, axis_where = fields.get("axis", (["XYZ"], ""))
    frame = _frame(orientation, axis, degrees, axis_where)
    return _Bone(np.zeros(3), frame, _dof(order, where)), np.array(position)


def _bones(path: pathlib.Path, lines: _Lines, degrees: bool) -> dict[str, _Bone]:
    bones, taken, fields = {}, {_ROOT}, None
    for number, words in lines:
        where, keyword = f"{path}: line {number}", words[0].lower()
        if keyword == "begin":
            fields = {}
        elif keyword == "end" and fields is not None:
            for field in ("name", "direction", "length"):
                if field not in fields:
                    raise InputError(f"{where}: the bone has no {field}")
            name = " ".join(fields["name"])
            if name.lower() in taken:
                raise InputError(f"{where}: there are two bones {name}")
            taken.add(name.lower())
            bones[name] = _bone(fields, degrees, f"{where}: bone {name}")
            fields = None
        elif fields is not None and not keyword.startswith("("):  # limits go on in brackets
            if keyword not in _BONE_FIELDS:
                raise InputError(f"{where}: a bone has no {words[0][:60]!r}")
            fields[keyword] = words[1:]
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
    if not degrees and max(map(abs, angles)) > _TURN:
        raise InputError(f"{where}: {max(angles, key=abs):g} radians: the file's are degrees")
    frame = np.eye(3)
    for angle, axis in zip(np.radians(angles) if degrees else angles, word, strict=True):
        frame = axis_turn(np.asarray(angle), "xyz".index(axis)) @ frame
    return frame


def _parents(path: pathlib.Path, lines: _Lines, bones: dict[str, _Bone]) -> dict[str, str | None]:
    """For every bone its parent, parents before children."""
    children, parent_of = {}, {_ROOT: None}
    for number, words in lines:
        if len(words) == 1 and words[0].lower() in ("begin", "end"):
            continue
        parent, *names = (spelled(bones, word) for word in words)
        for name, word in zip((parent, *names), words, strict=True):
            if name is None:
                raise InputError(f"{path}: line {number}: there is no bone {word}")
        for name in names:
            if name in parent_of:
                raise InputError(f"{path}: line {number}: {name} hangs in two places")
            parent_of[name] = parent
            children.setdefault(parent, []).append(name)
    ordered, waiting = {}, [_ROOT]
    while waiting:
        name = waiting.pop()
        ordered[name] = parent_of[name]
        waiting.extend(reversed(children.get(name, ())))
    for name in bones:
        if name not in ordered:
            raise InputError(f"{path}: :hierarchy: {name} does not hang on the root")
    return ordered
