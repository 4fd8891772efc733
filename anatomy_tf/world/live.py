"""A level world for live video, frame by frame: every part has a counterpart that only looks back.

- The root's path is what the clip's equations give for the frames so far, and goes on from where it
  was as more is learned about up.
- Up is the mean over the frames so far; until somebody stood for a tenth of a second, the camera is
  taken as level, unless it is told how it is held.
- Contact is told from the last 0.3 s, and so comes some 0.15 s late.
- Feet are held where they came down; smoothing is by the One-Euro filter.
"""

from __future__ import annotations

import collections
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from anatomy_tf.skeleton import Skeleton
from anatomy_tf.world import contact, level
from anatomy_tf.world.body import ankle_height, body_of
from anatomy_tf.world.moving_average import odd_frames
from anatomy_tf.world.placing import DEFAULT_WORLD, WorldSettings
from anatomy_tf.world.planting import plant_frame
from anatomy_tf.world.root_path import (
    NEAREST,
    NEUTRAL,
    bending,
    holding,
    project,
    reprojection,
    trust,
)
from anatomy_tf.world.smoothing import OneEuro
from anatomy_tf.world.track import Track

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_SURE_OF_UP = 0.1
"""Seconds of somebody standing, after which up is told."""
_GROUND_SECONDS, _DRIFT_SECONDS = 0.25, 1.0
"""In which a person is drawn to the floor, and to where the feet came down."""
_EASE, _LET_GO = 0.08, 0.05
_ANYWHERE, _ANY_WAY = 30.0, 1.0
"""Metres, where and how far in a frame somebody of whom nothing is known may go."""
_EVERY = 4
"""Up is looked for in every fourth frame."""


class LivePlace(NamedTuple):
    """A person in a level world, in one frame.

    Args:
      joints: `(J, 3)` metres: x is the camera's right, y up from the floor, z towards the camera.
      stands: `(C,)` which of the feet of `body_of` stand.
      up_is_told: whether people have shown which way is up, or flags.
    """

    joints: Floats
    stands: Bools
    up_is_told: bool


class LiveWorld:
    """Places one person, frame by frame.

    Args:
      skeleton: what the joints are.
      fps: frames per second.
      settings: as of `place`, whose filter is always `one_euro` here, or `none`.
    """

    def __init__(self, skeleton: Skeleton, fps: float, settings: WorldSettings = DEFAULT_WORLD):
        self._skeleton, self._fps, self._settings = skeleton, fps, settings
        self._feet = list(body_of(skeleton).feet)
        self._filter = _PathFilter(fps)
        self._smooth = None if settings.smoothing == "none" else OneEuro(fps)
        recent = odd_frames(contact.SPEED_SECONDS, fps)
        self._recent: collections.deque[Floats] = collections.deque(maxlen=max(2, recent))
        around = odd_frames(contact.AROUND_SECONDS, fps)
        self._low: collections.deque[float] = collections.deque(maxlen=around)
        self._up_sum, self._up_weight = np.zeros(3), 0.0
        self._stands = np.zeros(len(self._feet), bool)
        self._last: tuple[Floats, Floats] | None = None
        self._held = np.full((len(self._feet), 3), np.nan)
        self._hold = np.zeros(len(self._feet))
        self._ankle, self._frames = 0.0, 0

    def push(self, joints: Floats, rays: Floats, scores: Floats) -> LivePlace:
        """The person in the frame that follows.

        Args:
          joints: `(J, 3)` metres from the root, camera space.
          rays: `(J, 2)` x / z and y / z of the keypoints; anything where the score is 0.
          scores: `(J,)`, 0 to 1.
        """
        rays = np.where(scores[:, np.newaxis] > 0, rays, 0.0)
        root = self._filter.push(joints, rays, scores, joints[self._feet], self._stands)
        axes = level.axes_of_world(self._up(joints, joints + root, rays, scores))
        stands = self._stands if self._settings.path else np.zeros_like(self._stands)
        ankle = self._ankle_height(joints)
        world = self._go(joints @ axes.T, axes, root, stands, ankle)
        if self._smooth is not None:
            world = self._smooth(world)
        if self._settings.plant and self._settings.path and self._feet:
            world = self._plant(world, stands, ankle)
        self._frames += 1
        return LivePlace(world, stands.copy(), self._up_is_told())

    def _up_is_told(self) -> bool:
        known = None not in (self._settings.camera_pitch, self._settings.camera_roll)
        return known or self._up_weight >= _SURE_OF_UP * self._fps

    def _go(self, pose: Floats, axes: Floats, root: Floats, stands: Bools, ankle: float) -> Floats:
        """`(J, 3)` of an upright pose `(J, 3)` whose root is at `root (3,)` in camera space.

        Its way goes on from where it was, whatever has been learned about up since; feet that stand
        draw it to the floor, and nothing is below.
        """
        low = pose[:, 1].min()
        if self._last is None:
            place = np.array([0.0, (ankle if self._feet else 0.0) - low, 0.0])
        else:
            way = axes @ (root - self._last[1])
            place = self._last[0] + (way if self._settings.path else 0.0)
        if stands.any():
            feet = (pose[self._feet] + place)[stands]
            missing = np.nan_to_num(self._held[stands] - feet).mean(axis=0)
            missing[1] = ankle - feet[:, 1].min()
            seconds = np.array([_DRIFT_SECONDS, _GROUND_SECONDS, _DRIFT_SECONDS])
            place = place + missing / (1 + seconds * self._fps)
        place[1] = max(place[1], -low)
        self._last = place, root
        return pose + place

    def _up(self, joints: Floats, placed: Floats, rays: Floats, scores: Floats) -> Floats:
        """Up as known so far; and which feet stand."""
        settings, direction = self._settings, level.LEVEL
        if settings.level and self._up_is_told() and self._up_weight:
            found = self._up_sum / np.linalg.norm(self._up_sum)
            if found @ level.LEVEL >= level.STEEPEST_COSINE:
                direction = found
        up = level.Up(direction, "people")
        up = level.with_pitch_and_roll(up, settings.camera_pitch, settings.camera_roll)
        if not self._feet:
            return up.direction
        likely = self._likely(placed, rays, up.direction)
        begin, go_on = likely >= contact.BEGIN, likely >= contact.GO_ON
        self._stands = begin | (self._stands & go_on)
        if self._frames % _EVERY == 0 and settings.level:
            track = Track(self._skeleton, self._fps, joints[np.newaxis], rays[np.newaxis], scores)
            values, weight = level.up_features_of(track, likely[np.newaxis])
            self._up_sum += weight[0] * (level.up_told_by(values[0]))
            self._up_weight += _EVERY * float(weight[0])
        return up.direction

    def _likely(self, placed: Floats, rays: Floats, up: Floats) -> Floats:
        """`(C,)` how likely every foot stands, by the last frames."""
        feet = placed[self._feet]
        projected, depth = project(feet)
        self._recent.append(np.stack([rays[self._feet], projected]))
        seen = np.array(self._recent)
        half = len(seen) // 2
        if half:
            moved = seen[-half:].mean(axis=0) - seen[:half].mean(axis=0)
            seconds = (len(seen) - half) / self._fps
            speed = np.linalg.norm(moved, axis=-1) * depth[:, 0] / seconds
        else:
            speed = np.zeros((2, len(self._feet)))
        height = feet @ up
        self._low.append(float(height.min()))
        above = height - np.percentile(self._low, contact.LOW)
        return contact.odds_of(np.log(speed + contact.LEAST_SPEED).mean(axis=0), above)

    def _ankle_height(self, joints: Floats) -> float:
        now = ankle_height(joints[np.newaxis], self._skeleton)
        self._ankle += (now - self._ankle) / (self._frames + 1)
        return self._ankle

    def _plant(self, world: Floats, stands: Bools, ankle: float) -> Floats:
        """The joints with standing feet where they came down: reached and left smoothly."""
        feet = world[self._feet]
        begins = stands & np.isnan(self._held[:, 0])
        self._held[begins] = feet[begins]
        self._hold += (stands - self._hold) / (1 + _EASE * self._fps)
        self._held[~stands & (self._hold < _LET_GO)] = np.nan
        aims = feet + self._hold[:, np.newaxis] * np.nan_to_num(self._held - feet) * [1, 0, 1]
        aims[:, 1] = np.maximum(aims[:, 1], ankle)
        return plant_frame(world, aims, self._skeleton)


