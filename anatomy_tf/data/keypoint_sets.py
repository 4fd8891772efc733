"""The keypoints that 2D tools find, by name, and conversion from one set to another.

The same name is the same place on the body in every set, whatever the tool calls it: OpenPose's and
Halpe's "neck" lies where Human3.6M has its thorax, and is called so; Human3.6M's "neck" is a point
of the face, at the nose.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17

COCO_17 = (
    *("nose", "l_eye", "r_eye", "l_ear", "r_ear", "l_shoulder", "r_shoulder", "l_elbow", "r_elbow"),
    *("l_wrist", "r_wrist", "l_hip", "r_hip", "l_knee", "r_knee", "l_ankle", "r_ankle"),
)
"""COCO's keypoints: AlphaPose, Detectron2, MMPose, rtmlib's `Body`."""

COCO_23 = (
    *COCO_17,
    *("l_big_toe", "l_small_toe", "l_heel", "r_big_toe", "r_small_toe", "r_heel"),
)
"""COCO's keypoints and feet: the body of COCO-WholeBody's 133."""

COCO_18 = (
    *("nose", "thorax", "r_shoulder", "r_elbow", "r_wrist", "l_shoulder", "l_elbow", "l_wrist"),
    *("r_hip", "r_knee", "r_ankle", "l_hip", "l_knee", "l_ankle"),
    *("r_eye", "l_eye", "r_ear", "l_ear"),
)
"""OpenPose's COCO model: COCO's keypoints and a neck, in an order of its own."""

BODY_25 = (
    *("nose", "thorax", "r_shoulder", "r_elbow", "r_wrist", "l_shoulder", "l_elbow", "l_wrist"),
    *("pelvis", "r_hip", "r_knee", "r_ankle", "l_hip", "l_knee", "l_ankle"),
    *("r_eye", "l_eye", "r_ear", "l_ear"),
    *("l_big_toe", "l_small_toe", "l_heel", "r_big_toe", "r_small_toe", "r_heel"),
)
"""OpenPose's default model."""

BODY_25B = (
    *COCO_17,
    *("upper_neck", "head"),
    *("l_big_toe", "l_small_toe", "l_heel", "r_big_toe", "r_small_toe", "r_heel"),
)
"""OpenPose's experimental model, with as many keypoints as the default one, but other ones."""

HALPE_26 = (
    *COCO_17,
    *("head", "thorax", "pelvis"),
    *("l_big_toe", "r_big_toe", "l_small_toe", "r_small_toe", "l_heel", "r_heel"),
)
"""Halpe's body and feet: AlphaPose, MMPose, rtmlib's `BodyWithFeet`."""

BLAZEPOSE_33 = (
    *("nose", "l_eye_inner", "l_eye", "l_eye_outer", "r_eye_inner", "r_eye", "r_eye_outer"),
    *("l_ear", "r_ear", "l_mouth", "r_mouth", "l_shoulder", "r_shoulder", "l_elbow", "r_elbow"),
    *("l_wrist", "r_wrist", "l_pinky", "r_pinky", "l_index", "r_index", "l_thumb", "r_thumb"),
    *("l_hip", "r_hip", "l_knee", "r_knee", "l_ankle", "r_ankle", "l_heel", "r_heel"),
    *("l_big_toe", "r_big_toe"),
)
"""MediaPipe Pose; what it calls a foot index is the big toe."""

MPII_16 = (
    *("r_ankle", "r_knee", "r_hip", "l_hip", "l_knee", "l_ankle", "pelvis", "thorax"),
    *("upper_neck", "head", "r_wrist", "r_elbow", "r_shoulder", "l_shoulder", "l_elbow", "l_wrist"),
)
"""MPII: models of MMPose and of stacked hourglass networks."""

HUMAN36M_17 = H36M_17.joint_names
"""The 17 joints of Human3.6M that the models take."""

KEYPOINT_SETS: dict[str, tuple[str, ...]] = {
    "coco17": COCO_17,
    "coco18": COCO_18,
    "coco23": COCO_23,
    "body25": BODY_25,
    "body25b": BODY_25B,
    "halpe26": HALPE_26,
    "blazepose33": BLAZEPOSE_33,
    "mpii16": MPII_16,
    "human36m17": HUMAN36M_17,
}
"""The sets by the names that files of the package's own formats use."""


def keypoint_names(keypoint_set: str) -> tuple[str, ...]:
    """The `J` keypoints of a set of `KEYPOINT_SETS`.

    Raises:
      InputError: there is no such set.
    """
    if keypoint_set not in KEYPOINT_SETS:
        known = ", ".join(KEYPOINT_SETS)
        raise InputError(f"keypoint_set {keypoint_set}: no such set; there are {known}")
    return KEYPOINT_SETS[keypoint_set]


# Weights of other points that stand in for a joint a set lacks, best first. Human3.6M's head is the
# top of the head: the middle of the ears, moved away from the thorax by 0.55 of the distance
# between the two.
_STAND_INS: dict[str, tuple[dict[str, float], ...]] = {
    "pelvis": ({"l_hip": 0.5, "r_hip": 0.5},),
    "thorax": ({"l_shoulder": 0.5, "r_shoulder": 0.5},),
    "spine": ({"pelvis": 0.5, "thorax": 0.5},),
    "neck": ({"nose": 1.0}, {"upper_neck": 1.0}),
    "head": ({"l_ear": 0.775, "r_ear": 0.775, "thorax": -0.55},),
}


def convert(
    keypoints: np.ndarray, scores: np.ndarray, source: Sequence[str], target: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """The joints `target` (`K` names) from keypoints whose `J` names are `source`.

    A joint's score is the lowest of the keypoints it is made of. One that cannot be made, as the
    set lacks it or as a part was not found, is (0, 0) with score 0, as everywhere in `Detections`.

    Args:
      keypoints: `(..., J, 2)`, in pixels or any other unit.
      scores: `(..., J)`.

    Returns:
      `(..., K, 2)` keypoints and `(..., K)` scores, of the same types.

    Raises:
      InputError: nothing of `target` can be made from `source`.
    """
    weights = conversion(tuple(source), tuple(target))
    lowest = np.zeros((*scores.shape[:-1], len(weights)), scores.dtype)
    for joint, row in enumerate(weights):
        if row.any():
            lowest[..., joint] = scores[..., row != 0].min(axis=-1)
    converted = weights.astype(keypoints.dtype) @ keypoints
    return np.where(lowest[..., np.newaxis] > 0, converted, 0).astype(keypoints.dtype), lowest


@functools.lru_cache(maxsize=64)
def conversion(source: tuple[str, ...], target: tuple[str, ...]) -> np.ndarray:
    """`(K, J)` weights of the `J` keypoints `source` in the `K` joints `target`; a row of 0 where
    it cannot be made.

    Raises:
      InputError: no joint can be made.
    """
    rows = [_weights(joint, source) for joint in target]
    if all(row is None for row in rows):
        raise InputError(f"keypoints: {', '.join(target)} cannot be made from {', '.join(source)}")
    weights = np.array([np.zeros(len(source)) if row is None else row for row in rows])
    weights.flags.writeable = False
    return weights


def _weights(joint: str, source: tuple[str, ...]) -> np.ndarray | None:
    """`(J,)` weights that make one joint; its own keypoint where there is one."""
    if joint in source:
        return np.eye(len(source))[source.index(joint)]
    for stand_in in _STAND_INS.get(joint, ()):
        parts = [_weights(part, source) for part in stand_in]
        if all(part is not None for part in parts):
            return np.array(list(stand_in.values())) @ np.array(parts)
    return None
