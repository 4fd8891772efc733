"""The training loop: epochs, checkpoints, TensorBoard, and an exact way back in."""

from __future__ import annotations

import itertools
import math
import pathlib

import tensorflow as tf

from anatomy_tf.data.batches.frame_table import FrameTable
from anatomy_tf.data.batches.motion_table import MotionTable
from anatomy_tf.data.batches.pipeline import Sampling, training_dataset
from anatomy_tf.errors import InputError
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.models.weights import tensorflow_variables
from anatomy_tf.training.batch_norm import set_momentum, take_statistics
from anatomy_tf.training.losses import LossWeights
from anatomy_tf.training.optimizers import PUBLISHED, OptimizerChoice, optimizer_variables
from anatomy_tf.training.progress import Progress
from anatomy_tf.training.schedules import Schedule
from anatomy_tf.training.trainer import build_trainer
from anatomy_tf.training.weight_averages import WeightAverages

SUMMARY_STEPS = 20
"""Steps from one point of the TensorBoard curves to the next."""


def train(
    lifter: AnatomyLifter,
    table: FrameTable | MotionTable,
    sampling: Sampling,
    schedule: Schedule,
    loss_weights: LossWeights,
    output_dir: pathlib.Path,
    length_pass: str = "exact",
    precision: str = "float32",
    resume: bool = False,
    weight_average: str = "none",
    average_decay: float = 0.999,
    optimizer: OptimizerChoice = PUBLISHED,
) -> None:
    """Trains `lifter` in place.

    Writes to `output_dir`: `checkpoints/`, one an epoch and one on Ctrl-C, of which the last two
    stay; `tensorboard/`, every loss term, learning rate and BatchNorm momentum. A run that is
    resumed goes on exactly as it would have without the interruption.

    Args:
      optimizer: of the steps.
      weight_average, average_decay: of `WeightAverages`, which the model has in the end; `none` keeps
        the last weights.

    Raises:
      InputError: `resume` is on and the checkpoint is missing or of another architecture; or the
        loss is no longer a number; or a checkpoint cannot be written.
      KeyboardInterrupt: passed on after a checkpoint is written.
    """
    steps_per_epoch = sampling.steps_in_epoch(table)
    trainer = build_trainer(
        lifter, loss_weights, schedule.learning_rate, length_pass, precision, optimizer
    )
    optimizer = trainer.optimizer
    averages = None
    if weight_average != "none":
        averages = WeightAverages(lifter, weight_average, average_decay, schedule.epochs)
    checkpoint = tf.train.Checkpoint(
        lifter=tensorflow_variables(lifter.training_weights()),
        optimizer=optimizer_variables(optimizer),
        **({"averages": averages.variables()} if averages else {}),
    )
    manager = tf.train.CheckpointManager(checkpoint, str(output_dir / "checkpoints"), max_to_keep=2)
    if resume:
        _restore(checkpoint, manager)

    # The random draws of a step follow from its number, so the number is all there is to restore.
    first_step = int(optimizer.iterations)
    left = schedule.epochs * steps_per_epoch - first_step
    batches = iter(
        training_dataset(table, sampling, lifter.receptive_field, lifter.causal, first_step)
    )
    train_step = tf.function(trainer.train_step, autograph=False)
    progress = Progress(schedule.epochs, steps_per_epoch, first_step)
    writer = tf.summary.create_file_writer(str(output_dir / "tensorboard"))
    try:
        for step, batch in enumerate(itertools.islice(batches, left), start=first_step + 1):
            epoch, steps_before = divmod(step - 1, steps_per_epoch)
            epoch_done = steps_before + 1 == steps_per_epoch
            rates = {
                "learning_rate": schedule.learning_rate_at(
                    epoch, (steps_before + 1) / steps_per_epoch
                ),
                "batch_norm_momentum": schedule.momentum_at(epoch),
            }
            optimizer.learning_rate = rates["learning_rate"]
            if step == first_step + 1 or steps_before == 0:
                set_momentum(lifter, rates["batch_norm_momentum"])
            terms = {name: float(value) for name, value in train_step(batch).items()}
            if averages:
                averages.after_step(epoch, epoch_done)
            if not math.isfinite(terms["loss"]):
                raise InputError(f"the loss is not finite at step {step}: lower the learning rate")
            progress.update(step, terms["loss"])
            if step % SUMMARY_STEPS == 0 or epoch_done:
                with writer.as_default(step=step):
                    for name, value in rates.items():
                        tf.summary.scalar(name, value)
                    tf.summary.scalar("gradient_norm", terms.pop("gradient_norm"))
                    for name, value in terms.items():
                        tf.summary.scalar(f"loss/{name}", value)
            if epoch_done:
                _save(manager, step)
    except KeyboardInterrupt:
        _save(manager, int(optimizer.iterations))
        raise
    finally:
        writer.close()
    if averages:
        averages.replace_weights()
    take_statistics(lifter, itertools.islice(batches, schedule.statistics_batches))


def has_checkpoint(output_dir: pathlib.Path) -> bool:
    """Whether a run that `train` began in `output_dir` can be resumed."""
    return (output_dir / "checkpoints" / "checkpoint").is_file()


def _save(manager: tf.train.CheckpointManager, step: int) -> None:
    try:
        manager.save(step)
    except tf.errors.OpError as error:
        reason = error.message.splitlines()[0]
        raise InputError(f"{manager.directory}: cannot be written ({reason})") from error


def _restore(checkpoint: tf.train.Checkpoint, manager: tf.train.CheckpointManager) -> None:
    if not manager.latest_checkpoint:
        raise InputError(f"{manager.directory}: no checkpoint to resume from")
    try:
        checkpoint.restore(manager.latest_checkpoint).assert_consumed()
    except (ValueError, IndexError, AssertionError, tf.errors.OpError) as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(
            f"{manager.latest_checkpoint}: not a checkpoint of this architecture ({reason})"
        ) from error
