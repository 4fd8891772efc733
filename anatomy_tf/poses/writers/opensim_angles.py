"""Joint angles as OpenSim's full-body model of Rajagopal et al. (2016) has them.

Every joint of the model with three angles turns about its body's axes, first z (to the right), then
x (forward), then y (up): flexion, adduction, rotation. On the left, the last two are mirrored.

- Pelvis: z is the line of the hips, and y lies in the plane that it makes with the bone to the
  spine. The ground's x is where the person looks on average, horizontally. `pelvis_tilt` is
  positive backward, `pelvis_list` to the right, `pelvis_rotation` to the left.
- Torso: y is the bone from spine to thorax, and z lies in the plane that it makes with the line of
  the shoulders. `lumbar_extension` is positive backward, `lumbar_bending` to the right,
  `lumbar_rotation` to the left.
- Thigh against pelvis, upper arm against torso: flexion is positive forward, adduction towards the
  middle, rotation inward. Two pairs of flexion and adduction are the same direction of an arm;
  those are taken that jump least, and of these, the smaller ones.
- Knee and elbow: flexion is positive, beyond straight negative, and straight is 0.

Rotation about a limb's length is seen where it is bent. Where it is bent by less than `_STRAIGHT`,
rotation goes on evenly between the frames where it is seen, and is 0 where there is none.
"""

from __future__ import annotations

import numpy as np

from anatomy_tf.geometry.bone_vectors import unit_vectors
from anatomy_tf.geometry.rotations import zxy_angles
from anatomy_tf.poses.writers.y_up import Floats

_LIMBS = ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
JOINTS = ("pelvis", "spine", "thorax", *(f"{side}_{joint}" for side in "rl" for joint in _LIMBS))
"""Names of the joints that the angles are made of."""
_STRAIGHT = np.radians(10)
_PREFERENCE = 0.003
"""Of an arm's smaller angles in a frame, against steps from frame to frame."""
_ORIGIN = np.array([0.0563, 0.0785, 0.0])
"""Metres from the middle of the hips to the origin of the model's pelvis, as it is published."""


def opensim_angles(joints: dict[str, Floats], times: Floats) -> dict[str, Floats]:
    """The model's coordinates by name, in its order.

    Args:
      joints: `(N, 3)` metres by the names of `JOINTS`, y up.
      times: `(N,)` of the poses, ascending, in any unit.

    Returns:
      `(N,)` radians each; of `pelvis_tx`, `_ty` and `_tz` metres. What the joints do not show
      (feet, hands, the forearm's rotation) is not there.
    """
    right = joints["r_hip"] - joints["l_hip"]
    pelvis = _axes(np.cross(joints["spine"] - joints["pelvis"], right), right)
    ground = _ground(pelvis[:, :, 0])
    pelvis = ground @ pelvis
    joints = {name: points @ ground.T for name, points in joints.items()}
    up = joints["thorax"] - joints["spine"]
    forward = np.cross(up, joints["r_shoulder"] - joints["l_shoulder"])
    torso = _axes(forward, np.cross(forward, up))

    tilt, list_, rotation = np.unwrap(zxy_angles(pelvis), axis=0).T
    middle = (joints["r_hip"] + joints["l_hip"]) / 2
    place = middle + pelvis @ _ORIGIN
    found = {"pelvis_tilt": tilt, "pelvis_list": list_, "pelvis_rotation": rotation}
    found |= {f"pelvis_t{axis}": place[:, i] for i, axis in enumerate("xyz")}
    arms: dict[str, Floats] = {}
    for side in "rl":
        limb = np.stack([joints[f"{side}_{name}"] for name in _LIMBS])
        flexion, adduction, rotation, knee = _limb(pelvis, limb[:3], times, side)
        found |= {f"hip_flexion_{side}": flexion, f"hip_adduction_{side}": adduction}
        # In the model, the patella goes along with the knee by an angle of its own.
        found |= {f"hip_rotation_{side}": rotation, f"knee_angle_{side}": knee}
        found[f"knee_angle_{side}_beta"] = knee
        flexion, adduction, rotation, elbow = _limb(torso, limb[3:], times, side, is_arm=True)
        arms |= {f"arm_flex_{side}": flexion, f"arm_add_{side}": adduction}
        arms |= {f"arm_rot_{side}": rotation, f"elbow_flex_{side}": elbow}
    back = np.unwrap(zxy_angles(np.swapaxes(pelvis, 1, 2) @ torso), axis=0)
    lumbar = ("lumbar_extension", "lumbar_bending", "lumbar_rotation")
    return found | dict(zip(lumbar, back.T, strict=True)) | arms


