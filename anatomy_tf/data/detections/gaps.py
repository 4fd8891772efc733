"""What to do where the detector missed a person, or a joint of one."""

from __future__ import annotations

import numpy as np

from anatomy_tf.skeleton import Skeleton


def pieces(frames: np.ndarray, num_frames: int, max_gap: int) -> list[tuple[int, int]]:
    """The stretches of a video in which a person is never missed for too long.

    Args:
      frames: `(M,)` the frames with the person, ascending.
      num_frames: frames of the video.
      max_gap: how many frames without the person are filled, between detections and at the video's
        ends; a longer gap is in no piece, and around a single frame nothing is filled.

    Returns:
      First frame and the one past the last of every piece, in order.
    """
    if not len(frames):
        return []
    splits = np.flatnonzero(np.diff(frames) > max_gap + 1)
    starts = [int(frames[0]), *frames[splits + 1].tolist()]
    stops = [*(frames[splits] + 1).tolist(), int(frames[-1]) + 1]
    if len(frames) == 1:
        return [(starts[0], stops[0])]  # an image, whatever number its name has
    if starts[0] <= max_gap:
        starts[0] = 0
    if num_frames - stops[-1] <= max_gap:
        stops[-1] = num_frames
    return list(zip(starts, stops, strict=True))


def fill_gaps(
    keypoints: np.ndarray, scores: np.ndarray, skeleton: Skeleton, max_gap: int
) -> np.ndarray:
    """`(T, J, 2)` keypoints in which those of score 0 have a plausible place; the others stay as
    they are.

    - A gap of up to `max_gap` frames is filled on a straight line between the frames beside it.
    - In a longer gap the joint follows its neighbour in the skeleton: its offset from it changes
      evenly. At the ends, the nearest offset is held.
    - A joint that is never seen lies on its neighbour.

    The neighbour is the next joint on the way to the one that is seen most often, which itself is
    interpolated, and held at the ends, whatever the gap.

    Args:
      keypoints, scores: `(T, J, 2)` and `(T, J)`, at least one score above 0.
    """
    seen = scores > 0
    filled = keypoints.copy()
    if seen.all():
        return filled
    for joint, neighbour in _outwards(skeleton, int(seen.sum(axis=0).argmax())):
        there = seen[:, joint]
        straight = _interpolate(keypoints[:, joint], there)
        if neighbour is not None:
            base = filled[:, neighbour]
            far = ~there & ~_in_short_gap(there, max_gap)
            following = base + _interpolate(keypoints[:, joint] - base, there)
            straight = np.where(far[:, np.newaxis], following, straight)
        filled[:, joint] = np.where(there[:, np.newaxis], keypoints[:, joint], straight)
    return filled


def _outwards(skeleton: Skeleton, start: int) -> list[tuple[int, int | None]]:
    """Every joint with its neighbour on the way to `start`, neighbours first."""
    order: list[tuple[int, int | None]] = [(start, None)]
    reached = {start}
    for joint, _ in order:  # grows while it is walked
        for bone in skeleton.bones.tolist():
            if joint in bone:
                other = bone[1] if bone[0] == joint else bone[0]
                if other not in reached:
                    reached.add(other)
                    order.append((other, joint))
    return order


def _in_short_gap(there: np.ndarray, max_gap: int) -> np.ndarray:
    """`(T,)`: not there, but before and after, with at most `max_gap` frames between."""
    frames = np.arange(len(there))
    before = np.maximum.accumulate(np.where(there, frames, -1))
    after = np.minimum.accumulate(np.where(there, frames, len(there))[::-1])[::-1]
    return (before >= 0) & (after < len(there)) & (after - before <= max_gap + 1)


def _interpolate(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """`(T, 2)` values with straight lines between the known ones, held at the ends; 0 if none is
    known.
    """
    if not known.any():
        return np.zeros_like(values)
    frames = np.arange(len(values))
    columns = [np.interp(frames, frames[known], column[known]) for column in values.T]
    return np.stack(columns, axis=1).astype(values.dtype)
