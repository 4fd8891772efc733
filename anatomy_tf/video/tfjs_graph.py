"""TensorFlow.js graph models as TFLite files.

Such a model is a `GraphDef` in JSON, whose constants' values stand one after another in a binary
file, and in which convolutions are fused with what follows them, which the converter to TFLite does
not know.
"""

from __future__ import annotations

import json
import math

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.framework import graph_pb2, node_def_pb2

from anatomy_tf.errors import InputError

_FUSED = {"_FusedConv2D": "Conv2D", "FusedDepthwiseConv2dNative": "DepthwiseConv2dNative"}
_OF_CONVOLUTION = ("T", "strides", "padding", "data_format", "dilations", "explicit_paddings")


def tflite_of_graph_model(model: bytes, weights: bytes, side: int, source: str) -> bytes:
    """A TFLite file with weights in float16, of a model that takes a picture.

    Args:
      model: the JSON file.
      weights: the binary file.
      side: pixels of the square picture that it is to take.
      source: how messages call the model.

    Raises:
      InputError: these are no graph model and its weights.
    """
    try:
        content = json.loads(model)
        nodes = content["modelTopology"]["node"]
        constants = _constants(content["weightsManifest"], weights)
        graph = graph_pb2.GraphDef()
        for node in nodes:
            graph.node.extend(_unfused(_node(node, constants, side)))
    except (KeyError, TypeError, ValueError, json_format.ParseError) as error:
        raise InputError(f"{source}: no graph model of TensorFlow.js ({error})") from error
    inputs = [f"{node.name}:0" for node in graph.node if node.op == "Placeholder"]
    outputs = [f"{node.name}:0" for node in graph.node if node.op == "Identity"]
    if len(inputs) != 1 or len(outputs) != 1:
        raise InputError(
            f"{source}: has {len(inputs)} inputs and {len(outputs)} outputs, expected one of each"
        )
    imported = tf.compat.v1.wrap_function(
        lambda: tf.graph_util.import_graph_def(graph, name=""), signature=[]
    )
    function = imported.prune(inputs[0], outputs[0])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], imported)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())


def _constants(manifest: list, weights: bytes) -> dict[str, npt.NDArray[np.generic]]:
    """The constants' values by name; those kept as float16 are float32 again."""
    constants = {}
    start = 0
    for entry in (entry for group in manifest for entry in group["weights"]):
        kept = np.dtype(entry.get("quantization", entry)["dtype"]).newbyteorder("<")
        count = math.prod(entry["shape"])
        values = np.frombuffer(weights, kept, count, start).reshape(entry["shape"])
        constants[entry["name"]] = values.astype(entry["dtype"])
        start += count * kept.itemsize
    if start != len(weights):
        raise ValueError(f"{len(weights)} bytes of weights, expected {start}")
    return constants


def _node(
    content: dict, constants: dict[str, npt.NDArray[np.generic]], side: int
) -> node_def_pb2.NodeDef:
    node = json_format.ParseDict(content, node_def_pb2.NodeDef())
    node.device = ""
    if node.op == "Const":
        node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(constants[node.name]))
    elif node.op == "Placeholder":
        node.attr["shape"].shape.CopyFrom(tf.TensorShape([1, side, side, 3]).as_proto())
    return node


def _unfused(node: node_def_pb2.NodeDef) -> list[node_def_pb2.NodeDef]:
    """The operations that a fused one stands for; the last one has its name."""
    if node.op not in _FUSED:
        return [node]
    after = [name.decode() for name in node.attr["fused_ops"].list.s]
    if after[:1] != ["BiasAdd"] or len(node.input) != 3:
        raise ValueError(f"{node.name}: fused with {', '.join(after)}")
    names = [f"{node.name}/fused_{i}" for i in range(len(after))] + [node.name]
    convolution = node_def_pb2.NodeDef(name=names[0], op=_FUSED[node.op], input=node.input[:2])
    for name in _OF_CONVOLUTION:
        if name in node.attr and not (name == "explicit_paddings" and "Depthwise" in node.op):
            convolution.attr[name].CopyFrom(node.attr[name])
    nodes = [convolution]
    for operation, name in zip(after, names[1:], strict=True):
        bias = [node.input[2]] if operation == "BiasAdd" else []
        nodes.append(node_def_pb2.NodeDef(name=name, op=operation, input=[nodes[-1].name, *bias]))
        nodes[-1].attr["T"].CopyFrom(node.attr["T"])
    return nodes
