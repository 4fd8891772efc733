"""What is likely wrong with the 3D joints of a clip and with its camera: checks as in
`keypoint_checks`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.inspection.keypoint_checks import (
    Suspicion,
    foot_joints,
    head_joints,
    named_joints,
    person_size,
)
from anatomy_tf.data.inspection.summary import bone_lengths, reprojection_errors
from anatomy_tf.skeleton import Skeleton

# Metres from joint to joint along the bones, the longest way; 1.9 for an adult, from hand to foot.
_BODY_SIZE = (0.8, 3.5)
_UNITS = {
    1000: "millimetres that were read as metres",
    100: "centimetres that were read as metres",
    39.4: "inches that were read as metres",
    0.001: "metres that were read as millimetres",
}


def units_of_joints(clip: Clip) -> Suspicion | None:
    """Nobody is a kilometre tall, or two millimetres."""
    if clip.joints is None:
        return None
    size = _body_size(clip)
    if _BODY_SIZE[0] <= size <= _BODY_SIZE[1]:
        return None
    times = max(size, 1e-9) / 1.9
    factor = min(_UNITS, key=lambda factor: abs(np.log(times / factor)))
    cause = _UNITS[factor] if 0.4 < times / factor < 2.5 else "joints that are not metres"
    return Suspicion(f"the body measures {size:.4g} m, the longest way along its bones", cause)


def up_in_world(clip: Clip) -> Suspicion | None:
    """The world's z points up; where the world is the camera's own space, y points down."""
    head, feet = head_joints(clip.skeleton), foot_joints(clip.skeleton)
    if clip.joints is None or not head or not feet:
        return None
    body = clip.joints[:, head].mean(axis=1) - clip.joints[:, feet].mean(axis=1)
    body = np.median(body / np.maximum(np.linalg.norm(body, axis=1, keepdims=True), 1e-9), axis=0)
    in_camera = world_is_camera(clip)
    up = [0, -1, 0] if in_camera else [0, 0, 1]
    if body @ up >= 0.3:
        return None
    axis = int(np.abs(body).argmax())
    direction = f"{'-' if body[axis] < 0 else ''}{'xyz'[axis]}"
    expected = "-y" if in_camera else "z"
    seen = f"from feet to head the body points along {direction}, where {expected} is up"
    return Suspicion(seen, "another axis that is up in this file, or one of the wrong sign")


def mirrored_body(clip: Clip) -> Suspicion | None:
    """Knees bend one way only, so they tell front from back, and with it left from right."""
    skeleton = clip.skeleton
    legs = [leg for side in (skeleton.left, skeleton.right) for leg in _legs(skeleton, side)]
    trunk = named_joints(skeleton, "thorax") or head_joints(skeleton)
    if clip.joints is None or len(legs) != 2 or not trunk:
        return None
    joints = clip.joints.astype(np.float64)
    hip, knee, ankle = (joints[:, list(ends)] for ends in zip(*legs, strict=True))
    bend = knee - (hip + ankle) / 2
    to_left = (hip[:, 0] - hip[:, 1])[:, np.newaxis]
    up = joints[:, trunk].mean(axis=1, keepdims=True) - hip.mean(axis=1, keepdims=True)
    forwards = np.einsum("tli,tli->tl", np.cross(bend, to_left), np.broadcast_to(up, bend.shape))
    total = np.abs(forwards).sum()
    if total == 0 or forwards.sum() / total > -0.3:
        return None
    seen = f"the knees bend backwards in {(forwards < 0).mean():.0%} of the frames"
    return Suspicion(seen, "left and right joints that are swapped, or an axis of the wrong sign")


def bones(clip: Clip) -> Suspicion | None:
    """Bones keep their length, have one, and are alike on the left and on the right."""
    if clip.joints is None:
        return None
    lengths = bone_lengths(clip)
    mean, spread = lengths.mean(axis=0), lengths.std(axis=0)
    names = [clip.skeleton.joint_names[far] for far in clip.skeleton.bones[:, 1]]
    short = int(mean.argmin())
    if mean[short] <= 0.001 * _body_size(clip):
        seen = f"the bone to {names[short]} has no length"
        return Suspicion(seen, "two joints that are the same in the file")
    varying = int((spread / mean).argmax())
    if spread[varying] > 0.05 * mean[varying]:
        share = spread[varying] / mean[varying]
        seen = f"the length of the bone to {names[varying]} varies by {share:.0%} (sd)"
        return Suspicion(seen, "joints in another order, a wrong bone, or a failed reconstruction")
    other = mean[clip.skeleton.flip_bones]
    uneven = int((np.abs(mean - other) / (mean + other)).argmax())
    if abs(mean[uneven] - other[uneven]) > 0.1 * (mean[uneven] + other[uneven]) / 2:
        both = f"{1000 * mean[uneven]:.0f} mm, its mirror image {1000 * other[uneven]:.0f} mm"
        seen = f"the bone to {names[uneven]} has {both}"
        return Suspicion(seen, "joints in another order, or a wrong bone")
    return None


def reprojection(clip: Clip) -> Suspicion | None:
    """The camera sees the joints where the keypoints are."""
    if clip.joints is None or clip.camera is None:
        return None
    errors = reprojection_errors(clip)
    size = np.median(person_size(clip))
    if not errors.size or np.median(errors) <= 0.05 * size:
        return None
    error = np.median(errors)
    swapped = np.median(reprojection_errors(clip, clip.skeleton.flip_joints))
    seen = f"joints and keypoints lie {error:.4g} pixels apart (median); the person has {size:.4g}"
    if swapped < 0.5 * error:
        return Suspicion(seen, "left and right swapped in keypoints or joints")
    return Suspicion(seen, "the camera or the frames of another clip, or another lens model")


def world_is_camera(clip: Clip) -> bool:
    """Whether the clip's world is its camera's own space, with y pointing down."""
    return clip.camera is not None and tuple(clip.camera.orientation) == (1, 0, 0, 0)


def _legs(skeleton: Skeleton, side: Sequence[int]) -> list[tuple[int, int, int]]:
    """Hip, knee and ankle of every knee on that side."""
    knees = [joint for joint in named_joints(skeleton, "knee") if joint in side]
    return [
        (skeleton.parents[knee], knee, skeleton.parents.index(knee))
        for knee in knees
        if knee in skeleton.parents
    ]


def _body_size(clip: Clip) -> float:
    """Metres from joint to joint along the bones, the longest way there is."""
    paths = clip.skeleton.path_matrix * np.median(bone_lengths(clip), axis=0)
    shared = paths @ clip.skeleton.path_matrix.T
    depth = np.diagonal(shared)
    return float((depth[:, np.newaxis] + depth - 2 * shared).max())
