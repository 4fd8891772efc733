"""How a data set's own script scores, where that is not what `evaluate` does."""

from __future__ import annotations

import collections
from collections.abc import Sequence

import numpy as np

from anatomy_tf.data.sets.bodies import MPI_INF_3DHP_17, MPI_INF_3DHP_SCORED
from anatomy_tf.data.sets.mpi_inf_3dhp import MpiInf3dhp, ScoredSequence
from anatomy_tf.data.sources import Source
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation import metrics
from anatomy_tf.evaluation.evaluate import compared
from anatomy_tf.inference.lift import ClipLifter

MPI_INF_3DHP_ACTIVITIES = (
    *("standing, walking", "exercise", "sitting", "crouching, reaching"),
    *("on the floor", "sports", "miscellaneous"),
)
"""What the test set's activities 1 to 7 are."""

_METRICS = ("mpjpe_mm", "pck", "auc")


def evaluate_mpi_inf_3dhp(lifter: ClipLifter, sequences: Sequence[ScoredSequence]) -> dict:
    """Scores as the tables of MPI-INF-3DHP have them: `all`, and by `scenes` and `activities`.

    A row is `mpjpe_mm` of all 17 joints, `pck` (150 mm) and `auc` of 14 of them in %, and the
    number of `frames`: the scored ones, each of which weighs the same. Joints are relative to the
    pelvis.

    Raises:
      InputError: no sequence, none of its frames scored, or a model of another body.
    """
    skeleton = lifter.model.skeleton
    names = skeleton.joint_names
    if set(names) != set(MPI_INF_3DHP_17.joint_names) or names[skeleton.root] != "pelvis":
        raise InputError("MPI-INF-3DHP is scored with models of its 17 joints and their pelvis")
    counted = [names.index(name) for name in MPI_INF_3DHP_SCORED]
    errors = collections.defaultdict(list)
    for sequence in sequences:
        clip, scored = sequence.clip, sequence.clip.scored
        predicted, target = (joints[scored] for joints in compared(clip, lifter(clip)["joints"]))
        of_frames = np.stack(
            [
                1000 * metrics.mpjpe(predicted, target),
                100 * metrics.pck(predicted[:, counted], target[:, counted]),
                100 * metrics.auc(predicted[:, counted], target[:, counted]),
            ],
            axis=-1,
        )
        errors["all", ""].append(of_frames)
        errors["scenes", clip.action].append(of_frames)
        for number, activity in enumerate(MPI_INF_3DHP_ACTIVITIES, start=1):
            errors["activities", activity].append(of_frames[sequence.activity[scored] == number])
    rows = {key: _row(np.concatenate(parts)) for key, parts in errors.items()}
    if not rows or not rows["all", ""]["frames"]:
        raise InputError("no scored frames to evaluate on")
    return {
        "all": rows["all", ""],
        **{
            kind: {name: row for (of, name), row in rows.items() if of == kind and row["frames"]}
            for kind in ("scenes", "activities")
        },
    }


def scores_of_data_set(lifter: ClipLifter, source: Source, subjects: Sequence[str]) -> dict | None:
    """What the script of the data set itself would say; None where `evaluate` says it already."""
    if not isinstance(source, MpiInf3dhp) or not set(subjects) <= set(source.test_subjects):
        return None
    return evaluate_mpi_inf_3dhp(lifter, [source.scored_sequence(name) for name in subjects])


def format_scores(scores: dict) -> str:
    """A line for each row of `scores_of_data_set`."""
    rows = {"all": scores["all"], **scores["scenes"], **scores["activities"]}
    lines = [
        f"{name:22}  MPJPE {row['mpjpe_mm']:.1f} mm  PCK {row['pck']:.1f} %  "
        f"AUC {row['auc']:.1f} %  {row['frames']} frames"
        for name, row in rows.items()
    ]
    return "\n".join(["As the data set's own script scores:", *lines])


def _row(errors: np.ndarray) -> dict[str, float]:
    means = errors.mean(axis=0) if len(errors) else errors.sum(axis=0)
    return dict(zip(_METRICS, means.tolist(), strict=True)) | {"frames": len(errors)}
