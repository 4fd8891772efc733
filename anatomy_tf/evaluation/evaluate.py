"""Errors of a model on clips with 3D joints, by action and averaged over actions."""

from __future__ import annotations

import collections
from collections.abc import Iterable, Sequence

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation import metrics
from anatomy_tf.evaluation.complexity import count_parameters
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.skeleton import Skeleton

METRICS = (
    *("mpjpe_mm", "clip_scale_mpjpe_mm", "p_mpjpe_mm", "n_mpjpe_mm", "mpjve_mm", "bone_std_mm"),
    *("pck", "auc"),
)


def evaluate(
    lifter: ClipLifter, clips: Sequence[Clip], data: str, joints: Sequence[str] | None = None
) -> dict:
    """The report of a model on `clips`: `METRICS` in mm and %, `frames`, `actions` and `protocol`.

    A metric of an action is the mean over all scored frames of all its clips (of all cameras); at
    the top stands the mean over the actions. Joints are root-relative, in camera space.

    Args:
      data: what the report calls the data.
      joints: names of the joints that count, as in MPI-INF-3DHP's set of 14; all of them by
        default.

    Raises:
      InputError: no clips, a clip without 3D joints or of another skeleton, or a joint that it does
        not have.
    """
    skeleton = lifter.model.skeleton
    counted = joints or skeleton.joint_names
    errors = errors_of((lifter(clip)["joints"] for clip in clips), clips, skeleton, counted)
    return errors | {
        "protocol": {
            "data": data,
            "skipped_clips": 0,  # published numbers may leave short ones out
            **_protocol(lifter, clips, counted),
        },
    }


def errors_of(
    predictions: Iterable[np.ndarray],
    clips: Sequence[Clip],
    skeleton: Skeleton,
    joints: Sequence[str] | None = None,
) -> dict:
    """What `evaluate` reports but for `protocol`, whatever made the predictions.

    Args:
      predictions: of every clip `(T, J, 3)` joints in metres, root-relative, in camera space.

    Raises:
      InputError: as `evaluate`; or a predicted joint is not finite.
    """
    if not clips:
        raise InputError("no clips to evaluate on")
    counted = _indices(skeleton, joints or skeleton.joint_names)
    frames: collections.Counter[str] = collections.Counter()
    errors: dict[str, dict[str, list[np.ndarray]]] = collections.defaultdict(
        lambda: {name: [] for name in METRICS}
    )
    for clip, predicted in zip(clips, predictions, strict=True):
        predicted, target = compared(clip, predicted)
        scored = np.ones(len(clip), bool) if clip.scored is None else clip.scored
        frames[clip.action] += int(scored.sum())
        bone_std = np.full(scored.sum(), 1000 * metrics.bone_std(predicted, skeleton.bones))
        predicted, target = predicted[:, counted], target[:, counted]
        velocity_errors = metrics.mpjve(predicted, target)[scored[1:] & scored[:-1]]
        predicted, target = predicted[scored], target[scored]
        of_clip = {
            "mpjpe_mm": 1000 * metrics.mpjpe(predicted, target),
            "clip_scale_mpjpe_mm": 1000 * metrics.clip_scale_mpjpe(predicted, target),
            "p_mpjpe_mm": 1000 * metrics.p_mpjpe(predicted, target),
            "n_mpjpe_mm": 1000 * metrics.n_mpjpe(predicted, target),
            "mpjve_mm": 1000 * velocity_errors,
            "bone_std_mm": bone_std,
            "pck": 100 * metrics.pck(predicted, target),
            "auc": 100 * metrics.auc(predicted, target),
        }
        for name, values in of_clip.items():
            errors[clip.action][name].append(values)

    actions = {
        action: {name: _mean(values) for name, values in errors[action].items()}
        | {"frames": frames[action]}
        for action in sorted(errors)
    }
    averages = {name: float(np.mean([row[name] for row in actions.values()])) for name in METRICS}
    return averages | {"frames": sum(frames.values()), "actions": actions}


def compared(clip: Clip, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Predicted and true joints of a clip, `(T, J, 3)` float64 metres, both relative to the root.

    Raises:
      InputError: a predicted joint is not finite, or the clip has no 3D joints or no camera.
    """
    target = clip.camera_joints().astype(np.float64)
    if not np.isfinite(predicted).all():
        raise InputError(f"clip {clip.name}: the model's joints are not finite")
    return predicted.astype(np.float64), target - target[:, clip.skeleton.root, np.newaxis]


def _indices(skeleton: Skeleton, names: Sequence[str]) -> list[int]:
    for name in names:
        if name not in skeleton.joint_names:
            known = ", ".join(skeleton.joint_names)
            raise InputError(f"joint {name}: the skeleton has none of that name, but {known}")
    return [skeleton.joint_names.index(name) for name in names]


def _mean(values: list[np.ndarray]) -> float:
    joined = np.concatenate(values)
    return float(joined.mean()) if joined.size else 0.0


def _protocol(lifter: ClipLifter, clips: Sequence[Clip], joints: Sequence[str]) -> dict:
    model = lifter.model
    every_joint = len(joints) == model.skeleton.num_joints
    return {
        "subjects": sorted({clip.subject for clip in clips}),
        "clips": len(clips),
        "keypoints": sorted({clip.keypoints_from for clip in clips}),
        "joints": f"all {len(joints)}" if every_joint else list(joints),
        "space": "root-relative, camera",
        "average": "mean of actions",
        "test_time_flip": lifter.flip,
        "assembly": lifter.assembly,
        "window_frames": model.receptive_field,
        "causal": model.causal,
        "visibility": model.visibility,
        "parameters": count_parameters(model),
        "length_frames": str(lifter.length_frames) if model.frame_network else "none",
    }
