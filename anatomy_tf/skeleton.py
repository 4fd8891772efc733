"""A body as a tree of joints, and everything that follows from the tree.

A bone is named by the joint at its far end: bone `k` runs from `bones[k, 0]` (nearer the root) to
`bones[k, 1]`, and a bone vector is far joint minus near joint.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence

import numpy as np

from anatomy_tf.errors import InputError

_SIDES = (("l_", "r_"), ("left", "right"))


@dataclasses.dataclass(frozen=True)
class Skeleton:
    """Joint names, the parent of every joint (-1 for the root), and which joints mirror each other.

    Args:
      joint_names: `J` distinct names.
      parents: `J` indices; exactly one joint, the root, has -1.
      left, right: joints of the left side and, in the same order, their counterparts on the right.

    Raises:
      InputError: the joints do not form one tree, or the sides do not mirror each other.
    """

    joint_names: tuple[str, ...]
    parents: tuple[int, ...]
    left: tuple[int, ...] = ()
    right: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        names, parents = self.joint_names, self.parents
        if len(names) != len(parents):
            raise InputError(f"skeleton: {len(names)} joint names but {len(parents)} parents")
        if len(set(names)) != len(names):
            raise InputError("skeleton: joint names are not distinct")
        if sum(p == -1 for p in parents) != 1:
            raise InputError("skeleton: exactly one joint, the root, must have parent -1")
        for joint, parent in enumerate(parents):
            if not -1 <= parent < len(names):
                raise InputError(
                    f"skeleton: parent {parent} of joint {names[joint]} does not exist"
                )
        for joint in range(len(names)):
            self._path_to_root(joint)
        if len(self.left) != len(self.right):
            raise InputError("skeleton: the left and the right side have different joint counts")
        for joint in (*self.left, *self.right):
            if not 0 <= joint < len(names):
                raise InputError(f"skeleton: joint {joint} of one side does not exist")
        flip = self.flip_joints
        if sorted(flip) != list(range(len(names))):
            raise InputError("skeleton: a joint has more than one mirror image")
        for joint, parent in enumerate(parents):
            if parents[flip[joint]] != (flip[parent] if parent >= 0 else -1):
                raise InputError(f"skeleton: {names[joint]} and its mirror image hang differently")

    @classmethod
    def from_names(cls, joint_names: Sequence[str], parents: Sequence[int]) -> Skeleton:
        """A skeleton whose sides are told by `l_`/`r_` or `left`/`right` at the start of a name."""
        names = tuple(str(name) for name in joint_names)
        left, right = [], []
        for joint, name in enumerate(names):
            for left_prefix, right_prefix in _SIDES:
                mirror = right_prefix + name.lower().removeprefix(left_prefix)
                matches = [i for i, other in enumerate(names) if other.lower() == mirror]
                if name.lower().startswith(left_prefix) and matches:
                    left.append(joint)
                    right.append(matches[0])
        return cls(names, tuple(int(p) for p in parents), tuple(left), tuple(right))

    @classmethod
    def from_config(cls, config: Mapping[str, Sequence]) -> Skeleton:
        return cls(**{name: tuple(values) for name, values in config.items()})

    def get_config(self) -> dict[str, list]:
        return {field.name: list(getattr(self, field.name)) for field in dataclasses.fields(self)}

    def _path_to_root(self, joint: int) -> list[int]:
        path = []
        while joint != -1:
            if joint in path:
                raise InputError(f"skeleton: {self.joint_names[joint]} is its own ancestor")
            path.append(joint)
            joint = self.parents[joint]
        return path

    @property
    def num_joints(self) -> int:
        return len(self.parents)

    @property
    def num_bones(self) -> int:
        return len(self.parents) - 1

    @property
    def root(self) -> int:
        return self.parents.index(-1)

    @functools.cached_property
    def bones(self) -> np.ndarray:
        """`(K, 2)`: near and far joint of every bone, in the order of the far joints."""
        pairs = [(p, joint) for joint, p in enumerate(self.parents) if p != -1]
        return np.array(pairs, np.int32).reshape(-1, 2)

    @functools.cached_property
    def _bone_to(self) -> dict[int, int]:
        return {far: bone for bone, (_, far) in enumerate(self.bones)}

    @functools.cached_property
    def path_matrix(self) -> np.ndarray:
        """`(J, K)` float32: 1 where the bone lies on the path from the root to the
        joint (eq. 1).
        """
        matrix = np.zeros((self.num_joints, self.num_bones), np.float32)
        for joint in range(self.num_joints):
            for ancestor in self._path_to_root(joint):
                if ancestor != self.root:
                    matrix[joint, self._bone_to[ancestor]] = 1
        return matrix

    @functools.cached_property
    def descendants(self) -> tuple[tuple[int, ...], ...]:
        """For every bone, the joints that move when its length changes."""
        return tuple(tuple(int(j) for j in np.flatnonzero(column)) for column in self.path_matrix.T)

    @functools.cached_property
    def plain_names(self) -> tuple[str, ...]:
        """The joints' names without their side, in small letters: `l_hip` is a `hip`."""
        return tuple(name.lower().split("_")[-1] for name in self.joint_names)

    @functools.cached_property
    def flip_joints(self) -> np.ndarray:
        """`(J,)`: for every joint its mirror image; joints of neither side map to themselves."""
        flip = np.arange(self.num_joints)
        flip[list(self.left)] = self.right
        flip[list(self.right)] = self.left
        return flip

    @functools.cached_property
    def flip_bones(self) -> np.ndarray:
        """`(K,)`: for every bone its mirror image."""
        flipped = [self._bone_to[self.flip_joints[far]] for _, far in self.bones]
        return np.array(flipped, np.int64)

    @functools.cached_property
    def limbs(self) -> tuple[tuple[int, ...], ...]:
        """The joints of both sides that hang on the same joint between them: legs, arms."""
        sided = {*self.left, *self.right}
        limbs: dict[int, list[int]] = {}
        for joint in sorted(sided):
            base = self.parents[joint]
            while base in sided:
                base = self.parents[base]
            limbs.setdefault(base, []).append(joint)
        return tuple(tuple(joints) for joints in limbs.values())

    def joint_pairs(self, self_pairs: bool = False) -> np.ndarray:
        """`(P, 2)`: the pairs of the joint shift loss (eq. 2): all that no bone connects.

        `self_pairs` adds every joint paired with itself, as the released weights have it.
        """
        connected = {(min(bone), max(bone)) for bone in self.bones.tolist()}
        pairs = [
            (i, j)
            for i in range(self.num_joints)
            for j in range(i if self_pairs else i + 1, self.num_joints)
            if (i, j) not in connected
        ]
        return np.array(pairs, np.int32).reshape(-1, 2)


H36M_17 = Skeleton.from_names(
    joint_names=(
        *("pelvis", "r_hip", "r_knee", "r_ankle", "l_hip", "l_knee", "l_ankle"),
        *("spine", "thorax", "neck", "head"),
        *("l_shoulder", "l_elbow", "l_wrist", "r_shoulder", "r_elbow", "r_wrist"),
    ),
    parents=(-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15),
)
"""The 17 joints of Human3.6M, in the order that the field uses."""
