"""Synthetic actors: the motion of one person on the bones of another."""

from __future__ import annotations

import numpy as np

from anatomy_tf.skeleton import H36M_17

TYPICAL_LENGTHS = {
    **{"hip": 0.132, "knee": 0.450, "ankle": 0.447},
    **{"spine": 0.237, "thorax": 0.252, "neck": 0.111, "head": 0.114},
    **{"shoulder": 0.149, "elbow": 0.272, "wrist": 0.244},
}
"""Metres of the bone to each joint: the means of the actors of the shipped CMU set."""
_STATURE_SD = 0.06
_SEGMENT_SD = 0.04
_MOST_SDS = 2.5
_SIDE_DIFFERENCE = 0.005
_STANDING_HEIGHT = 0.04
_STANDING_SPEED = 0.25
_STANDING_SECONDS = 0.1
_ANKLE_HEIGHT = 0.08
_ANKLES = [H36M_17.joint_names.index(name) for name in ("l_ankle", "r_ankle")]


def draw_lengths(rng: np.random.Generator) -> np.ndarray:
    """`(16,)` bone lengths of an actor in metres, in the order of `H36M_17.bones`.

    Stature varies by 6 % (sd), every segment by 4 % more, and left and right differ by at most 0.5
    %.
    """

    def normal(sd: float) -> float:
        return 1 + sd * float(np.clip(rng.normal(), -_MOST_SDS, _MOST_SDS))

    stature = normal(_STATURE_SD)
    segments = {
        name: length * stature * normal(_SEGMENT_SD) for name, length in TYPICAL_LENGTHS.items()
    }
    sides = {name: rng.uniform(-1, 1) * _SIDE_DIFFERENCE for name in TYPICAL_LENGTHS}
    lengths = []
    for _, far in H36M_17.bones:
        side, _, name = H36M_17.joint_names[far].rpartition("_")
        lengths.append(segments[name] * (1 + {"l": 0.5, "r": -0.5, "": 0.0}[side] * sides[name]))
    return np.array(lengths)


def retarget(joints: np.ndarray, lengths: np.ndarray, fps: float) -> np.ndarray:
    """The motion `joints` of one person as an actor of other bone lengths does it.

    Bone directions stay. The trajectory is scaled by the length of the legs, and corrected so that
    the ankle on which the person stands moves no more than in the scaled original; the ground is at
    height 0.

    Args:
      joints: `(T, 17, 3)` metres, z up, two frames or more.
      lengths: `(16,)` metres of the actor's bones.
      fps: frames per second.

    Returns:
      `(T, 17, 3)` metres.
    """
    near, far = H36M_17.bones.T
    vectors = joints[:, far] - joints[:, near]
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    directions = vectors / np.maximum(norms, 1e-9)
    root = joints[:, H36M_17.root, np.newaxis]
    posed = H36M_17.path_matrix @ (directions * lengths[:, np.newaxis])

    legs = [H36M_17.joint_names[joint].endswith(("knee", "ankle")) for joint in far]
    scale = lengths[legs].sum() / np.median(norms[:, legs, 0].sum(axis=1))
    scaled = scale * (joints - root)[:, _ANKLES]
    weights = _standing(joints[:, _ANKLES], fps)[..., np.newaxis]
    difference = scaled - posed[:, _ANKLES]
    shift = _smooth((weights * difference).sum(axis=1), fps)
    # Over the ground steps add up, so that a change of the standing foot moves nobody; heights must
    # not.
    steps = (weights[1:] * np.diff(difference, axis=0)).sum(axis=1)
    shift[1:, :2] = shift[0, :2] + steps[:, :2].cumsum(axis=0)
    moved = posed + scale * root + shift[:, np.newaxis]
    lowest = moved[:, _ANKLES, 2].min(axis=1)
    moved[..., 2] += _ANKLE_HEIGHT - np.percentile(lowest, 5)
    return moved


def _standing(ankles: np.ndarray, fps: float) -> np.ndarray:
    """`(T, 2, 3)` metres -> `(T, 2)`: how much the person stands on each ankle; sums to 1.

    The lower and slower ankle wins; the weight passes from one to the other without a jump.
    """
    speeds = np.linalg.norm(np.gradient(ankles, axis=0), axis=-1) * fps
    doubt = ankles[..., 2] / _STANDING_HEIGHT + speeds / _STANDING_SPEED
    weights = np.exp(doubt.min(axis=1, keepdims=True) - doubt)
    return weights / weights.sum(axis=1, keepdims=True)


def _smooth(values: np.ndarray, fps: float) -> np.ndarray:
    """Mean over a short window, along the first axis; the ends are held."""
    half = max(1, round(_STANDING_SECONDS * fps / 2))
    padded = np.pad(values, ((half + 1, half), (0, 0)), mode="edge")
    sums = padded.cumsum(axis=0)
    return (sums[2 * half + 1 :] - sums[: -2 * half - 1]) / (2 * half + 1)
