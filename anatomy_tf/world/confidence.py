"""How sure a joint is: the chance that it is within `NEAR` of the truth, the person's size apart.

It is told by how far the joint misses its keypoint, how far the lift of the mirrored clip puts it
elsewhere, the keypoint's score, and how far out on the body the joint is.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anatomy_tf.world.moving_average import moving_average, odd_frames
from anatomy_tf.world.root_path import project
from anatomy_tf.world.track import Track

Floats = npt.NDArray[np.float64]

NEAR = 0.15
"""Metres."""
WITH_FLIP = (6.14, 1.05, 1.75, 0.36, 0.64)
WITHOUT_FLIP = (2.25, 1.4, 0.0, 0.19, 1.33)
"""Of the logarithm of the odds that a joint is farther off: see `features`, and
`examples/world/fit_constants.py`.
"""
_SECONDS = 0.3
_LEAST = 0.01
_ROOT = 0.1


def features(track: Track, path: Floats, flip_distance: npt.NDArray[np.floating] | None) -> Floats:
    """`(T, J, 5)`: 1; the logarithms of the metres by which the joint misses its keypoint, and by
    which both lifts disagree; the score; and the logarithm of the metres from the root. All but the
    last are averages over 0.3 s.

    Args:
      flip_distance: `(T, J)` metres, or None where there is no lift of the mirrored clip.
    """
    projected, depth = project(track.joints + path[:, np.newaxis])
    frames = odd_frames(_SECONDS, track.fps)
    missed_by = moving_average(np.linalg.norm((projected - track.rays) * depth, axis=-1), frames)
    apart = np.zeros_like(missed_by) if flip_distance is None else flip_distance
    return np.stack(
        [
            np.ones_like(missed_by),
            np.log(missed_by + _LEAST),
            np.log(moving_average(np.asarray(apart, np.float64), frames) + _LEAST),
            moving_average(track.scores, frames),
            np.log(np.linalg.norm(track.joints, axis=-1) + _ROOT),
        ],
        axis=-1,
    )


def confidence(
    track: Track, path: Floats, flip_distance: npt.NDArray[np.floating] | None
) -> Floats:
    """`(T, J)`, 0 to 1."""
    weights = WITHOUT_FLIP if flip_distance is None else WITH_FLIP
    odds = features(track, path, flip_distance) @ np.array(weights)
    return 1 / (1 + np.exp(np.clip(odds, -50, 50)))
