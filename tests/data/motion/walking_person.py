"""Somebody of 1.7 m as a BVH file, with the rest pose, axes and names that are asked for."""

import dataclasses
import warnings

import numpy as np
from scipy.spatial.transform import Rotation

from anatomy_tf.data.motion.vertical_axis import z_up

_LIMBS = (
    *(("Shoulder", "Spine2", (5, 12, 0)), ("Arm", "Shoulder", (13, 0, 0))),
    *(("ForeArm", "Arm", (28, 0, 0)), ("Hand", "ForeArm", (26, 0, 0))),
    *(("UpLeg", "Hips", (9, -4, 0)), ("Leg", "UpLeg", (0, -43, 0)), ("Foot", "Leg", (0, -42, 0))),
)
_MIDDLE = {
    "Spine": ("Hips", (0, 10, 0)),
    "Spine1": ("Spine", (0, 14, 0)),
    "Spine2": ("Spine1", (0, 14, 0)),
    "Neck": ("Spine2", (0, 15, 0)),
    "Head": ("Neck", (0, 10, 2)),
}
JOINTS = {"Hips": (None, (0, 0, 0))} | _MIDDLE
"""Of the T-pose at rest, y up: parent, and offset from it in centimetres."""
for _side, _sign in (("Left", 1), ("Right", -1)):
    for _name, _parent, (_x, _y, _z) in _LIMBS:
        _parent = _parent if _parent in JOINTS else _side + _parent
        JOINTS[_side + _name] = (_parent, (_sign * _x, _y, _z))
_ENDS = {"Foot": (0, -8, 14), "Hand": (8, 0, 0)}


@dataclasses.dataclass(frozen=True)
class Person:
    """Who walks, unless the speed is 0.

    Args:
      up: the file's vertical axis, one of `UPS`.
      names: what joints are called instead.
      posture: how the whole body is turned, y up.
      rest: how the rest pose is turned, y up; the motion is the same.
      start: where the pelvis is at first, in centimetres, y up.
      speed: centimetres a frame, along z.
      head_end: offset of the End Site of the head.
      frames, fps: how many, at what rate.
    """

    up: str = "y"
    names: dict[str, str] = dataclasses.field(default_factory=dict)
    posture: Rotation = dataclasses.field(default_factory=Rotation.identity)
    rest: Rotation = dataclasses.field(default_factory=Rotation.identity)
    start: tuple[float, float, float] = (0, 94.5, 0)
    speed: float = 3.0
    head_end: tuple[float, float, float] = (0, 18, 0)
    frames: int = 60
    fps: float = 30.0

    def values(self) -> np.ndarray:
        """`(T, C)` what the frames say."""
        steps = np.arange(self.frames)
        at = np.array(self.start) + self.speed * steps[:, np.newaxis] * [0, 0, 1]
        columns = [at @ self._axes]
        for name in self._ordered("Hips"):
            turn = self._turn(name, steps)
            # Of a rest pose that is turned as a whole, each turn is about axes turned with it.
            own = self.rest * turn * self.rest.inv()
            own = self.posture * turn * self.rest.inv() if name == "Hips" else own
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Gimbal lock")  # any of the angles will do
                columns.append(self._in_file(own).as_euler("ZXY", degrees=True))
        return np.concatenate(columns, axis=1)

    def text(self, values: np.ndarray | None = None) -> str:
        """The whole file."""
        values = self.values() if values is None else values
        lines = ["HIERARCHY", *self._joint("Hips", "ROOT"), "MOTION"]
        lines += [f"Frames: {len(values)}", f"Frame Time: {1 / self.fps:.9f}"]
        return "\n".join(lines + [" ".join(f"{v:.6f}" for v in row) for row in values]) + "\n"

    @property
    def _axes(self) -> np.ndarray:
        """Rows of y up times this are rows in the file's axes."""
        return z_up(np.eye(3), "y") @ z_up(np.eye(3), self.up).T

    def _in_file(self, turn: Rotation) -> Rotation:
        axes = Rotation.from_matrix(self._axes.T)
        return axes * turn * axes.inv()

    @staticmethod
    def _turn(name: str, steps: np.ndarray) -> Rotation:
        sign = -1 if name.startswith("Right") else 1
        swing = sign * np.sin(0.3 * steps)
        degrees = {"UpLeg": -20 * swing, "Leg": 20 + 15 * swing, "Arm": 25 * swing}
        angle = degrees.get(name.removeprefix("Left").removeprefix("Right"), 0 * steps)
        return Rotation.from_euler("x", angle[:, np.newaxis], degrees=True)

    def _ordered(self, name: str) -> list[str]:
        children = [child for child, (parent, _) in JOINTS.items() if parent == name]
        return [name, *(below for child in children for below in self._ordered(child))]

    def _joint(self, name: str, keyword: str) -> list[str]:
        shifts = "6 Xposition Yposition Zposition" if keyword == "ROOT" else "3"
        lines = [f"{keyword} {self.names.get(name, name)}", "{", self._offset(JOINTS[name][1])]
        lines.append(f"CHANNELS {shifts} Zrotation Xrotation Yrotation")
        children = [child for child, (parent, _) in JOINTS.items() if parent == name]
        for child in children:
            lines += self._joint(child, "JOINT")
        if not children:
            end = next((end for part, end in _ENDS.items() if name.endswith(part)), self.head_end)
            lines += ["End Site", "{", self._offset(end), "}"]
        return [*lines, "}"]

    def _offset(self, offset: tuple[float, float, float]) -> str:
        vector = self._axes.T @ self.rest.apply(offset)
        return "OFFSET " + " ".join(f"{value:.6f}" for value in vector)
