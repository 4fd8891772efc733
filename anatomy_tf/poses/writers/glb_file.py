"""Poses as glTF 2.0 (`.glb`), for viewers, browsers, game engines and animation programs: a tree of
joints that turn, and of bones of constant length to look at; metres, y up, a person at rest looks
along z.

All people are in one file and one animation, each under a node of their own, in one level world.
Where nothing tells where they are, they stand side by side, with roots that stay in place, so high
that the lowest joint just reaches the floor. The animation is as long as the video; in frames
without a pose, the one before is held.
"""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import numpy.typing as npt

from anatomy_tf.geometry.rotations import quaternions_of
from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.poses.writers.binary_gltf import Arrays
from anatomy_tf.poses.writers.bone_mesh import add_meshes, bone_node
from anatomy_tf.poses.writers.rigid_body import children, rigid_body
from anatomy_tf.poses.writers.y_up import PEOPLE_APART, Floats


def write(poses: PoseData, path: pathlib.Path) -> None:
    """Writes everybody. With several people, the names of a person's nodes begin with
    `person3_` (the person's number), so that no name is there twice.
    """
    arrays = Arrays()
    meshes = add_meshes(arrays)
    times = arrays.add(np.arange(poses.num_frames) / poses.fps, limits=True)
    scene = _Scene(arrays, times)
    for person in poses.people:
        scene.add_person(poses.of_person(person), person, len(poses.people) > 1)
    content = {
        "scene": 0,
        "scenes": [{"nodes": scene.roots}],
        "nodes": scene.nodes,
        **meshes,
        "animations": [
            {"name": "poses", "channels": scene.channels, "samplers": scene.samplers},
        ],
    }
    path.write_bytes(arrays.file(content))


class _Scene:
    """Nodes and animation of the people so far; `times` is the accessor of the time stamps."""

    def __init__(self, arrays: Arrays, times: int) -> None:
        self.roots: list[int] = []
        self.nodes: list[dict[str, Any]] = []
        self.channels: list[dict[str, Any]] = []
        self.samplers: list[dict[str, Any]] = []
        self._arrays, self._times = arrays, times

    def add_person(self, poses: PoseData, person: int, several: bool) -> None:
        """Adds the nodes of a person, in the pose of the first frame, and their channels."""
        skeleton = poses.skeleton
        body = rigid_body(poses)
        turns = _smooth(quaternions_of(body.turns))[..., [1, 2, 3, 0]].astype(np.float32)
        before = f"person{person}_" if several else ""
        first = len(self.nodes) + 1
        beside = 0.0 if poses.world else PEOPLE_APART * len(self.roots)
        self.nodes.append(
            {
                "name": f"person{person}",
                "translation": [beside, 0.0, 0.0],
                "children": [first + skeleton.root],
            }
        )
        self.roots.append(first - 1)
        joints: list[dict[str, Any]] = [
            {
                "name": before + name,
                "translation": body.offsets[joint].tolist(),
                "rotation": turns[0, joint].tolist(),
            }
            for joint, name in enumerate(skeleton.joint_names)
        ]
        joints[skeleton.root]["translation"] = body.root[0].tolist()
        self.nodes += joints
        for joint, node in enumerate(joints):
            further = children(skeleton, joint)
            if not further:
                continue
            shown = range(len(self.nodes), len(self.nodes) + len(further))
            node["children"] = [*(first + child for child in further), *shown]
            self.nodes += [
                bone_node(far, body.offsets[far], f"{joints[far]['name']} bone", skeleton)
                for far in further
            ]
            self._animate(first + joint, "rotation", turns[:, joint])
        if poses.world is not None:
            place = body.root.astype(np.float32)
            self._animate(first + skeleton.root, "translation", place)

    def _animate(self, node: int, path: str, values: npt.NDArray[np.float32]) -> None:
        sampler = {"input": self._times, "output": self._arrays.add(values)}
        target = {"node": node, "path": path}
        self.channels.append({"sampler": len(self.samplers), "target": target})
        self.samplers.append(sampler | {"interpolation": "LINEAR"})


def _smooth(turns: Floats) -> Floats:
    """`(T, J, 4)` quaternions with the signs at which each is nearest to the one before it."""
    same = np.sum(turns[1:] * turns[:-1], axis=-1) >= 0
    turns[1:] *= np.cumprod(np.where(same, 1.0, -1.0), axis=0)[..., np.newaxis]
    return turns
