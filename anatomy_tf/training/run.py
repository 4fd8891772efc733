"""A whole training run in a folder: train, keep the finished model, evaluate it, write the report."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence

import keras

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.frame_table import build_frame_table
from anatomy_tf.data.pipeline import Sampling
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.evaluate import evaluate
from anatomy_tf.evaluation.report import write_report
from anatomy_tf.files import replacing, writable_folder
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.training.loop import train
from anatomy_tf.training.losses import LossWeights
from anatomy_tf.training.schedules import Schedule


def run_training(
    train_clips: Sequence[Clip],
    test_clips: Sequence[Clip],
    data: str,
    model: Mapping,
    sampling: Sampling,
    schedule: Schedule,
    loss_weights: LossWeights,
    output_dir: pathlib.Path | str,
    flags: str,
    flip: bool = True,
    resume: bool = False,
) -> tuple[AnatomyLifter, dict]:
    """Trains a model and evaluates it on `test_clips`; gives both model and report.

    Leaves in `output_dir`: `model.keras`, `metrics.json`, `flags.cfg`, and what `train` writes.

    Args:
      data: what the report calls the data.
      model: arguments of `AnatomyLifter`, but for the skeleton, which is the clips'.
      flags: what made this run, kept as `flags.cfg`; a run is only resumed with the same.
      flip: train on mirrored clips too.
      resume: go on from the last checkpoint in `output_dir`.

    Raises:
      InputError: the folder cannot be written, or holds another run; see also `train`.
    """
    output_dir = writable_folder(output_dir)
    keep_flags(output_dir / "flags.cfg", flags, resume)
    table = build_frame_table(train_clips, flip=flip)
    keras.utils.set_random_seed(sampling.seed)
    lifter = AnatomyLifter(table.skeleton, seed=sampling.seed, **model)
    train(lifter, table, sampling, schedule, loss_weights, output_dir, resume)
    with replacing(output_dir / "model.keras") as temporary:
        lifter.save(temporary)
    report = evaluate(ClipLifter(lifter), test_clips, data)
    write_report(report, output_dir / "metrics.json")
    return lifter, report


def keep_flags(path: pathlib.Path, flags: str, resume: bool) -> None:
    """Writes down the flags of a new run; checks those of a resumed one.

    Raises:
      InputError: the resumed run had other flags; names the first that differs.
    """
    if resume and path.is_file():
        before = path.read_text(encoding="utf-8")
        for old, new in zip(before.splitlines(), flags.splitlines(), strict=False):
            if old != new:
                raise InputError(f"{path} says {old}, now it is {new}: not the same run to resume")
        if len(before.splitlines()) != len(flags.splitlines()):
            raise InputError(f"{path} has other flags than now: not the same run to resume")
        return
    if any((path.parent / "checkpoints").glob("*.index")):
        raise InputError(f"{path.parent} holds a run already: --resume it, or name another folder")
    with replacing(path) as temporary:
        temporary.write_text(flags, encoding="utf-8")
