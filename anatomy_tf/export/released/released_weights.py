"""Weights of the published PyTorch model in terms of an `AnatomyLifter`.

Both compute the same, but the released code lists bones in an order of its own, lets two of them
point towards the pelvis, and concatenates what here are two kernels. All of that is permutation,
sign, transposition and slicing, so gradients translate like weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import keras
import numpy as np

from anatomy_tf.errors import InputError
from anatomy_tf.models.layers import Activation, Dense
from anatomy_tf.models.lifter import AnatomyLifter

BONES = (
    *((16, 15), (15, 14), (13, 12), (12, 11), (10, 9), (9, 8), (8, 7), (8, 11)),
    *((8, 14), (7, 0), (3, 2), (2, 1), (6, 5), (5, 4), (1, 0), (4, 0)),
)
"""The released code's bones: a bone vector is first minus second joint of Human3.6M's 17."""


def released_weights(
    lifter: AnatomyLifter, arrays: Mapping[str, np.ndarray]
) -> Iterator[tuple[keras.Variable, np.ndarray]]:
    """Every variable of `lifter` for which `arrays` has a value, with that value in its layout.

    Args:
      lifter: a model of the released kind: two sub-networks, visibility, `released`, self pairs.
      arrays: PyTorch parameters, statistics, or gradients by name, without the prefix `module.`.

    Raises:
      InputError: a value does not have the shape that the model needs; names the first such.
    """
    bones = lifter.skeleton.bones.tolist()
    order = [bones.index(sorted_bone(bone, bones)) for bone in BONES]
    # released[i] = sign[i] * ours[order[i]]
    sign = np.array([1 if list(bone)[::-1] in bones else -1 for bone in BONES], np.float32)
    position = np.argsort(order)
    vector_rows = (3 * position[:, None] + np.arange(3)).ravel()
    vector_sign = np.repeat(sign[position], 3)

    for name, variable, layout in _variables(lifter):
        if name not in arrays:
            continue
        value = np.asarray(arrays[name], np.float32)
        shape = tuple(variable.shape)[::-1]
        if isinstance(layout, slice):
            shape = (shape[0], 2 * shape[1], *shape[2:])
        # Convolutions over one frame have a last axis that linear layers lack.
        if value.shape not in (shape, (*shape, 1)):
            raise InputError(f"{name}: shape {value.shape} does not fit the model's {shape}")
        value = value.reshape(shape)
        if layout == "vectors out":
            value = value[vector_rows] * vector_sign.reshape(-1, *[1] * (value.ndim - 1))
        elif layout == "vectors in":
            value = value[:, vector_rows] * vector_sign
        elif layout == "bones in":
            value = value[:, position]
        elif layout == "bones out":
            value = value[position]
        elif isinstance(layout, slice):
            value = value[:, layout]
        yield variable, value.T


def load_released_weights(lifter: AnatomyLifter, arrays: Mapping[str, np.ndarray]) -> None:
    """Sets all weights of `lifter`.

    Raises:
      InputError: a parameter is missing, unknown, or of the shape of another architecture.
    """
    names = [name for name, _, _ in _variables(lifter)]
    for name in names:
        if name not in arrays:
            raise InputError(f"{name} is missing: not a released model of this architecture")
    for name in arrays:
        if name not in names and not name.endswith(".num_batches_tracked"):
            raise InputError(f"{name} is unknown: not a released model of this architecture")
    for variable, value in released_weights(lifter, arrays):
        variable.assign(value)


def sorted_bone(bone: tuple[int, int], bones: list[list[int]]) -> list[int]:
    """The bone between two joints as (near, far)."""
    return list(bone) if list(bone) in bones else list(bone)[::-1]


def _variables(lifter: AnatomyLifter):
    """(released name, variable, layout) of all weights; a slice is a part of the input channels."""
    network, channels = lifter.direction_network, lifter.channels
    stem = network.stem
    yield "expand_conv.weight", stem.keypoint_conv.kernel, ""
    yield from _norm("expand_bn", stem.keypoint_activation)
    yield "expand_convscore.weight", stem.visibility_conv.kernel, ""
    yield from _norm("expand_bnscore", stem.visibility_activation)

    for number, (sub_network, suffix) in enumerate(
        zip(network.sub_networks, ("", "1"), strict=True)
    ):
        for stage, block in enumerate(sub_network.blocks):
            conv, norm = f"layers_conv{suffix}.", f"layers_bn{suffix}."
            if number:
                yield f"{conv}{2 * stage}.weight", block.conv.kernel, slice(channels)
                yield f"{conv}{2 * stage}.weight", block.skip_conv.kernel, slice(channels, None)
            else:
                yield f"{conv}{2 * stage}.weight", block.conv.kernel, ""
            yield from _norm(f"{norm}{2 * stage}", block.conv_activation)
            yield f"{conv}{2 * stage + 1}.weight", block.dense.kernel, ""
            yield from _norm(f"{norm}{2 * stage + 1}", block.dense_activation)
        yield from _dense(f"shrink_direct_{number + 1}", sub_network.output_dense, "vectors out")

    frames = lifter.frame_network
    for i, (hidden, activation) in enumerate(zip(frames.hidden, frames.activations, strict=True)):
        yield from _dense(f"layers_convbone.{i}", hidden)
        yield from _norm(f"layers_bnbone.{i}", activation)
    yield from _dense(f"layers_convbone.{len(frames.hidden)}", frames.output_dense)
    yield from _dense("boneatt", lifter.frame_pooling.dense, "bones out")

    heads = {"": lifter.joint_head, "_1": lifter.shift_heads[0], "_2": lifter.shift_heads[1]}
    for suffix, head in heads.items():
        yield f"lengthlinear{suffix}.weight", head.length_dense.kernel, "bones in"
        yield f"lengthlinear{suffix}.bias", head.length_dense.bias, ""
        yield f"directlinear{suffix}.weight", head.direction_dense.kernel, "vectors in"
        yield f"directlinear{suffix}.bias", head.direction_dense.bias, ""
        output = f"shrink_js{suffix}" if suffix else "shrink"
        yield from _dense(output, head.output_dense)


def _dense(name: str, layer: Dense, layout: str = ""):
    yield f"{name}.weight", layer.kernel, layout
    yield f"{name}.bias", layer.bias, layout


def _norm(name: str, activation: Activation):
    norm = activation.norm
    yield f"{name}.weight", norm.gamma, ""
    yield f"{name}.bias", norm.beta, ""
    yield f"{name}.running_mean", norm.moving_mean, ""
    yield f"{name}.running_var", norm.moving_variance, ""
