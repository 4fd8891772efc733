"""A TFLite model in 8-bit integers where that costs next to nothing, and in floats where it would
cost millimetres.
"""

from __future__ import annotations

import contextlib
import itertools
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.tools import flatbuffer_utils

from anatomy_tf.models.layers import Activation, BatchNorm, Dense, TemporalConv
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.native_output import silent_standard_error

FLOAT = schema.TensorType.FLOAT32
PRODUCTS = {schema.BuiltinOperator.CONV_2D, schema.BuiltinOperator.FULLY_CONNECTED}
BETWEEN = {
    schema.BuiltinOperator.ADD,
    schema.BuiltinOperator.CONCATENATION,
    schema.BuiltinOperator.EXPAND_DIMS,
    schema.BuiltinOperator.GATHER,
    schema.BuiltinOperator.RESHAPE,
    schema.BuiltinOperator.SLICE,
    schema.BuiltinOperator.SQUEEZE,
    schema.BuiltinOperator.STRIDED_SLICE,
}
"""What comes between the products of features, and is done in integers as they are."""

_SOFTMAX = schema.SoftmaxOptionsT()
_SOFTMAX.beta = 1.0
HIDDEN = {
    schema.BuiltinOperator.L2_NORMALIZATION: (
        schema.BuiltinOptions.L2NormOptions,
        schema.L2NormOptionsT(),
    ),
    schema.BuiltinOperator.SELECT_V2: (
        schema.BuiltinOptions.SelectV2Options,
        schema.SelectV2OptionsT(),
    ),
    schema.BuiltinOperator.SOFTMAX: (
        schema.BuiltinOptions.SoftmaxOptions,
        _SOFTMAX,
    ),
}
"""Operators, with their options, that the converter would quantise without ranges, as it knows what
two of them give. Through the third it would reach a stream's state before that has been checked,
and garbage become numbers.
"""
PREFIX = "hidden "


def fold_norms(model: AnatomyLifter) -> AnatomyLifter:
    """A copy that gives the same, but whose batch norms only add; they scale in the layers before
    them.

    Converters fold them too, but as far as the shapes let them. That is further in a stream than in
    a whole clip, and a file with both would have two sets of kernels.
    """
    folded = AnatomyLifter.from_config(model.get_config())
    folded.set_weights(model.get_weights())
    for activation, layers in _normed_layers(folded):
        scale, offset = (np.array(x) for x in activation.norm.scale_and_offset())
        for layer in layers:
            layer.kernel.assign(layer.kernel * scale)
            if isinstance(layer, Dense) and layer.bias is not None:
                layer.bias.assign(layer.bias * scale + offset)
                offset = np.zeros_like(offset)
        _only_add(activation.norm, offset)
    return folded


def quantize(
    converter: tf.lite.TFLiteConverter,
    requests: Callable[[], Iterator[tuple[str, dict[str, np.ndarray]]]],
    channels: int,
) -> bytes:
    """The TFLite model with its features in int8: weights by output channel, activations by tensor.

    In integers are the convolutions and dense layers that take features to features, which hold
    more than nine tenths of the weights in use, and what lies between them. In floats stay: pixels,
    and all that is computed of them up to the first features; the last layer of each network, and
    what follows it: directions, lengths and joints; and all inputs and outputs, also the state of
    streams, in which quantised features come and go unchanged. Where `channels` divides the numbers
    of a frame, as only a toy's do, more is in integers.

    Args:
      converter: for the model with `fold_norms`.
      requests: gives signatures and their inputs, as they are in use.
      channels: how many numbers a feature has.
    """
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = requests
    with _silent():
        debugger = tf.lite.experimental.QuantizationDebugger(
            converter=converter, debug_dataset=requests
        )
        calibrated = _parsed(debugger.calibrated_model)
        _keep_ranges_of_features(calibrated, channels)
        _hide(calibrated)
        debugger.calibrated_model = flatbuffer_utils.convert_object_to_bytearray(calibrated)
        quantized = _parsed(debugger.get_nondebug_quantized_model())
    _show(quantized)
    return flatbuffer_utils.convert_object_to_bytearray(quantized)


def _parsed(content: bytes) -> schema.ModelT:
    return flatbuffer_utils.convert_bytearray_to_object(bytearray(content))


def _keep_ranges_of_features(model: schema.ModelT, channels: int) -> None:
    """Forgets the ranges of all that is to stay in floats: what has no range is not quantised."""
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    for graph in model.subgraphs:
        features: set[int] = set()
        ranged: set[int] = set()
        for operator in graph.operators or ():
            code = codes[operator.opcodeIndex]
            inputs = [] if operator.inputs is None else operator.inputs
            floats = {i for i in inputs if i >= 0 and graph.tensors[i].type == FLOAT}
            if code in PRODUCTS:
                kernel = graph.tensors[inputs[1]].shape
                chosen = kernel[0] == channels and kernel[-1] % channels == 0
            else:
                chosen = code in BETWEEN and features & floats
            if chosen:
                features.update(operator.outputs)
                ranged.update(operator.outputs, floats)
        for number, tensor in enumerate(graph.tensors):
            if number not in ranged:
                tensor.quantization = None


def _hide(model: schema.ModelT) -> None:
    """Makes the operators of `HIDDEN` unknown ones."""
    for code in model.operatorCodes:
        if code.builtinCode in HIDDEN:
            code.customCode = f"{PREFIX}{code.builtinCode}".encode()
            code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM


def _show(model: schema.ModelT) -> None:
    """Makes them what they were."""
    for number, code in enumerate(model.operatorCodes):
        if (code.customCode or b"").startswith(PREFIX.encode()):
            code.builtinCode = code.deprecatedBuiltinCode = int(code.customCode[len(PREFIX) :])
            code.customCode = None
            for operator in itertools.chain(*(graph.operators or () for graph in model.subgraphs)):
                if operator.opcodeIndex == number:
                    kind, options = HIDDEN[code.builtinCode]
                    operator.builtinOptionsType, operator.builtinOptions = kind, options
                    operator.customOptions = None


def _normed_layers(
    model: AnatomyLifter,
) -> Iterator[tuple[Activation, list[Dense | TemporalConv]]]:
    """Every activation, and the layers whose sum it takes."""
    stem = model.direction_network.stem
    yield stem.keypoint_activation, [stem.keypoint_conv]
    if stem.visibility_conv is not None:
        yield stem.visibility_activation, [stem.visibility_conv]
    for network in model.direction_network.sub_networks:
        for block in network.blocks:
            yield block.conv_activation, [c for c in (block.conv, block.skip_conv) if c is not None]
            yield block.dense_activation, [block.dense]
    if model.frame_network:
        layers = model.frame_network
        for dense, activation in zip(layers.hidden, layers.activations, strict=True):
            yield activation, [dense]


def _only_add(norm: BatchNorm, offset: np.ndarray) -> None:
    """Makes the scale exactly 1, with which converters leave the product out."""
    ones = np.ones_like(offset)
    norm.gamma.assign(ones)
    norm.moving_mean.assign(0 * ones)
    norm.moving_variance.assign(ones - np.float32(norm.epsilon))
    norm.beta.assign(offset)


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Drops what the converter says of its own interpreter, and of how it works."""
    with warnings.catch_warnings(), silent_standard_error():
        warnings.simplefilter("ignore")
        yield
