"""Errors on the virtual protocol: over all, and by what makes a clip hard."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from anatomy_tf.errors import InputError
from anatomy_tf.evaluation import metrics
from anatomy_tf.evaluation.evaluate import compared
from anatomy_tf.evaluation.limb_metrics import flexion_errors, limb_errors
from anatomy_tf.evaluation.virtual_protocol import VirtualClip
from anatomy_tf.inference.lift import ClipLifter

ROBUSTNESS_METRICS = {
    "mpjpe_mm": "MPJPE",
    "clip_scale_mpjpe_mm": "one scale",
    "p_mpjpe_mm": "P-MPJPE",
    "limbs_deg": "limbs",
    "knees_deg": "knees",
    "elbows_deg": "elbows",
    "mpjve_mm": "MPJVE",
}
"""Millimetres, degrees, and millimetres a frame: the mean over the frames of every clip, then over
the clips.
"""
BINS = {
    "pitch (degrees)": (-10, 0, 15, 30),
    "lens (degrees)": (45, 60, 80),
    "distance (m)": (2.5, 4, 7),
    "stature (m)": (1.4, 1.6, 1.8),
    "noise (% of height)": (1, 2, 4),
    "missing (% of joints)": (0.01, 2, 10),
    "swapped (% of frames)": (0.01, 10),
}
"""Where one class of clips ends and the next begins."""


def evaluate_robustness(lifter: ClipLifter, virtual: Sequence[VirtualClip]) -> dict:
    """`overall` errors, and those `by` fact and by class of the fact; `clips` of each.

    Raises:
      InputError: no clips, another skeleton, or joints that are not finite.
    """
    if not virtual:
        raise InputError("no clips to evaluate on")
    rows = np.array([_errors(lifter, made) for made in virtual])
    report = {"overall": _means(rows), "by": {}}
    for fact, bounds in BINS.items():
        classes = np.digitize([made.facts[fact] for made in virtual], bounds)
        names = [f"< {bounds[0]:g}"]
        names += [f"{a:g} to {b:g}" for a, b in itertools.pairwise(bounds)]
        names += [f">= {bounds[-1]:g}"]
        report["by"][fact] = {
            name: _means(rows[classes == number])
            for number, name in enumerate(names)
            if (classes == number).any()
        }
    return report


def format_robustness(report: Mapping) -> str:
    """A line for every class."""
    titles = [*ROBUSTNESS_METRICS.values(), "clips"]
    lines = [" " * 34 + "".join(f"{title:>11}" for title in titles)]
    lines.append(_line("overall", report["overall"]))
    for fact, classes in report["by"].items():
        lines += [_line(f"{fact} {name}", errors) for name, errors in classes.items()]
    return "\n".join([*lines, "(mm, degrees, and MPJVE in mm a frame)"])


def _line(name: str, errors: Mapping) -> str:
    cells = "".join(f"{errors[metric]:11.1f}" for metric in ROBUSTNESS_METRICS)
    return f"{name:34}{cells}{errors['clips']:11}"


def _errors(lifter: ClipLifter, made: VirtualClip) -> list[float]:
    clip, skeleton = made.clip, lifter.model.skeleton
    predicted, target = compared(clip, lifter(clip)["joints"])
    errors = [
        1000 * metrics.mpjpe(predicted, target),
        1000 * metrics.clip_scale_mpjpe(predicted, target),
        1000 * metrics.p_mpjpe(predicted, target),
        limb_errors(predicted, target, skeleton),
        flexion_errors(predicted, target, "knee", skeleton),
        flexion_errors(predicted, target, "elbow", skeleton),
        1000 * metrics.mpjve(predicted, target),
    ]
    return [float(error.mean()) for error in errors]


def _means(rows: np.ndarray) -> dict:
    means = dict(zip(ROBUSTNESS_METRICS, rows.mean(axis=0).tolist(), strict=True))
    return means | {"clips": len(rows)}
