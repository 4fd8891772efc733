"""Errors of a model while it trains: the best one is kept, and a training that no longer gets
better ends.
"""

from __future__ import annotations

import dataclasses
import logging
import pathlib
from collections.abc import Sequence

import tensorflow as tf

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.evaluate import errors_of
from anatomy_tf.files import replacing
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.lifter import AnatomyLifter

LOG = logging.getLogger(__name__)
BEST_NAME = "best.keras"
SHOWN = ("mpjpe_mm", "p_mpjpe_mm", "mpjve_mm")


@dataclasses.dataclass(frozen=True)
class ValidationPlan:
    """When a model is validated, and what follows from it.

    Args:
      every: epochs from one validation to the next; 0 is never.
      keep_best: keep the model of the lowest MPJPE so far, as `best.keras`.
      patience: validations in a row without a lower MPJPE after which training ends; 0: none do.
    """

    every: int = 0
    keep_best: bool = False
    patience: int = 0


NO_VALIDATION = ValidationPlan()


class Validation:
    """Lifts the validation clips as `evaluate` does, with the weights and moving statistics of the
    moment; an average of the weights has no part in it.

    Args:
      lifter: the model in training.
      clips: with 3D joints.
      output_dir: the run's folder.
    """

    def __init__(
        self,
        lifter: AnatomyLifter,
        clips: Sequence[Clip],
        plan: ValidationPlan,
        output_dir: pathlib.Path,
    ):
        self.plan = plan
        self._clips = clips
        self._output_dir = output_dir
        self._lifter = ClipLifter(lifter)
        self._epochs = tf.Variable(0, trainable=False)
        self._best_epoch = tf.Variable(0, trainable=False)
        self._best = tf.Variable(float("inf"), trainable=False, dtype=tf.float64)

    def variables(self) -> list[tf.Variable]:
        """What a checkpoint has to keep."""
        return [self._epochs, self._best_epoch, self._best]

    def after_epoch(self, epochs: int) -> dict[str, float]:
        """The errors `SHOWN` after so many epochs in all, if they are due and not had yet."""
        every = self.plan.every
        if not every or not epochs or epochs % every or int(self._epochs) >= epochs:
            return {}
        predictions = (found["joints"] for found in self._lifter.lift_many(self._clips))
        report = errors_of(predictions, self._clips, self._lifter.model.skeleton)
        better = report["mpjpe_mm"] < float(self._best)
        if better and self.plan.keep_best:
            with replacing(self._output_dir / BEST_NAME) as temporary:
                self._lifter.model.save(temporary)
        if better:
            self._best.assign(report["mpjpe_mm"])
            self._best_epoch.assign(epochs)
        self._epochs.assign(epochs)
        subjects = ", ".join(sorted({clip.subject for clip in self._clips}))
        LOG.info(
            "epoch %d: MPJPE %.1f mm, P-MPJPE %.1f mm on %s%s",
            *(epochs, report["mpjpe_mm"], report["p_mpjpe_mm"], subjects),
            ", the best so far" if better else "",
            extra={"values": {"epoch": epochs, **{name: report[name] for name in SHOWN}}},
        )
        return {name: report[name] for name in SHOWN}

    def is_over(self) -> bool:
        """Whether training is to end, since it has not got better for long."""
        waited = (int(self._epochs) - int(self._best_epoch)) // max(self.plan.every, 1)
        return 0 < self.plan.patience <= waited

    def best(self) -> dict:
        """The lowest MPJPE, and after how many epochs; empty where nothing was validated."""
        if not int(self._best_epoch):
            return {}
        return {"epoch": int(self._best_epoch), "mpjpe_mm": float(self._best)}


def check_validation(plan: ValidationPlan) -> None:
    """Raises an InputError for what cannot be known without validation."""
    if not plan.every and (plan.keep_best or plan.patience):
        name = "keep_best" if plan.keep_best else "patience"
        raise InputError(f"{name}: give validate_every too, after how many epochs to validate")
