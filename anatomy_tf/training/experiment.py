"""A whole training run, from the name of a data set to a finished model and its errors."""

from __future__ import annotations

import inspect
import logging
import os
import pathlib
from collections.abc import Iterator, Mapping, Sequence

import keras

from anatomy_tf.data import sources
from anatomy_tf.data.batches.pipeline import Sampling
from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.training.choices import LOSS_WEIGHTS, LossWeights
from anatomy_tf.training.optimizers import PUBLISHED, OptimizerChoice
from anatomy_tf.training.run import run_training
from anatomy_tf.training.run_checks import check_run
from anatomy_tf.training.run_choices import RunChoices
from anatomy_tf.training.schedules import Schedule
from anatomy_tf.training.validation import NO_VALIDATION, ValidationPlan
from anatomy_tf.training.workers import open_workers

LOG = logging.getLogger(__name__)
_NOT_SETTINGS = (
    *("output_dir", "resume", "settings", "default_settings", "callbacks"),
    *("strategy", "wait_seconds", "data_on_disk", "program"),
)


def train(
    output_dir: str | os.PathLike[str],
    *,
    data: str = "cmu",
    data_dir: str | None = None,
    more_data_dirs: Sequence[str] = (),
    train_subjects: Sequence[str] | None = None,
    test_subjects: Sequence[str] | None = None,
    keypoints: str = "detected",
    cameras: str = "own",
    min_clip_frames: int = 1,
    flip: bool = True,
    data_on_disk: bool = False,
    model: Mapping[str, object] | None = None,
    sampling: Sampling | None = None,
    schedule: Schedule | None = None,
    loss_weights: LossWeights = LOSS_WEIGHTS["released"],
    length_pass: str = "exact",
    precision: str = "float32",
    optimizer: OptimizerChoice = PUBLISHED,
    weight_average: str = "none",
    average_decay: float = 0.999,
    init: str | None = None,
    validation: ValidationPlan = NO_VALIDATION,
    validation_subjects: Sequence[str] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    resume: bool = False,
    strategy: str = "none",
    wait_seconds: float = 300,
    program: pathlib.Path | str | None = None,
    half_weights: bool = False,
    final_assembly: str | None = None,
    settings: str | None = None,
    default_settings: str = "",
) -> tuple[AnatomyLifter, dict]:
    """Trains a model and evaluates it on the test subjects; gives both model and report.

    Leaves in `output_dir`: `model.keras`, `metrics.json`, `checkpoints/`, `tensorboard/`, and
    `flags.cfg`, what makes the run.

    Args:
      data, data_dir: what to train and test on, of `data.sources.NAMES`, and its folder, where that
        is not shipped.
      more_data_dirs: mocap folders whose training subjects are trained on as well.
      train_subjects, test_subjects: instead of the data's own split.
      keypoints: `detected`, or `projected` from the 3D joints.
      cameras: the clips' `own`, or `virtual` ones, where every training example is seen by a camera
        of its own, is a body of its own, and is found by a detector of its own.
      min_clip_frames: shorter clips are not trained on.
      flip: train on mirrored clips too.
      data_on_disk: keep the training frames in files in `output_dir` instead of in memory, for data
        that are more than it holds; the examples are the same. Subject by subject is read.
      model: arguments of `AnatomyLifter`, but for the skeleton, which is the data's.
      sampling, schedule, loss_weights: as the classes say; by default the published ones.
      length_pass, precision: how the sampled frames are lifted, and hidden features computed.
      optimizer: what makes the steps, with weight decay and clipping of gradients.
      weight_average, average_decay: which average of the weights the model has in the end, of
        `WEIGHT_AVERAGES`, and how much of an `ema` a step leaves.
      init: a finished model, by name or path, to train on, as far as its layers fit.
      validation: after how many epochs errors are taken, and what follows from them.
      validation_subjects: what they are taken on, instead of the test subjects. To choose a model
        by the test subjects makes their errors too low.
      callbacks: of Keras, as in `anatomy_tf.training.loop.train`.
      strategy: which devices train, of `STRATEGIES`. With `multi_worker` the same call is made in
        every process of the TF_CONFIG, before anything else of TensorFlow; the first one leaves
        the folder, and all get the report. A process whose peers are gone, and that does not get
        out of TensorFlow within 20 s, is ended.
      wait_seconds: how long the processes wait for each other at the start.
      half_weights: keep the model's weights in 16 bits, in half the file.
      final_assembly: `kinematic` adds up the bones of a model that was trained with assembly
        `released`, see `models.reassembly`.
      program: a folder for the steps as a program for a machine with an accelerator and no
        TensorFlow. The first call writes it, and the report is empty; after the steps are made
        there, the same call takes their weights and evaluates them.
      resume: go on from the last checkpoint in `output_dir`, exactly.
      settings, default_settings: flags of the run, and all flags at their defaults; a run is only
        resumed with the same, but for `--epochs` and flags that are new. None is all arguments.

    Raises:
      InputError: no such data, a bad argument, or a folder that cannot be written or holds another
        run; workers that do not come, differ, or end.
    """
    output_dir = pathlib.Path(output_dir)
    sampling = sampling or Sampling()
    model = model_arguments(model or {})
    arguments = {k: v for k, v in locals().items() if k not in _NOT_SETTINGS}
    if settings is None:
        settings = "".join(f"# {name}: {value}\n" for name, value in arguments.items())
    choices = RunChoices(
        model=model,
        sampling=sampling,
        schedule=schedule or Schedule(epochs=60),
        loss_weights=loss_weights,
        flags=settings,
        flag_defaults=default_settings,
        length_pass=length_pass,
        precision=precision,
        flip=flip,
        resume=resume,
        cameras=cameras,
        optimizer=optimizer,
        weight_average=weight_average,
        average_decay=average_decay,
        init=init,
        validation=validation,
        data_on_disk=data_on_disk,
        program=pathlib.Path(program) if program else None,
        half_weights=half_weights,
        final_assembly=final_assembly,
    )
    with open_workers(strategy, settings, wait_seconds) as workers:
        check_run(choices, output_dir, workers)
        source = sources.open_source(data, data_dir)
        train_subjects = train_subjects or source.train_subjects
        chosen = [(source, train_subjects)]
        for folder in more_data_dirs:
            more = sources.open_source("own", folder)
            chosen.append((more, more.train_subjects))
        return run_training(
            train_clips=_training_clips(chosen, keypoints, min_clip_frames),
            test_clips=sources.read_clips(source, test_subjects or source.test_subjects, keypoints),
            data=" + ".join([sources.label(data, data_dir), *more_data_dirs]),
            output_dir=output_dir,
            choices=choices,
            validation_clips=sources.read_clips(source, validation_subjects, keypoints)
            if validation_subjects
            else (),
            callbacks=callbacks,
            workers=workers,
        )


def _training_clips(
    chosen: Sequence[tuple[sources.Source, Sequence[str]]],
    keypoints: str,
    min_clip_frames: int,
) -> Iterator[Clip]:
    """The clips of the chosen subjects that are long enough, read subject by subject."""
    trained, short = 0, 0
    shown: list[str] = []
    for source, subjects in chosen:
        shown += subjects
        for subject in dict.fromkeys(subjects):
            for clip in sources.read_clips(source, [subject], keypoints):
                if len(clip) >= min_clip_frames:
                    trained += 1
                    yield clip
                else:
                    short += 1
    LOG.info(
        "training on %d clips of %s; %d skipped as too short", trained, ", ".join(shown), short
    )


def model_arguments(given: Mapping[str, object]) -> dict[str, object]:
    """The arguments of `AnatomyLifter` for a training: those given, and the others' defaults.

    Raises:
      InputError: one that it does not have.
    """
    parameters = inspect.signature(AnatomyLifter.__init__).parameters.values()
    defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
    for name in ("skeleton", "seed", "trained_on"):  # the run's own
        del defaults[name]
    for name in given:
        if name not in defaults:
            raise InputError(f"model: it has no argument {name}, but {', '.join(defaults)}")
    return defaults | dict(given)
