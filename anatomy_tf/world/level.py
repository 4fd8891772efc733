"""Which way is up, from how people stand, and what follows from it: a level world.

A standing body is above its feet, its shins, thighs and back point upward, and it looks ahead: the
sum of such directions, each with the weight that measured motion gives it, points up. It turns as
the body does, so that any camera will do. Frames count by how straight the body is.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from anatomy_tf.geometry.bone_vectors import unit_vectors
from anatomy_tf.geometry.flexion import flexions
from anatomy_tf.skeleton import Skeleton
from anatomy_tf.world.body import body_of
from anatomy_tf.world.contact import standing_odds
from anatomy_tf.world.track import Track

Floats = npt.NDArray[np.float64]

LEVEL = np.array([0.0, -1.0, 0.0])
"""Up in the space of a camera that is level."""
WEIGHTS = {
    **{"knee": -0.32, "ankle": -0.27, "spine": 0.23, "thorax": 0.03, "head": 0.07},
    **{"mass": 0.13, "ahead": -0.08},
}
"""Of the bones to these joints (the mean of both sides), of the way from the feet that stand to the
centre of mass in `_LEG` metres, and of where the hips face; `examples/world/fit_constants.py`.
"""
_LEG = 0.9
_STRAIGHT = 50.0
"""Degrees of bent knees and hips, at which a frame counts little."""
_LEAST = 0.02
"""Share of the frames that have to count, for up to be told."""
STEEPEST_COSINE = math.cos(math.radians(55))
"""Of the angle from a level camera, beyond which somebody lies, or hangs."""
_ROUNDS = 2
_BODY_ERROR, _HEIGHT_ERROR = 0.07, 0.04
"""Radians by which bodies tell up wrong, and error of a foot's height in shares of its distance."""
_EASE = 1e-9


class Up(NamedTuple):
    """Which way is up.

    Args:
      direction: `(3,)` unit vector in camera space.
      told: what told it: `people`, `flags`, or `nothing`, and then the camera is taken as level.
      why: what kept people from telling it.
    """

    direction: Floats
    told: str
    why: str = ""


def up_of_people(tracks: list[Track], paths: list[Floats]) -> Up:
    """Up, from everybody who stands.

    Args:
      paths: `(T, 3)` of the root in every track.
    """
    total, frames, share = np.zeros(3), 0, 0.0
    for track, path in zip(tracks, paths, strict=True):
        values, weights = up_features(track, path)
        total += weights @ up_told_by(values)
        frames, share = frames + len(path), share + weights.sum()
    length = np.linalg.norm(total)
    if share < _LEAST * frames or length == 0:
        return Up(LEVEL, "nothing", "nobody is seen standing")
    direction = total / length
    if direction @ LEVEL < STEEPEST_COSINE:
        return Up(LEVEL, "nothing", "nobody stands upright in the picture")
    return Up(direction, "people")


def refined_by_floor(up: Up, places: Floats) -> Up:
    """`up` turned a little, so that the `places (S, 3)` where feet stood, in camera space, are more
    alike in height; as much as bodies and distances are trusted.
    """
    if up.told != "people" or len(places) < 2:
        return up
    axes = axes_of_world(up.direction)[[0, 2]]
    weight = 1 / (_HEIGHT_ERROR * np.linalg.norm(places, axis=1))
    # Two small turns and the floor's height: (up + turns) @ place = height.
    sides = np.column_stack([places @ axes.T, -np.ones(len(places))]) * weight[:, np.newaxis]
    trusted = np.diag([_BODY_ERROR**-2, _BODY_ERROR**-2, _EASE])
    right = sides.T @ (-(places @ up.direction) * weight)
    turns = np.linalg.solve(sides.T @ sides + trusted, right)[:2]
    return Up(unit_vectors(up.direction + turns @ axes), up.told, up.why)


def up_features(track: Track, path: Floats) -> tuple[Floats, Floats]:
    """`(T, 3, F)` directions in the order of `WEIGHTS`, 0 where the skeleton lacks the joints, and
    `(T,)` how much every frame counts, 0 to 1.
    """
    body = body_of(track.skeleton)
    feet = track.joints[:, list(body.feet)]
    stands = np.zeros(feet.shape[:2])
    if body.feet:
        up = unit_vectors((_mass(track) - feet.mean(axis=1)).sum(axis=0))
        for _ in range(_ROUNDS):
            stands = standing_odds(track, path, up)
            weight = np.minimum(stands.sum(axis=1), 1.0)
            up = unit_vectors(weight @ (_mass(track) - _held(feet, stands)))
    return up_features_of(track, stands)


