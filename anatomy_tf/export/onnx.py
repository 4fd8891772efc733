"""A model as an ONNX file, for ONNX Runtime and whatever else reads the format."""

from __future__ import annotations

import json
import logging
import pathlib

import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.export.description.metadata import as_json, describe_export
from anatomy_tf.export.signatures import STATE, ClipSignature, StreamSignature
from anatomy_tf.installation import install_hint
from anatomy_tf.models.lifter import AnatomyLifter

SIGNATURES = ("lift", "lift_flip", "stream")

OPSET = 15
"""Version of ONNX's operators; ONNX Runtime has them since 1.10."""

NEXT = "next_"
"""Comes before the names of a stream's new state, since no two tensors of a graph may share a name.
"""

_LISTS = ("joint_names", "parents", "keypoint_names")

_HANDLERS = {"SelectV2": (lambda graph, node, name, arguments: node, ["Where"])}
"""Without it, tf2onnx multiplies by 0 what is not to be taken; but that may be NaN."""


def write_onnx(
    model: AnatomyLifter,
    path: pathlib.Path,
    signature: str = "lift",
    card: str = "",
    keypoint_set: str | None = None,
) -> None:
    """Writes one signature of `model` as an ONNX file of standard operators, for any number of
    clips and frames.

    Inputs and outputs are named as in the other exports, but that the new state of a stream is
    `next_state_*`. ONNX knows no defaults: where there is nothing to tell, `visibility` is ones
    `(1, 1, J)`, `frames` [-1], and the state zeros of batch 1. The properties of the file are
    `joint_names`, `parents` and `keypoint_names`, as JSON lists, and `json`, all metadata.

    Args:
      signature: `lift`, `lift_flip` (`ClipSignature`), or of a causal model `stream`
        (`StreamSignature`).
      card: text on what the model is, was trained on, and is good for.
      keypoint_set: what keypoints it takes, of `KEYPOINT_SETS`; None is the model's own joints.

    Raises:
      InputError: the packages for it are missing, there is no such signature or keypoint set, or
        the model cannot be converted.
    """
    try:
        import onnx
        import tf2onnx
    except ImportError as error:
        raise InputError(f"ONNX files need onnx and tf2onnx: {install_hint('onnx')}") from error
    # It logs what fails at length, for which there is the error below.
    logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)

    function = _function(model, signature, keypoint_set)
    renamed = _with_next_state(function)
    try:
        file, _ = tf2onnx.convert.from_function(
            *(renamed, renamed.input_signature, OPSET), custom_op_handlers=_HANDLERS
        )
        onnx.checker.check_model(file, full_check=True)
    except Exception as error:  # it raises many kinds, or leaves in what only the checker finds
        raise InputError(
            f"{signature} with length frames {model.length_frames} cannot be converted to ONNX"
        ) from error
    file.graph.name = signature
    _name_axes(file.graph)

    metadata = describe_export(model, {signature: function}, card, keypoint_set)
    tensors = metadata["signatures"][signature]
    tensors["outputs"] = {_next(name): tensor for name, tensor in tensors["outputs"].items()}
    properties = {name: json.dumps(metadata[name]) for name in _LISTS}
    onnx.helper.set_model_props(file, properties | {"json": as_json(metadata)})
    path.write_bytes(file.SerializeToString())


def _function(
    model: AnatomyLifter, signature: str, keypoint_set: str | None
) -> tf.types.experimental.PolymorphicFunction:
    match signature:
        case "lift" | "lift_flip":
            flip = signature == "lift_flip"
            return ClipSignature(model, flip, keypoint_set=keypoint_set).function()
        case "stream":
            return StreamSignature(model, keypoint_set).function()
    raise InputError(f"signature {signature}: must be one of {', '.join(SIGNATURES)}")


def _with_next_state(
    function: tf.types.experimental.PolymorphicFunction,
) -> tf.types.experimental.PolymorphicFunction:
    """The same function of a flat list of tensors, and with other names for the state that comes
    out.
    """
    structure = function.get_concrete_function().structured_input_signature

    @tf.function(input_signature=tf.nest.flatten(structure), autograph=False)
    def renamed(*tensors):
        arguments, keywords = tf.nest.pack_sequence_as(structure, tensors)
        outputs = function(*arguments, **keywords)
        return {_next(name): value for name, value in outputs.items()}

    return renamed


def _next(name: str) -> str:
    return NEXT + name if name.startswith(STATE) else name


def _name_axes(graph) -> None:
    """Axes of any size are `batch` and `time`; inputs where 1 stands for all have names of their
    own for them.
    """
    inputs = {value.name: value for value in graph.input}
    for value in graph.output:
        if value.name.startswith(NEXT):
            value.type.CopyFrom(inputs[value.name.removeprefix(NEXT)].type)
        _name_axes_of(value)
    for value in graph.input:
        _name_axes_of(value, "" if value.name == "keypoints" else f"{value.name}_")


def _name_axes_of(value, prefix: str = "") -> None:
    axes = value.type.tensor_type.shape.dim
    for axis, name in zip(axes, ("batch", "time"), strict=False):
        if not axis.HasField("dim_value"):
            axis.dim_param = prefix + name
