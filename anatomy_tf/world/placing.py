"""The whole way from lifted tracks to people in a level world: which part follows from which."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bone_vectors import unit_vectors
from anatomy_tf.skeleton import Skeleton
from anatomy_tf.world.body import ankle_height, body_of
from anatomy_tf.world.contact import runs, standing_feet, standing_odds
from anatomy_tf.world.level import (
    LEVEL,
    Up,
    axes_of_world,
    pitch_and_roll,
    refined_by_floor,
    up_of_people,
    with_pitch_and_roll,
)
from anatomy_tf.world.moving_average import moving_average, odd_frames
from anatomy_tf.world.planting import plant
from anatomy_tf.world.root_path import Standing
from anatomy_tf.world.smoothing import FILTERS, smooth
from anatomy_tf.world.track import Track

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_STILL = 0.15
"""Share of the frames in which a foot stands, below which the camera is said to have moved."""
_LOWEST = 2.0
"""Percentile of the lowest joint's height that is the floor where no foot stands."""
_GROUND_SECONDS = 0.5
_MOVED = 0.15
"""Metres up or down to the floor that are worth a note."""


@dataclasses.dataclass(frozen=True)
class WorldSettings:
    """What is done to lifted poses, part by part.

    Args:
      level: find out which way is up; without, the camera is taken as level.
      camera_pitch, camera_roll: degrees by which the camera looks down, and is turned clockwise
        about its line of sight, as who holds it sees it, where that is known.
      path: people go where they are seen to go; without, their root stays where it is.
      plant: feet that stand stay where they stand, on the floor.
      smoothing: one of `FILTERS`.

    Raises:
      InputError: a filter that does not exist, or an angle that no camera has.
    """

    level: bool = True
    camera_pitch: float | None = None
    camera_roll: float | None = None
    path: bool = True
    plant: bool = True
    smoothing: str = "butterworth"

    def __post_init__(self) -> None:
        if self.smoothing not in FILTERS:
            raise InputError(f"smoothing {self.smoothing}: must be one of {', '.join(FILTERS)}")
        for name, most in (("camera_pitch", 90), ("camera_roll", 180)):
            angle = getattr(self, name)
            if angle is not None and not -most <= angle <= most:
                raise InputError(f"{name} {angle:g}: must lie in [-{most}, {most}] degrees")


DEFAULT_WORLD = WorldSettings()


class PlacedTrack(NamedTuple):
    """One track in the world.

    Args:
      joints: `(T, J, 3)` metres; y is up, and 0 the floor.
      stands: `(T, C)` of the feet of `body_of`.
      path: `(T, 3)` of the root in camera space, as fitted.
    """

    joints: Floats
    stands: Bools
    path: Floats


class Placed(NamedTuple):
    """Everybody in one world.

    Args:
      tracks: as they were given.
      axes: `(3, 3)` from camera space into the world.
      camera: `(3,)` metres, where the camera is.
      notes: what was found out, and what is doubtful, a line each.
    """

    tracks: list[PlacedTrack]
    axes: Floats
    camera: Floats
    notes: list[str]


def place(tracks: list[Track], settings: WorldSettings) -> Placed:
    """The tracks in a level world, with its origin on the floor below where the first begins."""
    skeleton = tracks[0].skeleton
    feet = list(body_of(skeleton).feet)
    paths = [track.path() for track in tracks]
    up = up_of_people(tracks, paths) if settings.level else Up(LEVEL, "nothing", "as asked for")
    up = with_pitch_and_roll(up, settings.camera_pitch, settings.camera_roll)
    stands = []
    for number, track in enumerate(tracks):
        odds = standing_odds(track, paths[number], up.direction)
        standing = standing_feet(odds, track.fps)
        paths[number] = track.path(Standing(track.joints[:, feet], standing.astype(np.float64)))
        stands.append(standing)
    up = refined_by_floor(up, _footprints(tracks, paths, stands, feet))
    up = with_pitch_and_roll(up, settings.camera_pitch, settings.camera_roll)
    axes = axes_of_world(up.direction)
    notes = [_of_up(up), *_of_feet(stands, feet)]
    worlds = [
        (track.joints + path[:, np.newaxis]) @ axes.T
        for track, path in zip(tracks, paths, strict=True)
    ]
    if not settings.path:
        worlds = [world - world[:, [skeleton.root]] for world in worlds]
        stands = [np.zeros_like(standing) for standing in stands]
    ankle = float(np.mean([ankle_height(track.joints, skeleton) for track in tracks]))
    floor = _floor(worlds, stands, feet, ankle)
    first = worlds[0][0, skeleton.root]
    origin = np.array([first[0], floor, first[2]])
    placed, moved = [], [0.0]
    for track, world, standing, path in zip(tracks, worlds, stands, paths, strict=True):
        joints = world - origin
        if settings.path:
            higher = joints[:, skeleton.root, 1]
            joints = _grounded(joints, standing, feet, ankle, track.fps)
            moved.append(float(np.median(joints[:, skeleton.root, 1] - higher)))
        joints = _smoothed(joints, skeleton, track.fps, settings.smoothing)
        if settings.plant and settings.path:
            joints = plant(joints, standing, ankle, track.fps, skeleton)
        placed.append(PlacedTrack(joints, standing, path))
    most = max(moved, key=abs)
    if abs(most) > _MOVED:
        notes.append(
            f"somebody was moved {'up' if most > 0 else 'down'} by {abs(most):.2f} m to the floor "
            "that all share: they stand on something, or are of another size than it seems"
        )
    return Placed(placed, axes, -origin, notes)


