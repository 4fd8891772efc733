"""The paper authors' PyTorch checkpoints as models of this project."""

from __future__ import annotations

import itertools
import math
import pathlib
from collections.abc import Mapping

import numpy as np

from anatomy_tf.errors import InputError
from anatomy_tf.export.released.released_weights import load_released_weights
from anatomy_tf.export.released.torch_checkpoint import read_checkpoint
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17

MAX_FRAMES = 10_000
"""Far more than any released model reads; a file that claims more is not one."""


def import_released(path: pathlib.Path | str, causal: bool) -> AnatomyLifter:
    """The model in a checkpoint of the released training script.

    Args:
      path: file that `torch.save` wrote; nothing in it is executed.
      causal: whether it was trained to read no frame after the current one, which weights do not
        tell.

    Raises:
      InputError: the file cannot be read (see `read_checkpoint`), or is of another architecture;
        names the first tensor that differs.
    """
    arrays = read_checkpoint(path)
    try:
        return released_lifter(arrays, causal)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def released_lifter(arrays: Mapping[str, np.ndarray], causal: bool) -> AnatomyLifter:
    """The model whose PyTorch parameters and statistics are given by name, without the prefix
    `module.`.

    Raises:
      InputError: a tensor is missing, unknown, not finite, or of the shape of another architecture.
    """
    for name, value in arrays.items():
        with np.errstate(over="ignore"):
            if not np.isfinite(value.astype(np.float32)).all():
                raise InputError(f"{name}: holds numbers that are not finite")
    filter_widths, channels = _architecture(arrays)
    lifter = AnatomyLifter(
        H36M_17, filter_widths=filter_widths, channels=channels, causal=causal, self_pairs=True
    )
    load_released_weights(lifter, arrays)
    return lifter


def _architecture(arrays: Mapping[str, np.ndarray]) -> tuple[list[int], int]:
    """Filter widths and channels, out of the convolutions over time of the first sub-network."""
    names = ["expand_conv.weight", "layers_conv.0.weight"]
    stages = (f"layers_conv.{2 * stage}.weight" for stage in itertools.count(1))
    names += itertools.takewhile(arrays.__contains__, stages)
    widths, channels = [], 0
    for i, name in enumerate(names):
        if name not in arrays:
            raise InputError(f"{name} is missing: not a released model")
        shape = arrays[name].shape
        channels = channels or (shape[0] if shape else 0)
        features = {0: 2 * H36M_17.num_joints, 1: 2 * channels}.get(i, channels)
        if shape[:-1] != (channels, features) or shape[-1] < 3 or shape[-1] % 2 == 0:
            raise InputError(
                f"{name}: shape {shape} is not ({channels or 'channels'}, {features}, odd width) "
                "as a released model has it"
            )
        widths.append(shape[-1])
    if math.prod(widths) > MAX_FRAMES:
        raise InputError(f"{name}: {math.prod(widths)} frames with it, not a released model")
    return widths, channels