def up_features_of(track: Track, stands: Floats) -> tuple[Floats, Floats]:
    """What `up_features` gives, where it is known how likely feet stand, `(T, C)`."""
    skeleton, joints = track.skeleton, track.joints
    body = body_of(skeleton)
    values = np.zeros((len(joints), 3, len(WEIGHTS)))
    column = {name: number for number, name in enumerate(WEIGHTS)}
    near, far = skeleton.bones.T
    bones = unit_vectors(joints[:, far] - joints[:, near])
    plain = [skeleton.plain_names[joint] for joint in far]
    for name in {*plain} & {*column}:
        values[..., column[name]] = bones[:, [of == name for of in plain]].mean(axis=1)
    at = {name: joints[:, number] for number, name in enumerate(skeleton.joint_names)}
    if "spine" in plain and {"l_hip", "r_hip"} <= at.keys():
        right = unit_vectors(at["r_hip"] - at["l_hip"])
        spine = bones[:, plain.index("spine")]
        values[..., column["ahead"]] = unit_vectors(np.cross(spine, right))
    if not body.feet:
        return values, np.zeros(len(joints))
    held = _held(joints[:, list(body.feet)], stands)
    values[..., column["mass"]] = (_mass(track) - held) / _LEG
    return values, np.minimum(stands.sum(axis=1), 1.0) * _straightness(joints, skeleton)


def up_told_by(values: Floats) -> Floats:
    """`(..., 3)` the way up, as long as it is sure, that features `(..., 3, F)` tell."""
    return values @ np.array(list(WEIGHTS.values()))


def _mass(track: Track) -> Floats:
    """`(T, 3)` metres from the root to the centre of mass."""
    return np.einsum("j,tji->ti", body_of(track.skeleton).masses, track.joints)


def _held(feet: Floats, stands: Floats) -> Floats:
    """`(T, 3)` the mean of the feet `(T, C, 3)`, weighted by how likely they stand."""
    weight = np.maximum(stands.sum(axis=1), 1e-9)
    return np.einsum("tc,tci->ti", stands, feet) / weight[:, np.newaxis]


def with_pitch_and_roll(up: Up, pitch: float | None, roll: float | None) -> Up:
    """`up` with what is known of the camera.

    Args:
      pitch: degrees by which the camera looks down; and
      roll: by which it is turned clockwise about its own line of sight, as who holds it sees it.
    """
    if pitch is None and roll is None:
        return up
    known = pitch_and_roll(up.direction)
    down = math.radians(known[0] if pitch is None else pitch)
    turn = math.radians(known[1] if roll is None else roll)
    level = np.array([-math.sin(turn), -math.cos(turn), 0.0])
    direction = math.cos(down) * level - math.sin(down) * np.array([0.0, 0.0, 1.0])
    return Up(direction, "flags" if None not in (pitch, roll) else up.told, up.why)


def pitch_and_roll(up: Floats) -> tuple[float, float]:
    """Degrees: see `with_pitch_and_roll`."""
    pitch = math.degrees(math.asin(float(np.clip(-up[2], -1, 1))))
    return pitch, math.degrees(math.atan2(-up[0], -up[1]))


def axes_of_world(up: Floats) -> Floats:
    """`(3, 3)` from camera space into the world: x is the camera's right, y up, and z comes towards
    the camera. One that looks straight up or down has its upper edge for z.
    """
    ahead = np.array([0.0, 0.0, 1.0]) - up[2] * up
    if np.linalg.norm(ahead) < 1e-3:
        ahead = -LEVEL if up[2] > 0 else LEVEL
        ahead = ahead - (ahead @ up) * up
    z = -ahead / np.linalg.norm(ahead)
    return np.stack([np.cross(up, z), up, z])


def _straightness(joints: Floats, skeleton: Skeleton) -> Floats:
    """`(T,)`: 1 for a body with straight legs in line with its trunk."""
    angles = flexions(joints, skeleton)
    knees = [value for name, value in angles.items() if name.endswith("knee")]
    hips = [value for name, value in angles.items() if name.endswith("hip")]
    bent = np.zeros(len(joints))
    if knees:
        bent += (np.mean(knees, axis=0) / _STRAIGHT) ** 2
    if hips:
        bent += (np.max(hips, axis=0) / (1.5 * _STRAIGHT)) ** 2
    return np.exp(-bent)
