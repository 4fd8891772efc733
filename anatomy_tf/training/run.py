"""A whole training run in a folder: train, keep the finished model, evaluate
it, write the report.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import hashlib
import logging
import pathlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras

from anatomy_tf.data.batches.frame_table import FrameTable, build_frame_table
from anatomy_tf.data.batches.frame_table_on_disk import frame_table_on_disk
from anatomy_tf.data.batches.motion_table import MotionTable, build_motion_table
from anatomy_tf.data.batches.pipeline import Sampling
from anatomy_tf.data.clip import Clip
from anatomy_tf.evaluation.error_report import write_report
from anatomy_tf.evaluation.evaluate import evaluate
from anatomy_tf.files import replacing, writable_folder
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.half_weights import halve_weights, round_weights
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.models.reassembly import with_bones_added_up
from anatomy_tf.training.checkpoints import has_checkpoint
from anatomy_tf.training.choices import LossWeights
from anatomy_tf.training.elsewhere import train_elsewhere
from anatomy_tf.training.initial_weights import take_weights
from anatomy_tf.training.loop import train
from anatomy_tf.training.optimizers import PUBLISHED, OptimizerChoice
from anatomy_tf.training.run_checks import check_run
from anatomy_tf.training.run_facts import add_to_hash, keep_facts, run_facts
from anatomy_tf.training.run_flags import check_flags, keep_flags
from anatomy_tf.training.run_lock import run_lock
from anatomy_tf.training.schedules import Schedule
from anatomy_tf.training.validation import NO_VALIDATION, ValidationPlan
from anatomy_tf.training.workers import ALONE, Workers

LOG = logging.getLogger(__name__)
_TABLES: dict[str, Callable[..., FrameTable | MotionTable]] = {
    "own": build_frame_table,
    "virtual": build_motion_table,
}
"""What the examples are drawn from, by who sees them."""
_ELSEWHERE = ("length_pass", "precision", "optimizer", "weight_average", "average_decay")


def run_training(
    train_clips: Iterable[Clip],
    test_clips: Sequence[Clip],
    data: str,
    model: Mapping,
    sampling: Sampling,
    schedule: Schedule,
    loss_weights: LossWeights,
    output_dir: pathlib.Path | str,
    flags: str,
    flag_defaults: str = "",
    length_pass: str = "exact",
    precision: str = "float32",
    flip: bool = True,
    resume: bool = False,
    cameras: str = "own",
    optimizer: OptimizerChoice = PUBLISHED,
    weight_average: str = "none",
    average_decay: float = 0.999,
    init: pathlib.Path | str | None = None,
    validation_clips: Sequence[Clip] = (),
    validation: ValidationPlan = NO_VALIDATION,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    workers: Workers = ALONE,
    data_on_disk: bool = False,
    program: pathlib.Path | None = None,
    half_weights: bool = False,
    final_assembly: str | None = None,
) -> tuple[AnatomyLifter, dict]:
    """Trains a model and evaluates it on `test_clips`; gives both model and report.

    Leaves in `output_dir`: `flags.cfg`; `run.json`, what is known of every start of the run; what
    `train` writes; `model.keras`; and `metrics.json`, the report with what `run` it was.

    Args:
      data: what the report calls the data.
      model: arguments of `AnatomyLifter`, but for the skeleton, which is the clips'.
      flags, flag_defaults: what makes this run, kept as `flags.cfg`, and all flags at their
        defaults; see `check_flags`.
      length_pass: how the sampled frames are lifted, of `LENGTH_PASSES`.
      precision: of the hidden features in training, of `PRECISIONS`.
      flip: train on mirrored clips too.
      resume: go on from the last checkpoint in `output_dir`; without one, just start.
      cameras: who sees the training examples, of `CAMERAS`.
      optimizer, weight_average, average_decay, validation, callbacks: as in `train`.
      init: a finished model whose weights are trained on, as far as they fit.
      data_on_disk: keep the frames of `train_clips`, which may be made as they are read, in files
        in `output_dir` while it trains; the examples are the same.
      program: a folder for the steps as a program that is run elsewhere; the report is empty as
        long as they are not made, see `train_elsewhere`.
      half_weights: keep the model's weights in 16 bits.
      final_assembly: that of the finished model, if it is another one than trains; `kinematic`.
      validation_clips: of other subjects than `test_clips`, which are taken if there are none.
      workers: who trains; the chief alone writes and evaluates, and the others need no folder.

    Raises:
      InputError: what `check_run` refuses, or `train`; or the workers have different clips.
    """
    told = TrainingFacts()
    train_clips = told.passing(train_clips)
    if data_on_disk:
        table: FrameTable | MotionTable = frame_table_on_disk(
            train_clips, pathlib.Path(output_dir), flip
        )
    else:
        table = _TABLES[cameras](list(train_clips), flip=flip)
    workers.agree("training data (SHA-256)", told.sha256)
    keras.utils.set_random_seed(sampling.seed)
    with workers.strategy.scope():
        lifter = AnatomyLifter(
            table.skeleton,
            seed=sampling.seed,
            trained_on=told.facts(data, cameras),
            **model,
        )
    check_run(
        lifter.get_config(),
        *(sampling, schedule, loss_weights, output_dir, flags, flag_defaults, length_pass),
        *(resume, cameras, optimizer, weight_average, validation, data_on_disk),
        program=program,
        final_assembly=final_assembly,
        workers=workers,
    )
    sampling = training_sampling(sampling, lifter, loss_weights, cameras)
    output_dir = pathlib.Path(output_dir)

    def begin() -> dict:
        """What is known of the run, which the folder then has too."""
        # Another process may have begun a run there since.
        check_flags(output_dir, flags, resume, flag_defaults)
        resumed = has_checkpoint(output_dir)
        if init and not resumed:
            take_weights(lifter, init)
        facts = run_facts(sampling.seed, flags, told.sha256)
        keep_facts(output_dir, facts, resumed)
        keep_flags(output_dir, flags)
        LOG.info(
            "%s gets checkpoints/, model.keras and metrics.json; curves: tensorboard --logdir %s",
            *(output_dir, output_dir),
        )
        return facts

    def finish(run: dict) -> dict:
        """The report, once the model is kept."""
        nonlocal lifter
        if final_assembly:
            lifter = with_bones_added_up(lifter)
        if half_weights:
            round_weights(lifter)
        with replacing(output_dir / "model.keras") as temporary:
            lifter.save(temporary)
            if half_weights:
                halve_weights(temporary)
        report = evaluate(ClipLifter(lifter), test_clips, data)
        report["run"] = run
        if run["best"] and not validation_clips:
            run["best"]["chosen_on"] = "the test subjects"
        write_report(report, output_dir / "metrics.json")
        return report

    how: dict[str, Any] = {
        "length_pass": length_pass,
        "precision": precision,
        "resume": resume,
        "optimizer": optimizer,
        "weight_average": weight_average,
        "average_decay": average_decay,
        "validation_clips": validation_clips or test_clips,
        "validation": validation,
        "callbacks": callbacks,
        "workers": workers,
    }
    what = (lifter, table, sampling, schedule, loss_weights)
    alone = run_lock(writable_folder(output_dir)) if workers.is_chief else contextlib.nullcontext()
    with alone:
        facts = workers.chief_does(begin)
        if program:
            training = train_elsewhere(
                *what, how["validation_clips"], program, **{name: how[name] for name in _ELSEWHERE}
            )
            if not training:
                return lifter, {}
        else:
            training = train(*what, output_dir, **how)
        report = workers.chief_does(finish, facts | training)
    return lifter, report


class TrainingFacts:
    """What a model keeps of the clips that it was trained on, gathered as they pass."""

    def __init__(self) -> None:
        self._frames: collections.Counter[float] = collections.Counter()
        self._subjects: set[str] = set()
        self._keypoints: set[str] = set()
        self._hash = hashlib.sha256()

    def passing(self, clips: Iterable[Clip]) -> Iterator[Clip]:
        """The clips, of which facts are taken."""
        for clip in clips:
            self._frames[float(clip.fps)] += len(clip)
            self._subjects.add(clip.subject)
            self._keypoints.add(clip.keypoints_from)
            add_to_hash(self._hash, clip)
            yield clip

    @property
    def sha256(self) -> str:
        """Of all that training reads of the clips that passed, in their order."""
        return self._hash.hexdigest()

    def facts(self, data: str, cameras: str = "own") -> dict:
        """Of all clips that passed; `fps` is that of most frames."""
        virtual = {"keypoints": ["made-up detections"], "cameras": cameras}
        return {
            "data": data,
            "subjects": sorted(self._subjects),
            "keypoints": sorted(self._keypoints),
            "frames": self._frames.total(),
            "fps": self._frames.most_common(1)[0][0],
        } | (virtual if cameras == "virtual" else {})


def training_sampling(
    sampling: Sampling, lifter: AnatomyLifter, loss_weights: LossWeights, cameras: str = "own"
) -> Sampling:
    """`sampling` of just what the model and its losses need."""
    person = lifter.person_frame
    return dataclasses.replace(
        sampling,
        # In the person's frame, the sampled frames also tell the person's size in the clip.
        sampled_frames=sampling.sampled_frames if lifter.frame_network or person else 0,
        # All virtual bodies are made up.
        augmentation_degree=0 if cameras == "virtual" else sampling.augmentation_degree,
        other_windows=loss_weights.consistency > 0,
        context=(person.earlier, person.later) if person else (0, 0),
    )
