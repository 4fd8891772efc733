"""Live keypoints -> a person in a level world, frame by frame."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from anatomy_tf.errors import InputError
from anatomy_tf.inference.live import LiveStream
from anatomy_tf.world.live import LivePlace, LiveWorld
from anatomy_tf.world.placing import DEFAULT_WORLD, WorldSettings


class WorldStream:
    """Runs a `LiveStream` of one person, and places what it gives.

        live = anatomy_tf.load("any_causal").stream_in_world((1920, 1080), "coco17", fps=30)
        place = live.push(keypoints, scores)  # .joints (17, 3) metres, y up; .stands

    Args:
      live: of one person, that has seen nothing yet.
      fps: frames per second.
      settings: see `LiveWorld`.

    Raises:
      InputError: a stream of several people, or a frame rate that cannot be.
    """

    def __init__(self, live: LiveStream, fps: float, settings: WorldSettings = DEFAULT_WORLD):
        if not (math.isfinite(fps) and fps > 0):
            raise InputError(f"{fps:g} frames per second cannot be")
        if live.people is not None:
            raise InputError("a level world: the stream is of several people; open one for each")
        self._live, self._fps, self._settings = live, fps, settings
        self._world = LiveWorld(live.skeleton, fps, settings)

    def reset(self) -> None:
        """Forgets the frames so far, and the floor and up with them."""
        self._live.reset()
        self._world = LiveWorld(self._live.skeleton, self._fps, self._settings)

    def push(self, keypoints: npt.ArrayLike, scores: npt.ArrayLike | None = None) -> LivePlace:
        """The person in the frame that follows those pushed before.

        Args:
          keypoints, scores: `(J, 2)` pixels and `(J,)`, as of `LiveStream.push`.

        Raises:
          InputError: as `LiveStream.push`, or several frames at a time.
        """
        if np.ndim(keypoints) != 2:
            raise InputError(f"keypoints: shape {np.shape(keypoints)}; must be those of one frame")
        joints, rays, seen = self._live.push_with_rays(keypoints, scores)
        return self._world.push(*(x.astype(np.float64) for x in (joints, rays, seen)))
