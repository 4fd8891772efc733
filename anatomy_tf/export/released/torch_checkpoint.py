"""A PyTorch model's parameters as NumPy arrays, without PyTorch and without running what the file
asks for.
"""

from __future__ import annotations

import math
import pathlib
import re

import numpy as np

from anatomy_tf.data.files.inert_pickle import Call
from anatomy_tf.errors import InputError
from anatomy_tf.export.released.torch_file import (
    PARAMETER_FUNCTION,
    TENSOR_FUNCTIONS,
    Reader,
    Storage,
    open_torch_file,
)


def read_checkpoint(path: pathlib.Path | str) -> dict[str, np.ndarray]:
    """A model's parameters and statistics by name, without the prefix `module.`.

    Args:
      path: what `torch.save` wrote of a dict with `model_pos`, or of the model's state alone.

    Raises:
      InputError: the file is missing, damaged, holds anything but tensors and plain containers, or
        claims tensors larger than itself.
    """
    arrays, claimed = {}, 0
    with open_torch_file(path) as (root, reader, size):
        for name, tensor in _model_state(root).items():
            storage, *view = _parts(name, tensor)
            # Tensors may share values, so that without this a small file could fill the memory.
            claimed += storage.numel
            if claimed > size:
                raise InputError(f"{name}: the tensors up to it claim more than the file holds")
            arrays[name.removeprefix("module.")] = _array(name, storage, *view, reader)
    return arrays


def read_epoch(path: pathlib.Path | str) -> int | None:
    """After how many epochs of training the checkpoint was written, if it says so.

    Raises:
      InputError: as `read_checkpoint` does.
    """
    with open_torch_file(path) as (root, _, _):
        epoch = root.get("epoch") if isinstance(root, dict) else None
        return epoch if isinstance(epoch, int) and 0 <= epoch < 10**9 else None


def _model_state(root: object) -> dict[str, Call]:
    state = root.get("model_pos", root) if isinstance(root, dict) else None
    if not isinstance(state, dict) or not any(map(_is_tensor, state.values())):
        raise InputError("holds neither model_pos nor the state of a model alone")
    for name, tensor in state.items():
        if not isinstance(name, str) or not re.fullmatch(r"[\w.]{1,100}", name):
            raise InputError("a tensor of the model has no name as parameters have")
        if not _is_tensor(tensor):
            raise InputError(f"{name}: not a tensor")
    return state


def _is_tensor(value: object) -> bool:
    return isinstance(value, Call) and value.function in {*TENSOR_FUNCTIONS, PARAMETER_FUNCTION}


def _parts(name: str, tensor: Call) -> tuple[Storage, int, tuple, tuple]:
    """A tensor's storage, offset, shape, and strides, none of which have been checked."""
    match tensor:
        case Call(function, (Call() as inner, *_)) if function == PARAMETER_FUNCTION:
            tensor = inner
    match tensor:
        case Call(_, (Storage() as storage, int(offset), tuple(shape), tuple(strides), *_)):
            return storage, offset, shape, strides
    raise InputError(f"{name}: not described as PyTorch describes tensors")


def _array(
    name: str, storage: Storage, offset: int, shape: tuple, strides: tuple, reader: Reader
) -> np.ndarray:
    """A contiguous array of its own; `bfloat16` becomes `float32`."""
    numbers = (offset, *shape, *strides)
    if (
        len(shape) != len(strides)
        or len(shape) > 8
        or not all(type(number) is int and 0 <= number <= storage.numel for number in numbers)
        or 0 in shape
        or math.prod(shape) > storage.numel
        or offset + sum((n - 1) * stride for n, stride in zip(shape, strides, strict=True))
        >= storage.numel
    ):
        raise InputError(f"{name}: its shape does not fit the values that the file holds")
    values = np.frombuffer(reader(storage), storage.dtype)[offset:]
    steps = [stride * storage.dtype.itemsize for stride in strides]
    array = np.lib.stride_tricks.as_strided(values, shape, steps).copy()
    if storage.kind == "BFloat16":
        array = np.left_shift(array, 16, dtype=np.uint32).view(np.float32)
    return array
