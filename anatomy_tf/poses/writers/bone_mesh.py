"""What a viewer shows of a bone in a `.glb`: a long octahedron in the colour of its side."""

from __future__ import annotations

from typing import Any

import numpy as np

from anatomy_tf.poses.side_colours import LEFT, MIDDLE, RIGHT, side_colour
from anatomy_tf.poses.writers.binary_gltf import ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER, Arrays
from anatomy_tf.poses.writers.y_up import Floats
from anatomy_tf.skeleton import Skeleton

_COLOURS = {"left": LEFT, "right": RIGHT, "middle": MIDDLE}
_WIDEST, _RADIUS = 0.2, 0.08
"""Where on the bone's length it is widest, and how wide, in lengths of the bone."""
_SHORTEST = 1e-6
"""Metres; a bone without length would make its node's matrix one that has no inverse."""


def add_meshes(arrays: Arrays) -> dict[str, Any]:
    """`materials` and `meshes` of the JSON: one of each colour, 1 long along y."""
    around = ((_RADIUS, 0), (0, -_RADIUS), (-_RADIUS, 0), (0, _RADIUS))
    corners = np.array([[0, 0, 0], [0, 1, 0], *([x, _WIDEST, z] for x, z in around)])
    sides = [(2 + i, 2 + (i + 1) % 4) for i in range(4)]
    # Counterclockwise, seen from outside.
    faces = np.array([face for a, b in sides for face in ((0, b, a), (1, a, b))])
    primitive = {
        "attributes": {"POSITION": arrays.add(corners, limits=True, target=ARRAY_BUFFER)},
        "indices": arrays.add(faces.ravel(), "<u2", target=ELEMENT_ARRAY_BUFFER),
    }
    return {
        "materials": [
            {
                "name": name,
                "pbrMetallicRoughness": {
                    "baseColorFactor": [*_linear(colour), 1.0],
                    "metallicFactor": 0.0,
                    "roughnessFactor": 0.8,
                },
            }
            for name, colour in _COLOURS.items()
        ],
        "meshes": [
            {"name": f"{name} bone", "primitives": [{**primitive, "material": material}]}
            for material, name in enumerate(_COLOURS)
        ],
    }


def bone_node(far: int, offset: Floats, name: str, skeleton: Skeleton) -> dict[str, Any]:
    """The node that shows the bone to the joint `far`; below that of its near joint.

    Args:
      offset: `(3,)` metres, of the joint from its parent.
    """
    length = max(float(np.linalg.norm(offset)), _SHORTEST)
    return {
        "name": name,
        "mesh": list(_COLOURS.values()).index(side_colour(far, skeleton)),
        "rotation": _from_y(offset / length),
        "scale": [length, length, length],
    }


def _from_y(aim: Floats) -> list[float]:
    """The quaternion x, y, z, w that turns y to a unit vector by the smallest angle."""
    half = np.array([aim[2], 0.0, -aim[0], 1.0 + aim[1]])
    if aim[1] < -1 + 1e-9:
        half = np.array([1.0, 0.0, 0.0, 0.0])
    return (half / np.linalg.norm(half)).tolist()


def _linear(colour: str) -> list[float]:
    """`#rrggbb` as light, of which glTF's colours are shares."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
