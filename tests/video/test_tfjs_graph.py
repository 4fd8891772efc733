"""Graph models of TensorFlow.js: a small one with the operations that MoveNet has."""

import base64
import json

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from anatomy_tf.errors import InputError
from anatomy_tf.video.tfjs_graph import tflite_of_graph_model

SIDE = 8
RANDOM = np.random.default_rng(0)
KERNEL = RANDOM.normal(size=(3, 3, 3, 4)).astype(np.float16)
DEPTHWISE = RANDOM.normal(size=(3, 3, 4, 1)).astype(np.float16)
BIASES = RANDOM.normal(size=(2, 4)).astype(np.float16)


def _type(name):
    return {"type": f"DT_{name}"}


def _constant(name, values):
    return {"name": name, "op": "Const", "attr": {"dtype": _type("FLOAT"), "value": {"tensor": {}}}}


def _fused(name, operation, inputs, strides, after):
    names = [base64.b64encode(word.encode()).decode() for word in after]
    attributes = {
        "T": _type("FLOAT"),
        "strides": {"list": {"i": [str(step) for step in strides]}},
        "padding": {"s": base64.b64encode(b"SAME").decode()},
        "data_format": {"s": base64.b64encode(b"NHWC").decode()},
        "dilations": {"list": {"i": ["1", "1", "1", "1"]}},
        "fused_ops": {"list": {"s": names}},
        "num_args": {"i": "1"},
    }
    return {"name": name, "op": operation, "input": inputs, "attr": attributes}


def _model():
    shape = {"dim": [{"size": "1"}, {"size": "-1"}, {"size": "-1"}, {"size": "3"}]}
    nodes = [
        {
            "name": "input",
            "op": "Placeholder",
            "attr": {"dtype": _type("INT32"), "shape": {"shape": shape}},
        },
        {
            "name": "cast",
            "op": "Cast",
            "input": ["input"],
            "attr": {"SrcT": _type("INT32"), "DstT": _type("FLOAT")},
        },
        *(_constant(name, None) for name in ("kernel", "depthwise", "bias_0", "bias_1")),
        _fused(
            *("first", "_FusedConv2D", ["cast", "kernel", "bias_0"], [1, 2, 2, 1]),
            ["BiasAdd", "Relu6"],
        ),
        _fused(
            *("second", "FusedDepthwiseConv2dNative", ["first", "depthwise", "bias_1"]),
            *([1, 1, 1, 1], ["BiasAdd"]),
        ),
        {"name": "Identity", "op": "Identity", "input": ["second"], "attr": {"T": _type("FLOAT")}},
    ]
    values = {"kernel": KERNEL, "depthwise": DEPTHWISE, "bias_0": BIASES[0], "bias_1": BIASES[1]}
    manifest = [
        {
            "name": name,
            "shape": list(array.shape),
            "dtype": "float32",
            "quantization": {"dtype": "float16", "original_dtype": "float32"},
        }
        for name, array in values.items()
    ]
    content = {
        "modelTopology": {"node": nodes},
        "weightsManifest": [{"paths": ["model.bin"], "weights": manifest}],
    }
    return content, b"".join(array.tobytes() for array in values.values())


def test_the_file_computes_what_the_graph_says():
    content, weights = _model()
    file = tflite_of_graph_model(json.dumps(content).encode(), weights, SIDE, "small")
    interpreter = Interpreter(model_content=file)
    interpreter.allocate_tensors()
    picture = RANDOM.integers(0, 4, (1, SIDE, SIDE, 3), np.int32)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture)
    interpreter.invoke()
    found = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])

    first = tf.nn.conv2d(picture.astype("f4"), KERNEL.astype("f4"), 2, "SAME") + BIASES[0]
    expected = tf.nn.depthwise_conv2d(
        tf.nn.relu6(first), DEPTHWISE.astype("f4"), [1, 1, 1, 1], "SAME"
    )
    np.testing.assert_allclose(found, expected + BIASES[1], atol=2e-2)


def test_other_files_are_refused():
    content, weights = _model()
    good = json.dumps(content).encode()
    for model, values, said in (
        (b"{}", weights, "no graph model"),
        (b"[1", weights, "no graph model"),
        (good, weights + b"\0\0", "bytes of weights"),
        (good, weights[:-2], "no graph model"),
        (good.replace(b"Identity", b"Relu"), weights, "0 outputs"),
    ):
        with pytest.raises(InputError, match=f"small: .*{said}"):
            tflite_of_graph_model(model, values, SIDE, "small")
