"""A whole training run in a folder: train, keep the finished model, evaluate
it, write the report.
"""

from __future__ import annotations

import collections
import dataclasses
import pathlib
from collections.abc import Mapping, Sequence

import keras

from anatomy_tf.data.batches.frame_table import build_frame_table
from anatomy_tf.data.batches.pipeline import Sampling
from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.error_report import write_report
from anatomy_tf.evaluation.evaluate import evaluate
from anatomy_tf.files import check_output_folder, replacing, writable_folder
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.lifter import AnatomyLifter, check_arguments
from anatomy_tf.training.loop import train
from anatomy_tf.training.losses import LossWeights
from anatomy_tf.training.outputs import check_length_pass
from anatomy_tf.training.schedules import Schedule

FLAGS_NAME = "flags.cfg"


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
    length_pass: str = "exact",
    precision: str = "float32",
    flip: bool = True,
    resume: bool = False,
) -> tuple[AnatomyLifter, dict]:
    """Trains a model and evaluates it on `test_clips`; gives both model and report.

    Leaves in `output_dir`: `flags.cfg`, what `train` writes, `model.keras`, `metrics.json`.

    Args:
      data: what the report calls the data.
      model: arguments of `AnatomyLifter`, but for the skeleton, which is the clips'.
      flags: what makes this run, kept as `flags.cfg`; a run is only resumed with the same.
      length_pass: how the sampled frames are lifted, of `LENGTH_PASSES`.
      precision: of the hidden features in training, of `PRECISIONS`.
      flip: train on mirrored clips too.
      resume: go on from the last checkpoint in `output_dir`.

    Raises:
      InputError: what `check_run` refuses, or `train`.
    """
    table = build_frame_table(train_clips, flip=flip)
    keras.utils.set_random_seed(sampling.seed)
    lifter = AnatomyLifter(
        table.skeleton,
        seed=sampling.seed,
        trained_on=training_facts(train_clips, data),
        **model,
    )
    check_run(lifter.get_config(), sampling, loss_weights, output_dir, flags, length_pass, resume)
    sampling = training_sampling(sampling, lifter, loss_weights)
    output_dir = writable_folder(output_dir)
    with replacing(output_dir / FLAGS_NAME) as temporary:
        temporary.write_text(flags, encoding="utf-8")
    arguments = (lifter, table, sampling, schedule, loss_weights, output_dir)
    train(*arguments, length_pass=length_pass, precision=precision, resume=resume)
    with replacing(output_dir / "model.keras") as temporary:
        lifter.save(temporary)
    report = evaluate(ClipLifter(lifter), test_clips, data)
    write_report(report, output_dir / "metrics.json")
    return lifter, report


def check_run(
    model: Mapping,
    sampling: Sampling,
    loss_weights: LossWeights,
    output_dir: pathlib.Path | str,
    flags: str,
    length_pass: str = "exact",
    resume: bool = False,
) -> None:
    """Refuses what `run_training` cannot do, from its arguments alone: before data is read.

    Raises:
      InputError: an argument of the model is out of range; loss weights, shared samples or length
        pass do not go with the model; the folder cannot be written, holds another run, or has none
        to resume.
    """
    check_arguments(model)
    check_length_pass(model["length_network"], length_pass)
    if loss_weights.consistency and model["assembly"] != "joints":
        raise InputError(
            f"bone length consistency is a loss of assembly joints, not of {model['assembly']}"
        )
    if sampling.shared and (model["causal"] or sampling.consecutive):
        raise InputError(
            "samples can be shared only where they are drawn over the whole clip: "
            "not by a causal model, nor with consecutive frames"
        )
    check_output_folder(output_dir)
    _check_flags(pathlib.Path(output_dir), flags, resume)


def training_facts(clips: Sequence[Clip], data: str) -> dict:
    """What a model keeps of the `clips` that it was trained on; `fps` is that of most frames."""
    frames: collections.Counter[float] = collections.Counter()
    for clip in clips:
        frames[float(clip.fps)] += len(clip)
    return {
        "data": data,
        "subjects": sorted({clip.subject for clip in clips}),
        "keypoints": sorted({clip.keypoints_from for clip in clips}),
        "frames": frames.total(),
        "fps": frames.most_common(1)[0][0],
    }


def training_sampling(
    sampling: Sampling, lifter: AnatomyLifter, loss_weights: LossWeights
) -> Sampling:
    """`sampling` of just what the model and its losses need."""
    return dataclasses.replace(
        sampling,
        sampled_frames=sampling.sampled_frames if lifter.frame_network else 0,
        other_windows=loss_weights.consistency > 0,
    )


def _check_flags(output_dir: pathlib.Path, flags: str, resume: bool) -> None:
    path = output_dir / FLAGS_NAME
    if resume:
        if not path.is_file():
            raise InputError(f"{output_dir}: there is no run to resume")
        differing = set(path.read_text(encoding="utf-8").splitlines()) ^ set(flags.splitlines())
        if differing:
            raise InputError(
                f"{path} and the flags now differ in {min(differing)}: not the same run"
            )
    elif any((output_dir / "checkpoints").glob("*.index")):
        raise InputError(f"{output_dir} holds a run already: --resume it, or name another folder")
