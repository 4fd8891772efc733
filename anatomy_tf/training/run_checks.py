"""What a training run cannot be, told before any data is read."""

from __future__ import annotations

import dataclasses
import pathlib

from anatomy_tf.data.batches.parts import check_parts
from anatomy_tf.data.batches.variations import NO_VARIATIONS
from anatomy_tf.errors import InputError
from anatomy_tf.files import check_output_folder
from anatomy_tf.models.lifter import check_arguments
from anatomy_tf.models.reassembly import check_reassembly
from anatomy_tf.training.choices import OPTIMIZERS_OF_ADDONS
from anatomy_tf.training.optimizers import OptimizerChoice, check_optimizer
from anatomy_tf.training.outputs import check_length_pass
from anatomy_tf.training.run_choices import RunChoices
from anatomy_tf.training.run_flags import check_flags
from anatomy_tf.training.validation import check_validation
from anatomy_tf.training.weight_averages import check_average
from anatomy_tf.training.workers import ALONE, Workers


def check_run(
    choices: RunChoices, output_dir: pathlib.Path | str, workers: Workers = ALONE
) -> None:
    """Refuses what `run_training` cannot do, from its choices alone: before data is read.

    The arguments of the model are all there, with their defaults.

    Raises:
      InputError: an argument of the model is out of range; loss weights, shared samples or length
        pass do not go with the model, or the weights with the frames of an example; optimizer,
        average or validation cannot be had; a batch cannot be split over the workers;
        the folder cannot be written, or holds another run.
    """
    model, sampling = choices.model, choices.sampling
    check_arguments(model)
    check_length_pass(model["length_network"], choices.length_pass)
    _check_frames(sampling.frames_per_example, choices.loss_weights.velocity)
    for name in ("scale_free", "velocity"):
        if model["assembly"] == "bones" and getattr(choices.loss_weights, name):
            raise InputError(f"{name}: a loss of joints, which assembly bones does not have")
    consistency = choices.loss_weights.consistency
    if consistency and model["assembly"] != "joints":
        raise InputError(
            f"bone length consistency is a loss of assembly joints, not of {model['assembly']}"
        )
    if sampling.shared and (model["causal"] or sampling.consecutive):
        raise InputError(
            "samples can be shared only where they are drawn over the whole clip: "
            "not by a causal model, nor with consecutive frames"
        )
    virtual = choices.cameras == "virtual"
    if virtual and choices.data_on_disk:
        raise InputError("data on disk: with the clips' own cameras only, not with virtual ones")
    if not virtual and sampling.variations != NO_VARIATIONS:
        changed = next(
            name for name, value in dataclasses.asdict(sampling.variations).items() if value
        )
        raise InputError(f"{changed}: of the motion that virtual cameras see, cameras=virtual")
    if choices.final_assembly:
        check_reassembly(model["assembly"], choices.final_assembly)
    if choices.program:
        _check_program(choices.cameras, choices.optimizer, workers)
    if virtual and sampling.shared:
        raise InputError("samples cannot be shared: every example has a virtual camera of its own")
    if consistency and (virtual or model["keypoint_frame"] == "person"):
        raise InputError(
            "bone length consistency needs keypoints on the screen of the clips' own cameras"
        )
    check_optimizer(choices.optimizer)
    check_average(choices.weight_average, choices.schedule)
    check_validation(choices.validation)
    if choices.weight_average == "swa" and choices.validation.patience:
        raise InputError(
            "patience: swa averages the last quarter of the epochs, which an early end may not have"
        )
    check_parts(sampling.batch_size, sampling.shared, workers.replicas)
    if not workers.is_chief:
        return
    check_output_folder(output_dir)
    check_flags(pathlib.Path(output_dir), choices.flags, choices.resume, choices.flag_defaults)


def _check_frames(frames_per_example: int, velocity: float) -> None:
    if frames_per_example < 1:
        raise InputError(f"frames_per_example: must be 1 or more, got {frames_per_example}")
    if velocity and frames_per_example == 1:
        raise InputError(
            "velocity: a loss of two frames or more in a row, and frames_per_example is 1"
        )


def _check_program(cameras: str, optimizer: OptimizerChoice, workers: Workers) -> None:
    if cameras != "virtual":
        raise InputError("program: its examples are those of virtual cameras, cameras=virtual")
    if optimizer.name in OPTIMIZERS_OF_ADDONS:
        raise InputError(f"program: not with optimizer {optimizer.name}, but with one of Keras")
    if workers.replicas > 1:
        raise InputError("program: for one device, strategy=none")
