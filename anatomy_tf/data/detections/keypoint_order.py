"""What the keypoints of a person are, where a file does not name them: their number tells, or the
pose.
"""

from __future__ import annotations

import numpy as np

from anatomy_tf.data.keypoint_sets import (
    BLAZEPOSE_33,
    BODY_25,
    BODY_25B,
    COCO_17,
    COCO_18,
    COCO_23,
    HALPE_26,
    HUMAN36M_17,
    MPII_16,
)

SETS_BY_NUMBER: dict[int, tuple[tuple[str, ...], ...]] = {
    16: (MPII_16,),
    17: (COCO_17, HUMAN36M_17),
    18: (COCO_18,),
    23: (COCO_23,),
    25: (BODY_25, BODY_25B),
    26: (HALPE_26,),
    33: (BLAZEPOSE_33,),
    133: (COCO_23,),
    134: (COCO_18,),
    135: (BODY_25B,),
    136: (HALPE_26,),
}
"""Keypoints of a person -> the sets that have as many, the commonest first.

133 to 136 are the whole bodies of COCO-WholeBody, the same in OpenPose's order, OpenPose and Halpe:
the body comes first, and faces and hands are left alone.
"""
_LIMBS = (
    *(("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle")),
    *(("shoulder", "hip"), ("eye", "ear"), ("ankle", "heel"), ("ankle", "big_toe")),
)
_MUCH_SHORTER = 0.85
_LONGEST = 0.5  # of a person's box, for a limb
_LOOKED_AT = 2000  # people


def tell_apart(
    keypoints: np.ndarray, found: np.ndarray, candidates: tuple[tuple[str, ...], ...]
) -> tuple[tuple[str, ...], bool]:
    """The set in whose order the limbs are shortest, and whether that is clear.

    In a wrong order, limbs go across the whole body. Where it is not clear, the first candidate.

    Args:
      keypoints, found: `(N, J, 2)` and `(N, J)` of everybody in the video.
      candidates: sets of `J` names.
    """
    if len(candidates) == 1:
        return candidates[0], True
    every = max(1, len(keypoints) // _LOOKED_AT)
    keypoints, found = keypoints[::every], found[::every]
    lengths = np.array([_limb_length(keypoints, found, names) for names in candidates])
    best = int(np.argmin(lengths))
    others = np.delete(lengths, best)
    clear = bool(lengths[best] < min(_LONGEST, _MUCH_SHORTER * others.min()))
    return candidates[best if clear else 0], clear


def _limb_length(keypoints: np.ndarray, found: np.ndarray, names: tuple[str, ...]) -> float:
    """The mean length of the limbs found, in units of the person's box; infinite for none."""
    pairs = [
        (names.index(f"{side}_{near}"), names.index(f"{side}_{far}"))
        for near, far in _LIMBS
        for side in "lr"
        if {f"{side}_{near}", f"{side}_{far}"} <= set(names)
    ]
    near, far = np.array(pairs).T
    points = np.where(found[..., np.newaxis], keypoints, np.nan).astype(np.float64)
    low = np.where(found[..., np.newaxis], keypoints, np.inf).min(axis=1)
    high = np.where(found[..., np.newaxis], keypoints, -np.inf).max(axis=1)
    sizes = np.linalg.norm(np.subtract(high, low, dtype=np.float64), axis=-1)
    lengths = np.linalg.norm(points[:, far] - points[:, near], axis=-1)
    with np.errstate(all="ignore"):
        shares = lengths / sizes[:, np.newaxis]
    shares = shares[np.isfinite(shares)]
    return float(shares.mean()) if len(shares) else np.inf
