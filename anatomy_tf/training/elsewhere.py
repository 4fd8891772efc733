"""A training whose steps are made elsewhere, on a machine that need not have TensorFlow."""

from __future__ import annotations

import itertools
import pathlib
from collections.abc import Sequence

from anatomy_tf.data.batches.frame_table import FrameTable
from anatomy_tf.data.batches.motion_table import MotionTable, build_motion_table
from anatomy_tf.data.batches.pipeline import Sampling, training_dataset
from anatomy_tf.data.clip import Clip
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.training.batch_norm import take_statistics
from anatomy_tf.training.choices import LossWeights
from anatomy_tf.training.optimizers import PUBLISHED, OptimizerChoice
from anatomy_tf.training.schedules import Schedule
from anatomy_tf.training.step_program import OUTCOME, StepProgram
from anatomy_tf.training.trainer import build_trainer
from anatomy_tf.training.weight_averages import averages_of


def train_elsewhere(
    lifter: AnatomyLifter,
    table: FrameTable | MotionTable,
    sampling: Sampling,
    schedule: Schedule,
    loss_weights: LossWeights,
    validation_clips: Sequence[Clip],
    program: pathlib.Path,
    length_pass: str = "exact",
    precision: str = "float32",
    optimizer: OptimizerChoice = PUBLISHED,
    weight_average: str = "none",
    average_decay: float = 0.999,
) -> dict:
    """Writes the folder `program`; or, once its steps are made, gives their weights to `lifter`, as
    `anatomy_tf.training.loop.train` would.

    What it gives is empty where the steps are still to be made.

    Raises:
      InputError: there is no such program (see `StepProgram`), or the folder is another training's,
        or cannot be written.
    """
    trainer = build_trainer(
        lifter, loss_weights, schedule.learning_rate, length_pass, precision, optimizer
    )
    averages = averages_of(lifter, weight_average, average_decay, schedule.epochs)
    validation = build_motion_table(validation_clips, flip=False)
    steps = StepProgram(trainer, table, validation, sampling, averages)
    outcome = program / OUTCOME
    if not outcome.is_file():
        steps.write(program, schedule)
        return {}
    made = steps.take(outcome)
    if averages:
        averages.replace_weights()
    batches = training_dataset(table, sampling, lifter.receptive_field, lifter.causal)
    take_statistics(lifter, itertools.islice(batches, schedule.statistics_batches))
    return {"epochs": schedule.epochs, "best": None, "replicas": 1} | made
