"""Frames in which a detector took left for right, in the legs, the arms, or both.

A model that was trained with such mistakes does not follow them for a while: then the lifted joints
lie where the keypoints of the *other* side are. And where a mistake begins or ends, the keypoints
of both sides jump to each other. Both together decide, over all frames at once (Viterbi).
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from anatomy_tf.skeleton import Skeleton
from anatomy_tf.world.contact import runs
from anatomy_tf.world.root_path import NEAREST
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


@functools.lru_cache(maxsize=16)
def limbs_of(skeleton: Skeleton) -> tuple[tuple[int, ...], ...]:
    """The joints that are taken for those of the other side together: both legs, both arms."""
    sided = {*skeleton.left, *skeleton.right}
    limbs: dict[int, list[int]] = {}
    for joint in sorted(sided):
        base = skeleton.parents[joint]
        while base in sided:
            base = skeleton.parents[base]
        limbs.setdefault(base, []).append(joint)
    return tuple(tuple(joints) for joints in limbs.values())


def find_swaps(track: Track, path: Floats) -> Bools:
    """`(T, J)`: the keypoints that are those of the joint's mirror image.

    Args:
      path: `(T, 3)` of the root.
    """
    skeleton = track.skeleton
    swapped = np.zeros(track.scores.shape, bool)
    placed = track.joints + path[:, np.newaxis]
    depth = np.maximum(placed[..., 2:], NEAREST)
    expected = placed[..., :2] / depth
    for limb in limbs_of(skeleton):
        here, mirror = list(limb), skeleton.flip_joints[list(limb)]
        seen = (track.scores[:, here] > 0) & (track.scores[:, mirror] > 0)
        distance = path[:, 2:]

        def apart(first: Floats, second: Floats, scale: Floats, known: Bools) -> Floats:
            off = np.linalg.norm(first - second, axis=-1) * scale
            return (np.minimum(off, _FARTHEST) ** 2 * known).sum(axis=1) / _SURE

        rays = track.rays
        straight = apart(rays[:, here], expected[:, here], distance, seen)
        crossed = apart(rays[:, here], expected[:, mirror], distance, seen)
        both = seen[1:] & seen[:-1]
        goes_on = apart(rays[1:, here], rays[:-1, here], distance[1:], both)
        jumps = apart(rays[1:, here], rays[:-1, mirror], distance[1:], both)
        labels = _labels(crossed - straight + 1.0, _CHANGE + _MOTION * (jumps - goes_on))
        swapped[np.ix_(labels, here)] = True
    return swapped


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


def swaps_note(swapped: Bools, first_frame: int) -> str:
    """A line that says where: of `(T, J)` swaps, and the number of their first frame; empty
    without.
    """
    found = runs(swapped.any(axis=1)) + first_frame
    if not len(found):
        return ""
    shown = [f"{start} to {stop - 1}" for start, stop in found[:5].tolist()]
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return f"left and right were taken for each other, and put right: frames {', '.join(shown)}{more}"
