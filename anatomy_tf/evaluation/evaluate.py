"""Errors of a model on clips with 3D joints, by action and averaged over actions."""

from __future__ import annotations

import collections
from collections.abc import Sequence

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation import metrics
from anatomy_tf.inference.lift import ClipLifter

METRICS = ("mpjpe_mm", "p_mpjpe_mm", "n_mpjpe_mm", "mpjve_mm", "bone_std_mm")


def evaluate(lifter: ClipLifter, clips: Sequence[Clip], data: str) -> dict:
    """The report of a model on `clips`: `METRICS` in mm, `frames`, `actions` and `protocol`.

    A metric of an action is the mean over all frames of all its clips (of all cameras); at the top stands
    the mean over the actions. Joints are root-relative, in camera space.

    Args:
      data: what the report calls the data.

    Raises:
      InputError: no clips, or a clip without 3D joints or of another skeleton.
    """
    if not clips:
        raise InputError("no clips to evaluate on")
    frames = collections.Counter()
    errors = collections.defaultdict(lambda: {name: [] for name in METRICS})
    root, bones = lifter.model.skeleton.root, lifter.model.skeleton.bones
    for clip in clips:
        target = clip.camera_joints().astype(np.float64)
        predicted = lifter(clip)["joints"].astype(np.float64)
        target = target - target[:, root : root + 1]
        if not np.isfinite(predicted).all():
            raise InputError(f"clip {clip.name}: the model's joints are not finite")
        frames[clip.action] += len(clip)
        action = errors[clip.action]
        action["mpjpe_mm"].append(metrics.mpjpe(predicted, target))
        action["p_mpjpe_mm"].append(metrics.p_mpjpe(predicted, target))
        action["n_mpjpe_mm"].append(metrics.n_mpjpe(predicted, target))
        action["mpjve_mm"].append(metrics.mpjve(predicted, target))
        action["bone_std_mm"].append(np.full(len(clip), metrics.bone_std(predicted, bones)))

    actions = {
        action: {name: _mean_mm(values) for name, values in errors[action].items()}
        | {"frames": frames[action]}
        for action in sorted(errors)
    }
    averages = {name: float(np.mean([row[name] for row in actions.values()])) for name in METRICS}
    return averages | {
        "frames": sum(frames.values()),
        "actions": actions,
        "protocol": _protocol(lifter, clips, data),
    }


def _mean_mm(values: list[np.ndarray]) -> float:
    values = np.concatenate(values)
    return float(values.mean() * 1000) if values.size else 0.0


def _protocol(lifter: ClipLifter, clips: Sequence[Clip], data: str) -> dict:
    model = lifter.model
    return {
        "data": data,
        "subjects": sorted({clip.subject for clip in clips}),
        "clips": len(clips),
        "keypoints": "detections",
        "joints": "root-relative, camera space",
        "average": "mean of actions",
        "test_time_flip": lifter.flip,
        "assembly": lifter.assembly,
        "window_frames": model.receptive_field,
        "causal": model.causal,
        "visibility": model.visibility,
        "length_frames": "all until the current one" if model.causal else "all of the clip",
    }