def _limb(
    body: Floats, points: Floats, times: Floats, side: str, is_arm: bool = False
) -> tuple[Floats, Floats, Floats, Floats]:
    """Flexion, adduction and rotation of a limb, with `(3, N, 3)` points from the body on, against
    the `(N, 3, 3)` axes of the body; and how it is bent.
    """
    upper, lower = np.einsum("nji,knj->kni", body, unit_vectors(np.diff(points, axis=0)))
    about_z = np.arctan2(upper[:, 0], -upper[:, 1])
    about_x = np.arcsin(np.clip(-upper[:, 2], -1, 1))
    if is_arm:
        about_z, about_x = _continued(_without_jumps(about_z, about_x))
    else:
        about_z = np.unwrap(about_z)

    # The lower part, as the upper one's axes have it before they turn about y; an arm bends
    # forward, a leg backward.
    sin, cos = np.sin(about_z), np.cos(about_z)
    x, along = cos * lower[:, 0] + sin * lower[:, 1], cos * lower[:, 1] - sin * lower[:, 0]
    sin, cos = np.sin(about_x), np.cos(about_x)
    y, z = cos * along + sin * lower[:, 2], cos * lower[:, 2] - sin * along
    x, z = (x, z) if is_arm else (-x, -z)
    about_y = np.arctan2(-z, x)
    if not is_arm:  # a leg that is bent forward is one beyond straight, not one turned backward
        about_y = (about_y + np.pi / 2) % np.pi - np.pi / 2
    seen = np.flatnonzero(np.arccos(np.clip(-y, -1, 1)) > _STRAIGHT)
    about_y = (
        np.interp(times, times[seen], _continued(about_y[seen]))
        if len(seen)
        else np.zeros_like(about_y)
    )
    bent = np.arctan2(x * np.cos(about_y) - z * np.sin(about_y), -y)
    mirror = 1 if side == "r" else -1
    return about_z, mirror * about_x, mirror * about_y, bent


def _without_jumps(about_z: Floats, about_x: Floats) -> Floats:
    """`(2, N)` angles of the same directions as the given ones: of the two pairs that each has, the
    one that makes the path with the least steps, and rather that with the smaller amounts.
    """
    other = about_z - np.copysign(np.pi, about_z), np.copysign(np.pi, about_x) - about_x
    pairs = np.moveaxis(np.array([(about_z, about_x), other]), 2, 0)
    steps = pairs[1:, np.newaxis] - pairs[:-1, :, np.newaxis]
    steps = np.abs((steps + np.pi) % (2 * np.pi) - np.pi).sum(axis=-1)
    costs = _PREFERENCE * np.abs(pairs).sum(axis=-1)
    best, origins = costs[0], []
    for step, cost in zip(steps, costs[1:], strict=True):
        ways = best[:, np.newaxis] + step
        origins.append(ways.argmin(axis=0))
        best = ways.min(axis=0) + cost
    chosen = [best.argmin()]
    for origin in reversed(origins):
        chosen.append(origin[chosen[-1]])
    return pairs[np.arange(len(pairs)), chosen[::-1]].T


def _continued(angles: Floats) -> Floats:
    """Without jumps by whole turns along the last axis; those by about half of one stay."""
    return np.unwrap(angles, discont=1.5 * np.pi)


def _axes(forward: Floats, right: Floats) -> Floats:
    """`(N, 3)` vectors at right angles -> `(N, 3, 3)`, the axes x, y and z in the columns."""
    x, z = unit_vectors(forward), unit_vectors(right)
    return np.stack([x, np.cross(z, x), z], axis=-1)


def _ground(forward: Floats) -> Floats:
    """`(3, 3)`: turns about y so that the mean of `(N, 3)` vectors, seen from above, is along x."""
    x, _, z = forward.sum(axis=0)
    length = np.hypot(x, z)
    x, z = (x / length, z / length) if length > 1e-9 else (1.0, 0.0)
    return np.array([[x, 0, z], [0, 1, 0], [-z, 0, x]])
