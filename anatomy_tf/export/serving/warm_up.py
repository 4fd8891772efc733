"""Requests that TensorFlow Serving runs while it loads a model, so that the first ones of clients
are not slow.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import tensorflow as tf
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel
from tensorflow_serving.apis.model_pb2 import ModelSpec
from tensorflow_serving.apis.predict_pb2 import PredictRequest
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog, PredictLog

from anatomy_tf.export.description.metadata import DEFAULTS
from anatomy_tf.export.saved_model import EXTRA
from anatomy_tf.export.signatures import STATE

WARMUP_NAME = "tf_serving_warmup_requests"
CLIPS = ((1, 100), (8, 100))
"""How many clips of how many frames the requests have."""

STREAMS = ((1, 1), (16, 1))
"""Likewise for streams."""

_VALUES = DEFAULTS | {"image_size": 1000}
"""Of all elements of these inputs; 0 in the others."""


def write_warmup(saved_model: pathlib.Path, name: str) -> None:
    """Adds warm-up requests for all signatures with inputs to a SavedModel, where TensorFlow
    Serving looks for them.

    Args:
      name: what requests call the model.
    """
    proto = SavedModel.FromString((saved_model / "saved_model.pb").read_bytes())
    signatures = proto.meta_graphs[0].signature_def
    with tf.io.TFRecordWriter(str(saved_model / EXTRA / WARMUP_NAME)) as file:
        for signature_name in sorted(signatures):
            for inputs in _inputs(signatures[signature_name]):
                spec = ModelSpec(name=name, signature_name=signature_name)
                request = PredictRequest(model_spec=spec, inputs=inputs)
                log = PredictionLog(predict_log=PredictLog(request=request))
                file.write(log.SerializeToString())


def _inputs(signature: SignatureDef) -> Iterator[dict[str, tf.compat.v1.TensorProto]]:
    """All inputs of a request, by the sizes that are warmed up."""
    if not signature.inputs:
        return
    for sizes in STREAMS if any(n.startswith(STATE) for n in signature.inputs) else CLIPS:
        tensors = {}
        for name, info in signature.inputs.items():
            shape = [
                size if dim.size < 0 else dim.size
                for dim, size in zip(info.tensor_shape.dim, [*sizes, 0, 0], strict=False)
            ]
            tensors[name] = tf.make_tensor_proto(_VALUES.get(name, 0), info.dtype, shape)
        yield tensors
