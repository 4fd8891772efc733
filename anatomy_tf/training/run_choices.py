"""What makes one training run another than the next."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

from anatomy_tf.data.batches.pipeline import Sampling
from anatomy_tf.training.choices import LossWeights
from anatomy_tf.training.optimizers import PUBLISHED, OptimizerChoice
from anatomy_tf.training.schedules import Schedule
from anatomy_tf.training.validation import NO_VALIDATION, ValidationPlan


@dataclasses.dataclass(frozen=True)
class RunChoices:
    """All that a training run is told, but for its clips, its folder, and who trains.

    Attributes:
      model: arguments of `AnatomyLifter`, but for the skeleton, which is the clips'.
      flags, flag_defaults: what makes this run, kept as `flags.cfg`, and all flags at their
        defaults; see `check_flags`.
      length_pass: how the sampled frames are lifted, of `LENGTH_PASSES`.
      precision: of the hidden features in training, of `PRECISIONS`.
      flip: train on mirrored clips too.
      resume: go on from the last checkpoint in the folder; without one, just start.
      cameras: who sees the training examples, of `CAMERAS`.
      optimizer, weight_average, average_decay, validation: as in `anatomy_tf.training.loop.train`.
      init: a finished model whose weights are trained on, as far as they fit.
      data_on_disk: keep the frames of the training clips, which may be made as they are read, in
        files in the folder while it trains; the examples are the same.
      program: a folder for the steps as a program that is run elsewhere, see `train_elsewhere`.
      half_weights: keep the model's weights in 16 bits.
      final_assembly: that of the finished model, if it is another one than trains; `kinematic`.
    """

    model: Mapping[str, Any]
    sampling: Sampling
    schedule: Schedule
    loss_weights: LossWeights
    flags: str = ""
    flag_defaults: str = ""
    length_pass: str = "exact"
    precision: str = "float32"
    flip: bool = True
    resume: bool = False
    cameras: str = "own"
    optimizer: OptimizerChoice = PUBLISHED
    weight_average: str = "none"
    average_decay: float = 0.999
    init: pathlib.Path | str | None = None
    validation: ValidationPlan = NO_VALIDATION
    data_on_disk: bool = False
    program: pathlib.Path | None = None
    half_weights: bool = False
    final_assembly: str | None = None
