"""Exports of all kinds, opened as those who use them do, and called in the same way."""

import dataclasses
import pathlib
from collections.abc import Callable

import numpy as np

from anatomy_tf.export.signatures import STATE

KINDS = ("SavedModel", "TFLite", "ONNX")
Arrays = dict[str, np.ndarray]


@dataclasses.dataclass(frozen=True)
class Export:
    """An export, called by names with arrays: whole clips, and the next frames of streams.

    Args:
      lift, step: give the outputs; `step` names the new state as the old one.
      state: zeros of the streams' state, for one stream.
      focal: whether it reads focal lengths.
    """

    kind: str
    lift: Callable[[Arrays], Arrays]
    step: Callable[[Arrays], Arrays]
    state: Arrays
    focal: bool


def saved_model(lifter, folder: pathlib.Path) -> Export:
    import tensorflow as tf

    from anatomy_tf.export.saved_model import write_saved_model

    write_saved_model(lifter, folder / "saved")
    signatures = tf.saved_model.load(str(folder / "saved")).signatures

    def call(name: str) -> Callable[[Arrays], Arrays]:
        def run(inputs: Arrays) -> Arrays:
            tensors = {key: tf.constant(value) for key, value in inputs.items()}
            return {key: value.numpy() for key, value in signatures[name](**tensors).items()}

        return run

    specs = signatures["stream"].structured_input_signature[1]
    state = {
        name: np.zeros([n or 1 for n in spec.shape], spec.dtype.as_numpy_dtype)
        for name, spec in specs.items()
        if name.startswith(STATE)
    }
    return Export("SavedModel", call("lift"), call("stream"), state, "focal" in specs)


def tflite(content: bytes) -> Export:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=1)
    step = interpreter.get_signature_runner("stream_step")
    state = {
        name: np.zeros(details["shape"], details["dtype"])
        for name, details in step.get_input_details().items()
        if name.startswith(STATE)
    }
    lift = interpreter.get_signature_runner("lift")
    focal = "focal" in step.get_input_details()
    calls = (lambda inputs: lift(**inputs)), (lambda inputs: step(**inputs))
    return Export("TFLite", *calls, state, focal)


def onnx(lifter, folder: pathlib.Path) -> Export:
    import onnxruntime

    from anatomy_tf.export.onnx import NEXT, write_onnx

    onnxruntime.set_default_logger_severity(4)
    sessions = {}
    for name in ("lift", "stream"):
        write_onnx(lifter, folder / f"{name}.onnx", name)
        sessions[name] = onnxruntime.InferenceSession(folder / f"{name}.onnx")

    def call(name: str) -> Callable[[Arrays], Arrays]:
        outputs = [tensor.name for tensor in sessions[name].get_outputs()]

        def run(inputs: Arrays) -> Arrays:
            values = sessions[name].run(None, inputs)
            return {n.removeprefix(NEXT): v for n, v in zip(outputs, values, strict=True)}

        return run

    types = {"tensor(float)": np.float32, "tensor(int32)": np.int32}
    tensors = {tensor.name: tensor for tensor in sessions["stream"].get_inputs()}
    state = {
        name: np.zeros([n if isinstance(n, int) else 1 for n in tensor.shape], types[tensor.type])
        for name, tensor in tensors.items()
        if name.startswith(STATE)
    }
    return Export("ONNX", call("lift"), call("stream"), state, "focal" in tensors)


def exported(kind: str, folder: pathlib.Path, model: str = "screen") -> Export:
    """A small causal model, as an export of that kind.

    Args:
      model: its keypoint frame, `screen` or `person`; or `int8`, TFLite's smallest precision.
    """
    from tests.export.tflite.small_tflite import small_tflite

    lifter, content = small_tflite(model=model)
    if kind == "TFLite":
        return tflite(content)
    return {"SavedModel": saved_model, "ONNX": onnx}[kind](lifter, folder)