class _PathFilter:
    """The least squares of `root_path` for the frames so far, as a Kalman filter: the root's place,
    and its way since the frame before.
    """

    def __init__(self, fps: float):
        self._fps = fps
        self._state = np.concatenate([NEUTRAL, np.zeros(3)])
        self._spread = np.diag([_ANYWHERE**2] * 3 + [_ANY_WAY**2] * 3)
        self._feet: Floats | None = None

    def push(
        self, joints: Floats, rays: Floats, scores: Floats, feet: Floats, stands: Bools
    ) -> Floats:
        """`(3,)` metres of the root in this frame; `feet (C, 3)` from the root, and which of them
        stood in the frame before.
        """
        state, spread = self._state, self._spread
        if self._feet is not None:
            go = np.kron([[1.0, 1.0], [0.0, 1.0]], np.eye(3))
            spread[3:, 3:] += np.eye(3) / bending(self._fps)
            state, spread = go @ state, go @ spread @ go.T
            hold = holding(self._fps) * stands
            pull = -hold @ (feet - self._feet)
            state, spread = _told(state, spread, slice(3, 6), hold.sum() * np.eye(3), pull)
        weights = scores
        for _ in range(2):  # once more, with what misses its ray counting less
            normal, right = reprojection(
                joints[np.newaxis], rays[np.newaxis], weights[np.newaxis], self._fps
            )
            after = _told(state, spread, slice(0, 3), normal[0], right[0])
            root = after[0][:3]
            weights = scores * trust(joints[np.newaxis], rays[np.newaxis], root[np.newaxis])[0]
        self._state, self._spread = after
        self._state[2] = max(self._state[2], NEAREST)
        self._feet = feet
        return self._state[:3].copy()


def _told(
    state: Floats, spread: Floats, part: slice, normal: Floats, right: Floats
) -> tuple[Floats, Floats]:
    """State and spread after `normal @ state[part] = right` is told, in least squares."""
    gain = spread[:, part] @ np.linalg.inv(np.eye(3) + normal @ spread[part, part])
    told = state + gain @ (right - normal @ state[part])
    after = spread - gain @ normal @ spread[part]
    return told, (after + after.T) / 2
