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
from collections.abc import Callable, Iterable, Iterator, Sequence

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
from anatomy_tf.training.run_checks import check_run
from anatomy_tf.training.run_choices import RunChoices
from anatomy_tf.training.run_facts import add_to_hash, keep_facts, run_facts
from anatomy_tf.training.run_flags import check_flags, keep_flags
from anatomy_tf.training.run_lock import run_lock
from anatomy_tf.training.workers import ALONE, Workers

LOG = logging.getLogger(__name__)
_TABLES: dict[str, Callable[..., FrameTable | MotionTable]] = {
    "own": build_frame_table,
    "virtual": build_motion_table,
}
"""What the examples are drawn from, by who sees them."""
_OF_THE_STEPS = ("length_pass", "precision", "optimizer", "weight_average", "average_decay")


def run_training(
    train_clips: Iterable[Clip],
    test_clips: Sequence[Clip],
    data: str,
    output_dir: pathlib.Path | str,
    choices: RunChoices,
    validation_clips: Sequence[Clip] = (),
    callbacks: Sequence[keras.callbacks.Callback] = (),
    workers: Workers = ALONE,
) -> tuple[AnatomyLifter, dict]:
    """Trains a model and evaluates it on `test_clips`; gives both model and report.

    Leaves in `output_dir`: `flags.cfg`; `run.json`, what is known of every start of the run; what
    `train` writes; `model.keras`; and `metrics.json`, the report with what `run` it was. The report
    is empty as long as the steps of a program are not made.

    Args:
      data: what the report calls the data.
      validation_clips: of other subjects than `test_clips`, which are taken if there are none.
      callbacks: as in `train`.
      workers: who trains; the chief alone writes and evaluates, and the others need no folder.

    Raises:
      InputError: what `check_run` refuses, or `train`; or the workers have different clips.
    """
    output_dir = pathlib.Path(output_dir)
    flip, cameras = choices.flip, choices.cameras
    told = TrainingFacts()
    train_clips = told.passing(train_clips)
    if choices.data_on_disk:
        table: FrameTable | MotionTable = frame_table_on_disk(train_clips, output_dir, flip)
    else:
        table = _TABLES[cameras](list(train_clips), flip=flip)
    workers.agree("training data (SHA-256)", told.sha256)
    seed = choices.sampling.seed
    keras.utils.set_random_seed(seed)
    with workers.strategy.scope():
        lifter = AnatomyLifter(
            table.skeleton, seed=seed, trained_on=told.facts(data, cameras), **choices.model
        )
    check_run(dataclasses.replace(choices, model=lifter.get_config()), output_dir, workers)
    sampling = training_sampling(choices.sampling, lifter, choices.loss_weights, cameras)

    def begin() -> dict:
        """What is known of the run, which the folder then has too."""
        # Another process may have begun a run there since.
        check_flags(output_dir, choices.flags, choices.resume, choices.flag_defaults)
        resumed = has_checkpoint(output_dir)
        if choices.init and not resumed:
            take_weights(lifter, choices.init)
        facts = run_facts(seed, choices.flags, told.sha256)
        keep_facts(output_dir, facts, resumed)
        keep_flags(output_dir, choices.flags)
        LOG.info(
            "%s gets checkpoints/, model.keras and metrics.json; curves: tensorboard --logdir %s",
            *(output_dir, output_dir),
        )
        return facts

    def finish(run: dict) -> dict:
        """The report, once the model is kept."""
        nonlocal lifter
        if choices.final_assembly:
            lifter = with_bones_added_up(lifter)
        if choices.half_weights:
            round_weights(lifter)
        with replacing(output_dir / "model.keras") as temporary:
            lifter.save(temporary)
            if choices.half_weights:
                halve_weights(temporary)
        report = evaluate(ClipLifter(lifter), test_clips, data)
        report["run"] = run
        if run["best"] and not validation_clips:
            run["best"]["chosen_on"] = "the test subjects"
        write_report(report, output_dir / "metrics.json")
        return report

    what = (lifter, table, sampling, choices.schedule, choices.loss_weights)
    validated = validation_clips or test_clips
    steps = {name: getattr(choices, name) for name in _OF_THE_STEPS}
    alone = run_lock(writable_folder(output_dir)) if workers.is_chief else contextlib.nullcontext()
    with alone:
        facts = workers.chief_does(begin)
        if choices.program:
            training = train_elsewhere(*what, validated, choices.program, **steps)
            if not training:
                return lifter, {}
        else:
            training = train(
                *what,
                output_dir,
                **steps,
                resume=choices.resume,
                validation_clips=validated,
                validation=choices.validation,
                callbacks=callbacks,
                workers=workers,
            )
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
