"""Lifted poses -> the same poses in a level world."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from anatomy_tf.geometry.screen import screen_focal
from anatomy_tf.poses.result import Poses
from anatomy_tf.poses.walks import walk_notes
from anatomy_tf.poses.world import World
from anatomy_tf.world.body import body_of
from anatomy_tf.world.confidence import confidence
from anatomy_tf.world.placing import WorldSettings, place
from anatomy_tf.world.root_path import ray_errors
from anatomy_tf.world.track import Track, rays_of

Floats = npt.NDArray[np.float64]


def in_world(poses: Poses, settings: WorldSettings, focal: float | None = None) -> Poses:
    """The poses with their `world`, and notes on what was found out, guessed and doubtful.

    Args:
      focal: focal length in pixels; None is the guess of `screen_focal`.

    Raises:
      InputError: a focal length that is none of such an image.
    """
    pixels = screen_focal(poses.resolution, focal) * poses.resolution[0] / 2
    rows = list(poses.unbroken())
    tracks = [
        Track(
            poses.skeleton,
            poses.fps,
            poses.joints[row].astype(np.float64),
            rays_of(poses.keypoints[row], poses.resolution, pixels),
            np.clip(poses.scores[row].astype(np.float64), 0, 1),
        )
        for row in rows
    ]
    placed = place(tracks, settings)
    world = _empty(poses, placed.axes, placed.camera, pixels)
    notes = list(placed.notes)
    for row, track, of_track in zip(rows, tracks, placed.tracks, strict=True):
        flip = None if poses.flip_distance is None else poses.flip_distance[row]
        world.joints[row] = of_track.joints
        world.stands[row] = of_track.stands
        world.confidence[row] = confidence(track, of_track.path, flip)
        world.reprojection[row] = _missed_pixels(track, of_track.path, poses.filled[row], pixels)
    missed = np.median(world.reprojection)
    notes.append(f"joints miss their keypoints by {missed:.1f} pixels (median)")
    made_by = {**poses.made_by, "world": _said(settings)}
    poses = dataclasses.replace(poses, world=world, made_by=made_by)
    return dataclasses.replace(poses, notes=(*poses.notes, *notes, *walk_notes(poses)))


def _empty(poses: Poses, axes: Floats, camera: Floats, focal: float) -> World:
    count, joints = poses.joints.shape[:2]
    return World(
        joints=np.zeros((count, joints, 3), np.float32),
        stands=np.zeros((count, len(body_of(poses.skeleton).feet)), bool),
        confidence=np.zeros((count, joints), np.float32),
        reprojection=np.zeros(count, np.float32),
        axes=axes.astype(np.float32),
        camera=camera.astype(np.float32),
        focal=focal,
    )


def _missed_pixels(
    track: Track, path: Floats, filled: npt.NDArray[np.bool_], focal: float
) -> Floats:
    """`(T,)`: the median over the keypoints that were seen; over all, where none was."""
    missed = focal * np.linalg.norm(ray_errors(track.joints, track.rays, path), axis=-1)
    hidden = filled & ~filled.all(axis=1, keepdims=True)
    return np.ma.median(np.ma.array(missed, mask=hidden), axis=1).filled(0)


def _said(settings: WorldSettings) -> str:
    parts = dataclasses.asdict(settings).items()
    return ", ".join(f"{name} {value}" for name, value in parts if value is not None)
