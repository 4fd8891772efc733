"""Frames in which a detector took left for right, in the legs, the arms, or both.

A model that was trained with such mistakes does not follow them for a while: then the lifted joints
lie where the keypoints of the *other* side are. And where a mistake begins or ends, the keypoints
of both sides jump to each other. Both together decide, over all frames at once (Viterbi).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anatomy_tf.world.root_path import project
from anatomy_tf.world.track import Track

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_FARTHEST = 0.3
"""Metres; what is farther off counts as that far."""
_SURE = 0.02
"""m^2, the sum over the joints of a limb: the unit in which both labels are compared, and what the
wrong one has to be worse by.
"""
_CHANGE = 3.0
"""What a change of label has to be worth, in these units."""
_MOTION = 1.0
"""Weight of the jumps from frame to frame."""


def find_swaps(track: Track, path: Floats) -> Bools:
    """`(T, J)`: the keypoints that are those of the joint's mirror image.

    Args:
      path: `(T, 3)` of the root.
    """
    skeleton = track.skeleton
    swapped = np.zeros(track.scores.shape, bool)
    expected, _ = project(track.joints + path[:, np.newaxis])
    for limb in skeleton.limbs:
        here, mirror = list(limb), skeleton.flip_joints[list(limb)]
        # Metres at the person's distance; joints that were not seen tell nothing.
        scale = path[:, 2:] * ((track.scores[:, here] > 0) & (track.scores[:, mirror] > 0))
        seen = track.rays[:, here]
        straight = _apart(seen, expected[:, here], scale)
        crossed = _apart(seen, expected[:, mirror], scale)
        both = np.minimum(scale[1:], scale[:-1])
        goes_on = _apart(seen[1:], seen[:-1], both)
        jumps = _apart(seen[1:], track.rays[:-1, mirror], both)
        labels = _labels(crossed - straight + 1.0, _CHANGE + _MOTION * (jumps - goes_on))
        swapped[:, here] = labels[:, np.newaxis]
    return swapped


def _apart(first: Floats, second: Floats, scale: Floats) -> Floats:
    """`(T,)` in units of `_SURE`, between rays `(T, N, 2)`; `scale (T, N)` metres."""
    off = np.linalg.norm(first - second, axis=-1) * scale
    return (np.minimum(off, _FARTHEST) ** 2).sum(axis=1) / _SURE


def _labels(cost: Floats, change: Floats) -> Bools:
    """`(T,)` whether frames are swapped, at the least total of `cost (T,)` of each that is, and
    `change (T - 1,)` of the label.
    """
    straight, crossed = 0.0, float(cost[0])
    came: list[tuple[bool, bool]] = []
    for of_frame, of_change in zip(cost[1:].tolist(), change.tolist(), strict=True):
        before_straight = crossed + of_change < straight
        before_crossed = crossed <= straight + of_change
        straight, crossed = (
            min(straight, crossed + of_change),
            min(crossed, straight + of_change) + of_frame,
        )
        came.append((before_straight, before_crossed))
    label = crossed < straight
    labels = [label]
    for before in reversed(came):
        label = before[label]
        labels.append(label)
    return np.array(labels[::-1])
