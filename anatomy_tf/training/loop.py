"""The training loop: epochs, checkpoints, curves, validation, and an exact way back in."""

from __future__ import annotations

import itertools
import logging
import pathlib
import time
from collections.abc import Iterable, Sequence

import keras
import numpy as np
import tensorflow as tf

from anatomy_tf.data.batches.frame_table import FrameTable
from anatomy_tf.data.batches.motion_table import MotionTable
from anatomy_tf.data.batches.parts import parts_of_batches
from anatomy_tf.data.batches.pipeline import Sampling, training_dataset
from anatomy_tf.data.clip import Clip
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.models.weights import tensorflow_variables
from anatomy_tf.training.batch_norm import set_momentum, take_statistics
from anatomy_tf.training.checkpoints import Checkpoints
from anatomy_tf.training.choices import LossWeights
from anatomy_tf.training.curves import Curves
from anatomy_tf.training.loss_watch import LossWatch
from anatomy_tf.training.optimizers import (
    PUBLISHED,
    OptimizerChoice,
    optimizer_variables,
    steps_done,
)
from anatomy_tf.training.progress import Progress
from anatomy_tf.training.schedules import Schedule
from anatomy_tf.training.trainer import AnatomyTrainer, build_trainer
from anatomy_tf.training.unread_steps import Step, UnreadSteps
from anatomy_tf.training.validation import NO_VALIDATION, Validation, ValidationPlan
from anatomy_tf.training.weight_averages import averages_of
from anatomy_tf.training.workers import ALONE, Workers

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
    workers: Workers = ALONE,
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
      workers: who trains; `lifter` was made in the scope of their strategy. The chief alone
        validates, calls the callbacks, and writes.

    Raises:
      InputError: `resume` is on and the checkpoints are damaged or of another architecture; or the
        loss is no longer a number, or explodes; or a checkpoint cannot be written.
      KeyboardInterrupt: passed on after a checkpoint is written.
    """
    steps_per_epoch = sampling.steps_in_epoch(table)
    with workers.strategy.scope():
        trainer = build_trainer(
            lifter, loss_weights, schedule.learning_rate, length_pass, precision, optimizer
        )
        averages = averages_of(lifter, weight_average, average_decay, schedule.epochs)
    steps = trainer.optimizer
    validated = Validation(lifter, validation_clips, validation, output_dir)
    seconds = tf.Variable(0.0, trainable=False, dtype=tf.float64)
    watch = LossWatch()
    trained = {
        "lifter": tensorflow_variables(lifter.training_weights()),
        "optimizer": optimizer_variables(steps),
        **({"averages": averages.variables()} if averages else {}),
    }
    checkpoints = Checkpoints(
        output_dir,
        {
            **trained,
            "validation": validated.variables(),
            "clock": [seconds],
            "watch": watch.variables(),
        },
    )
    if resume and workers.is_chief:
        checkpoints.restore()
    workers.share_variables([variable for part in trained.values() for variable in part])

    # The random draws of a step follow from its number, so the number is all there is to restore.
    first_step = steps_done(steps)
    batches = iter(_batches(workers.strategy, table, sampling, lifter, first_step))
    train_step = _train_step(workers.strategy, trainer)
    progress = Progress(schedule.epochs, steps_per_epoch, first_step)
    curves = Curves(output_dir, sampling.batch_size, written=workers.is_chief)
    trainer.stop_training = False
    told = keras.callbacks.CallbackList(
        list(callbacks) if workers.is_chief else [],
        model=trainer,
        epochs=schedule.epochs,
        steps=steps_per_epoch,
        verbose=0,
        validation_clips=validation_clips,
    )
    hears_of_steps = workers.is_chief and any(map(_hears_of_steps, callbacks))
    start = time.monotonic() - float(seconds)
    unread = UnreadSteps()

    def read() -> dict[str, float]:
        """Looks at the steps that nobody has looked at yet; gives the terms of the last."""
        terms: dict[str, float] = {}
        for step in unread.read():
            terms = dict(step.terms)
            watch.check(step.number, terms)
            if workers.is_chief:
                progress.update(step.number, terms["loss"])
            told.on_train_batch_end((step.number - 1) % steps_per_epoch, terms)
            curves.after_step(step.number, step.epoch_done, step.rates, terms)
        seconds.assign(np.array(time.monotonic() - start))  # as in `Curves`, no number of Python's
        return terms

    def end_epoch(epoch: int, step: int, terms: dict[str, float]) -> bool:
        """What the chief does after an epoch; whether training is over before its time."""
        errors = validated.after_epoch(epoch + 1)
        curves.after_epoch(step, errors)
        logs = {f"validation_{name}": value for name, value in errors.items()}
        told.on_epoch_end(epoch, terms | logs)
        checkpoints.save(step)
        if validated.is_over():
            LOG.info("no better for %d validations: training ends", validation.patience)
        return validated.is_over() or bool(trainer.stop_training)

    def begin() -> bool:
        if first_step % steps_per_epoch == 0:  # Ctrl-C may have come between an epoch and this
            curves.after_epoch(first_step, validated.after_epoch(first_step // steps_per_epoch))
        return validated.is_over()

    try:
        told.on_train_begin()
        over = workers.chief_does(begin)
        left = 0 if over else schedule.epochs * steps_per_epoch - first_step
        learning_rate = None
        for step, batch in enumerate(itertools.islice(batches, left), start=first_step + 1):
            epoch, steps_before = divmod(step - 1, steps_per_epoch)
            epoch_done = steps_before + 1 == steps_per_epoch
            rates = {
                "learning_rate": schedule.learning_rate_at(
                    epoch, (steps_before + 1) / steps_per_epoch
                ),
                "batch_norm_momentum": schedule.momentum_at(epoch),
            }
            if rates["learning_rate"] != learning_rate:
                learning_rate = rates["learning_rate"]
                steps.learning_rate = np.array(learning_rate)
            if step == first_step + 1 or steps_before == 0:
                set_momentum(lifter, rates["batch_norm_momentum"])
                told.on_epoch_begin(epoch)
            told.on_train_batch_begin(steps_before)
            unread.add(Step(step, epoch_done, rates, train_step(batch)))
            if averages:
                averages.after_step(epoch, epoch_done)
            if epoch_done or hears_of_steps or curves.are_due(step) or unread.are_due():
                terms = read()
            if epoch_done and workers.chief_does(end_epoch, epoch, step, terms):
                break
        told.on_train_end()
    except KeyboardInterrupt:
        if workers.is_chief:
            read()
            checkpoints.save(steps_done(steps))
        raise
    finally:
        curves.close()
    epochs = steps_done(steps) // steps_per_epoch
    if averages:
        averages.replace_weights()
    statistics_batches = itertools.islice(batches, schedule.statistics_batches)
    take_statistics(lifter, statistics_batches, workers.strategy)
    return {
        "epochs": epochs,
        "seconds": round(float(seconds), 1),
        "best": validated.best(),
        "replicas": workers.replicas,
    }


def _train_step(strategy: tf.distribute.Strategy, trainer: AnatomyTrainer):
    """A step of all replicas, compiled; the terms are the same in all."""

    @tf.function(autograph=False)
    def train_step(batch) -> dict[str, tf.Tensor]:
        terms = strategy.run(trainer.train_step, args=(batch,))
        return {name: strategy.experimental_local_results(v)[0] for name, v in terms.items()}

    return train_step


def _batches(
    strategy: tf.distribute.Strategy,
    table: FrameTable | MotionTable,
    sampling: Sampling,
    lifter: AnatomyLifter,
    first_step: int,
) -> Iterable:
    """Batches from a step on, every replica's part on its device before it is needed."""

    def whole() -> tf.data.Dataset:
        field, causal = lifter.receptive_field, lifter.causal
        return training_dataset(table, sampling, field, causal, first_step)

    def parts(context: tf.distribute.InputContext) -> tf.data.Dataset:
        replicas = context.num_replicas_in_sync
        here = replicas // context.num_input_pipelines
        first = context.input_pipeline_id * here
        return parts_of_batches(whole(), sampling.batch_size, replicas, first, here)

    if strategy.num_replicas_in_sync > 1:
        return strategy.distribute_datasets_from_function(parts)
    if tf.config.list_logical_devices("GPU"):
        return whole().apply(tf.data.experimental.prefetch_to_device("/gpu:0"))
    return whole()


def _hears_of_steps(callback: keras.callbacks.Callback) -> bool:
    """Whether a callback does anything after a step, and so needs its losses at once."""
    return type(callback).on_train_batch_end is not keras.callbacks.Callback.on_train_batch_end
