"""The training loop: epochs, checkpoints, curves, validation, and an exact way back in."""

from __future__ import annotations

import itertools
import logging
import pathlib
import time
from collections.abc import Sequence

import keras
import tensorflow as tf

from anatomy_tf.data.batches.frame_table import FrameTable
from anatomy_tf.data.batches.motion_table import MotionTable
from anatomy_tf.data.batches.pipeline import Sampling, training_dataset
from anatomy_tf.data.clip import Clip
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.models.weights import tensorflow_variables
from anatomy_tf.training.batch_norm import set_momentum, take_statistics
from anatomy_tf.training.checkpoints import Checkpoints
from anatomy_tf.training.choices import LossWeights
from anatomy_tf.training.curves import Curves
from anatomy_tf.training.loss_watch import LossWatch
from anatomy_tf.training.optimizers import PUBLISHED, OptimizerChoice, optimizer_variables
from anatomy_tf.training.progress import Progress
from anatomy_tf.training.schedules import Schedule
from anatomy_tf.training.trainer import build_trainer
from anatomy_tf.training.validation import NO_VALIDATION, Validation, ValidationPlan
from anatomy_tf.training.weight_averages import WeightAverages

LOG = logging.getLogger(__name__)


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
    optimizer: OptimizerChoice = PUBLISHED,
    weight_average: str = "none",
    average_decay: float = 0.999,
    validation_clips: Sequence[Clip] = (),
    validation: ValidationPlan = NO_VALIDATION,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> dict:
    """Trains `lifter` in place; gives `epochs` and `seconds` that it took in all, and the `best`
    validation.

    Writes to `output_dir`: `checkpoints/`, one an epoch and one on Ctrl-C, of which the last two
    stay; `tensorboard/`, every loss term, rate and validation error; `best.keras`, if the plan of
    the validation says so. A run that is resumed goes on exactly as it would have without the
    interruption.

    Args:
      optimizer: of the steps.
      weight_average, average_decay: of `WeightAverages`, which the model has in the end; `none`
        keeps the last weights.
      validation_clips, validation: what is validated on, and when.
      callbacks: of Keras, called as `fit` would; `model` is the `AnatomyTrainer`, and `logs` of an
        epoch have its last step's losses and `validation_mpjpe_mm`; `params` have the
        `validation_clips`. What they remember is not in the checkpoints.

    Raises:
      InputError: `resume` is on and the checkpoints are damaged or of another architecture; or the
        loss is no longer a number, or explodes; or a checkpoint cannot be written.
      KeyboardInterrupt: passed on after a checkpoint is written.
    """
    steps_per_epoch = sampling.steps_in_epoch(table)
    trainer = build_trainer(
        lifter, loss_weights, schedule.learning_rate, length_pass, precision, optimizer
    )
    steps = trainer.optimizer
    averages = None
    if weight_average != "none":
        averages = WeightAverages(lifter, weight_average, average_decay, schedule.epochs)
    validated = Validation(lifter, validation_clips, validation, output_dir)
    seconds = tf.Variable(0.0, trainable=False, dtype=tf.float64)
    watch = LossWatch()
    checkpoints = Checkpoints(
        output_dir,
        {
            "lifter": tensorflow_variables(lifter.training_weights()),
            "optimizer": optimizer_variables(steps),
            "validation": validated.variables(),
            "clock": [seconds],
            "watch": watch.variables(),
            **({"averages": averages.variables()} if averages else {}),
        },
    )
    if resume:
        checkpoints.restore()

    # The random draws of a step follow from its number, so the number is all there is to restore.
    first_step = int(steps.iterations)
    batches = iter(
        training_dataset(table, sampling, lifter.receptive_field, lifter.causal, first_step)
    )
    train_step = tf.function(trainer.train_step, autograph=False)
    progress = Progress(schedule.epochs, steps_per_epoch, first_step)
    curves = Curves(output_dir, sampling.batch_size)
    trainer.stop_training = False
    told = keras.callbacks.CallbackList(
        list(callbacks),
        model=trainer,
        epochs=schedule.epochs,
        steps=steps_per_epoch,
        verbose=0,
        validation_clips=validation_clips,
    )
    start = time.monotonic() - float(seconds)
    try:
        told.on_train_begin()
        if first_step % steps_per_epoch == 0:  # Ctrl-C may have come between an epoch and this
            curves.after_epoch(first_step, validated.after_epoch(first_step // steps_per_epoch))
        left = 0 if validated.is_over() else schedule.epochs * steps_per_epoch - first_step
        for step, batch in enumerate(itertools.islice(batches, left), start=first_step + 1):
            epoch, steps_before = divmod(step - 1, steps_per_epoch)
            epoch_done = steps_before + 1 == steps_per_epoch
            rates = {
                "learning_rate": schedule.learning_rate_at(
                    epoch, (steps_before + 1) / steps_per_epoch
                ),
                "batch_norm_momentum": schedule.momentum_at(epoch),
            }
            steps.learning_rate = rates["learning_rate"]
            if step == first_step + 1 or steps_before == 0:
                set_momentum(lifter, rates["batch_norm_momentum"])
                told.on_epoch_begin(epoch)
            told.on_train_batch_begin(steps_before)
            terms = {name: float(value) for name, value in train_step(batch).items()}
            watch.check(step, terms)
            if averages:
                averages.after_step(epoch, epoch_done)
            progress.update(step, terms["loss"])
            told.on_train_batch_end(steps_before, terms)
            curves.after_step(step, epoch_done, rates, terms)
            seconds.assign(time.monotonic() - start)
            if epoch_done:
                errors = validated.after_epoch(epoch + 1)
                curves.after_epoch(step, errors)
                logs = {f"validation_{name}": value for name, value in errors.items()}
                told.on_epoch_end(epoch, terms | logs)
                checkpoints.save(step)
                if validated.is_over():
                    LOG.info("no better for %d validations: training ends", validation.patience)
                if validated.is_over() or trainer.stop_training:
                    break
        told.on_train_end()
    except KeyboardInterrupt:
        checkpoints.save(int(steps.iterations))
        raise
    finally:
        curves.close()
    epochs = int(steps.iterations) // steps_per_epoch
    if averages:
        averages.replace_weights()
    take_statistics(lifter, itertools.islice(batches, schedule.statistics_batches))
    return {"epochs": epochs, "seconds": round(float(seconds), 1), "best": validated.best()}