def _footprints(
    tracks: list[Track], paths: list[Floats], stands: list[Bools], feet: list[int]
) -> Floats:
    """`(S, 3)` metres in camera space: where a foot stood, once for each time."""
    places = [
        (track.joints[start:stop, foot] + path[start:stop]).mean(axis=0)
        for track, path, standing in zip(tracks, paths, stands, strict=True)
        for number, foot in enumerate(feet)
        for start, stop in runs(standing[:, number]).tolist()
    ]
    return np.array(places).reshape(-1, 3)


def _of_up(up: Up) -> str:
    pitch, roll = pitch_and_roll(up.direction)
    looks = f"looks {'down' if pitch >= 0 else 'up'} by {abs(pitch):.0f} degrees"
    looks += f" and is turned {'clockwise' if roll >= 0 else 'anticlockwise'} by {abs(roll):.0f}"
    if up.told == "people":
        return f"the camera {looks}: found from how people stand"
    if up.told == "flags":
        return f"the camera {looks}, as given"
    return f"the camera is taken as level: {up.why}"


def _of_feet(stands: list[Bools], feet: list[int]) -> list[str]:
    if not feet:
        return ["the skeleton has no feet: nothing is known of the floor"]
    share = np.concatenate([standing.any(axis=1) for standing in stands]).mean()
    if share >= _STILL:
        return [f"a foot stands in {share:.0%} of the frames"]
    return [
        f"doubtful: a foot stands in only {share:.0%} of the frames, so the camera moved (which is "
        "not made up for), or nobody stands; do not trust path and floor"
    ]


def _floor(worlds: list[Floats], stands: list[Bools], feet: list[int], ankle: float) -> float:
    """Height of the floor: below the feet that stand, or below the lowest joint."""
    heights = [world[:, feet, 1][standing] for world, standing in zip(worlds, stands, strict=True)]
    standing = np.concatenate(heights)
    if len(standing):
        return float(np.median(standing)) - ankle
    lowest = np.concatenate([world[..., 1].min(axis=1) for world in worlds])
    return float(np.percentile(lowest, _LOWEST)) - (ankle if feet else 0.0)


def _grounded(joints: Floats, stands: Bools, feet: list[int], ankle: float, fps: float) -> Floats:
    """The joints moved up and down so that feet that stand are on the floor; between, the
    correction goes over evenly, so that who jumps still does.
    """
    some = stands.any(axis=1)
    if not some.any():
        return joints
    height = np.where(stands, joints[:, feet, 1], np.inf)[some].min(axis=1)
    frames = np.arange(len(joints))
    missing = np.interp(frames, frames[some], ankle - height)
    missing = moving_average(missing, odd_frames(_GROUND_SECONDS, fps))
    grounded = joints.copy()
    grounded[..., 1] += missing[:, np.newaxis]
    return grounded


def _smoothed(joints: Floats, skeleton: Skeleton, fps: float, kind: str) -> Floats:
    """Root, directions and lengths of the bones are smoothed apart, so that no bone gets shorter
    where it turns fast.
    """
    if kind == "none":
        return joints
    near, far = skeleton.bones.T
    vectors = joints[:, far] - joints[:, near]
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    directions = unit_vectors(smooth(unit_vectors(vectors), fps, kind))
    bones = directions * smooth(lengths, fps, kind)
    root = smooth(joints[:, skeleton.root], fps, kind)
    return root[:, np.newaxis] + np.einsum("jk,tki->tji", skeleton.path_matrix, bones)
