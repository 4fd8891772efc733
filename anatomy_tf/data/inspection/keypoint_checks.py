"""What is likely wrong with the keypoints of a clip: checks that clips pass unless something was
mixed up.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.skeleton import Skeleton

_NOBODY_SEEN = 0.8
"""Share of keypoints outside the image; MediaPipe puts legs below it, as of someone at a desk."""


class Suspicion(NamedTuple):
    """What a check saw in a clip, what that is likely to come from, and whether nothing good can
    come of it.
    """

    seen: str
    cause: str
    fatal: bool = False


def units_of_keypoints(clip: Clip) -> Suspicion | None:
    """Keypoints are pixels, scores go from 0 to 1."""
    low, high = clip.keypoints.min(), clip.keypoints.max()
    if max(-low, high) <= 2:
        seen = f"keypoints reach from {low:.3g} to {high:.3g}"
        return Suspicion(seen, "keypoints as shares of the image, where pixels are expected", True)
    low, high = clip.visibility.min(), clip.visibility.max()
    if low < 0 or high > 1:
        seen = f"scores reach from {low:.3g} to {high:.3g}"
        return Suspicion(seen, "scores in another unit, where 0 to 1 is expected", True)
    return None


def up_in_image(clip: Clip) -> Suspicion | None:
    """The image's y points down."""
    head, feet = head_joints(clip.skeleton), foot_joints(clip.skeleton)
    seen = (clip.visibility[:, head + feet] > 0).all(axis=1)
    if not head or not feet or not seen.any():
        return None
    y = clip.keypoints[seen][..., 1]
    upside_down = (y[:, head].mean(axis=1) > y[:, feet].mean(axis=1)).mean()
    if upside_down <= 0.5:
        return None
    seen = f"the head is below the feet in {upside_down:.0%} of the frames"
    return Suspicion(seen, "y counted upwards, or a video that is upside down")


def swapping_sides(clip: Clip) -> Suspicion | None:
    """A left and a right joint that each jump to the other's place were swapped by the detector."""
    left, right = list(clip.skeleton.left), list(clip.skeleton.right)
    pairs = np.stack([clip.keypoints[:, left], clip.keypoints[:, right]])
    found = (clip.visibility[:, left] > 0) & (clip.visibility[:, right] > 0)
    now, last = pairs[:, 1:], pairs[:, :-1]
    stay = np.linalg.norm(now - last, axis=-1).sum(axis=0)
    swap = np.linalg.norm(now - last[::-1], axis=-1).sum(axis=0)
    apart = np.linalg.norm(last[0] - last[1], axis=-1) > 0.05 * person_size(clip)[:-1, np.newaxis]
    swaps = ((swap < 0.5 * stay) & apart)[found[1:] & found[:-1]]
    if not swaps.size or swaps.mean() <= 0.02:
        return None
    seen = f"left and right keypoints change places in {swaps.mean():.1%} of the frames"
    return Suspicion(seen, "a detector that confuses the sides, or several people taken for one")


def frozen_frames(clip: Clip) -> Suspicion | None:
    """Nobody stands still to the last digit."""
    seen = (clip.visibility > 0).any(axis=1)
    same = (np.diff(clip.keypoints, axis=0) == 0).all(axis=(1, 2)) & seen[1:] & seen[:-1]
    if not same.any() or same.mean() <= 0.01:
        return None
    frame = int(same.argmax()) + 1
    seen = f"{same.mean():.1%} of the frames repeat the one before, first frame {frame}"
    return Suspicion(seen, "a detector that stopped, repeated video frames, or a wrong frame rate")


def outside_image(clip: Clip) -> Suspicion | None:
    """Detectors find keypoints inside the image."""
    seen = clip.keypoints[clip.visibility > 0]
    if not len(seen) or (share := _outside(seen, clip.resolution)) <= 0.05:
        return None
    width, height = clip.resolution
    turned = _outside(seen, (height, width)) <= 0.01
    cause = "width and height swapped" if turned else "the resolution of another video"
    seen = f"{share:.0%} of the keypoints found lie outside the image of {width}x{height}"
    return Suspicion(seen, cause, fatal=share > _NOBODY_SEEN)


def missing_keypoints(clip: Clip) -> Suspicion | None:
    """Most keypoints should have been found."""
    missing = (clip.visibility == 0).mean(axis=0)
    if missing.mean() <= 0.3:
        return None
    never = [n for n, share in zip(clip.skeleton.joint_names, missing, strict=True) if share == 1]
    seen = f"{missing.mean():.0%} of the keypoints were not found"
    if never:
        seen += f", {', '.join(never)} never"
        return Suspicion(seen, "a detector that lacks them, or a person partly out of view")
    return Suspicion(seen, "a person who is far away, hidden, or out of view")


def named_joints(skeleton: Skeleton, *words: str) -> list[int]:
    """The joints whose name has one of the words."""
    names = [name.lower() for name in skeleton.joint_names]
    return [joint for joint, name in enumerate(names) if any(word in name for word in words)]


def head_joints(skeleton: Skeleton) -> list[int]:
    """What is highest in someone who stands."""
    return named_joints(skeleton, "head") or named_joints(skeleton, "neck", "nose")


def foot_joints(skeleton: Skeleton) -> list[int]:
    """What is lowest in someone who stands."""
    return named_joints(skeleton, "ankle", "foot")


def person_size(clip: Clip) -> np.ndarray:
    """`(T,)` the longer side of the box around the keypoints found, in pixels."""
    found = (clip.visibility > 0)[..., np.newaxis]
    low = np.where(found, clip.keypoints, np.inf).min(axis=1)
    high = np.where(found, clip.keypoints, -np.inf).max(axis=1)
    return np.maximum((high - low).max(axis=1), 0)


def _outside(points: np.ndarray, resolution: tuple[int, int]) -> float:
    """The share of points that lie outside the image by more than a pixel."""
    return float(((points < -1) | (points > np.add(resolution, 1))).any(axis=-1).mean())
