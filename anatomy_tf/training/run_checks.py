"""What a training run cannot be, told before any data is read."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping

from anatomy_tf.data.batches.parts import check_parts
from anatomy_tf.data.batches.pipeline import Sampling
from anatomy_tf.data.batches.variations import NO_VARIATIONS
from anatomy_tf.errors import InputError
from anatomy_tf.files import check_output_folder
from anatomy_tf.models.lifter import check_arguments
from anatomy_tf.models.reassembly import check_reassembly
from anatomy_tf.training.choices import OPTIMIZERS_OF_ADDONS, LossWeights
from anatomy_tf.training.optimizers import PUBLISHED, OptimizerChoice, check_optimizer
from anatomy_tf.training.outputs import check_length_pass
from anatomy_tf.training.run_flags import check_flags
from anatomy_tf.training.schedules import Schedule
from anatomy_tf.training.validation import NO_VALIDATION, ValidationPlan, check_validation
from anatomy_tf.training.weight_averages import check_average
from anatomy_tf.training.workers import ALONE, Workers


def check_run(
    model: Mapping,
    sampling: Sampling,
    schedule: Schedule,
    loss_weights: LossWeights,
    output_dir: pathlib.Path | str,
    flags: str,
    flag_defaults: str = "",
    length_pass: str = "exact",
    resume: bool = False,
    cameras: str = "own",
    optimizer: OptimizerChoice = PUBLISHED,
    weight_average: str = "none",
    validation: ValidationPlan = NO_VALIDATION,
    data_on_disk: bool = False,
    program: pathlib.Path | None = None,
    final_assembly: str | None = None,
    workers: Workers = ALONE,
) -> None:
    """Refuses what `run_training` cannot do, from its arguments alone: before data is read.

    Raises:
      InputError: an argument of the model is out of range; loss weights, shared samples or length
        pass do not go with the model; optimizer, average or validation cannot be had; a batch
        cannot be split over the workers; the folder cannot be written, or holds another run.
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
    if cameras == "virtual" and data_on_disk:
        raise InputError("data on disk: with the clips' own cameras only, not with virtual ones")
    if cameras != "virtual" and sampling.variations != NO_VARIATIONS:
        changed = next(
            name for name, value in dataclasses.asdict(sampling.variations).items() if value
        )
        raise InputError(f"{changed}: of the motion that virtual cameras see, cameras=virtual")
    if final_assembly:
        check_reassembly(model["assembly"], final_assembly)
    if program:
        _check_program(cameras, optimizer, workers)
    if cameras == "virtual" and sampling.shared:
        raise InputError("samples cannot be shared: every example has a virtual camera of its own")
    if loss_weights.consistency and (cameras == "virtual" or model["keypoint_frame"] == "person"):
        raise InputError(
            "bone length consistency needs keypoints on the screen of the clips' own cameras"
        )
    check_optimizer(optimizer)
    check_average(weight_average, schedule)
    check_validation(validation)
    if weight_average == "swa" and validation.patience:
        raise InputError(
            "patience: swa averages the last quarter of the epochs, which an early end may not have"
        )
    check_parts(sampling.batch_size, sampling.shared, workers.replicas)
    if not workers.is_chief:
        return
    check_output_folder(output_dir)
    check_flags(pathlib.Path(output_dir), flags, resume, flag_defaults)


def _check_program(cameras: str, optimizer: OptimizerChoice, workers: Workers) -> None:
    if cameras != "virtual":
        raise InputError("program: its examples are those of virtual cameras, cameras=virtual")
    if optimizer.name in OPTIMIZERS_OF_ADDONS:
        raise InputError(f"program: not with optimizer {optimizer.name}, but with one of Keras")
    if workers.replicas > 1:
        raise InputError("program: for one device, strategy=none")
