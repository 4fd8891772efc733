"""A stand-in for TensorFlow Serving: its REST API as documented, and its gRPC Predict, on
signatures in this process.

What TensorFlow Serving does with a request before and after the model is written here after its
json_tensor.cc and predict_util.cc: REST takes no request without all inputs, and null is no number;
gRPC fills in defaults.
"""

import concurrent.futures
import contextlib
import http.server
import json
import re
import threading

import grpc
import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc


class ServedModel:
    """The signatures of a version, called by name with arrays."""

    def __init__(self, folder, name: str = "anatomy"):
        self.name = name
        self.module = tf.saved_model.load(str(folder))
        proto = SavedModel.FromString((folder / "saved_model.pb").read_bytes())
        self.signatures = proto.meta_graphs[0].signature_def
        self.requests = []

    def predict(self, signature: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        if signature not in self.signatures:
            raise ValueError(f'Serving signature name: "{signature}" not found in signature def')
        self.requests.append((signature, inputs))
        tensors = {name: tf.constant(value) for name, value in inputs.items()}
        outputs = self.module.signatures[signature](**tensors)
        return {name: value.numpy() for name, value in outputs.items()}

    def with_defaults(self, signature: str, inputs: dict[str, np.ndarray]):
        defaults = self.signatures[signature].defaults
        return {name: tf.make_ndarray(value) for name, value in defaults.items()} | inputs

    def rest(self, body: bytes) -> dict:
        """The answer to a REST request."""
        request = json.loads(body)
        signature = request.get("signature_name", "serving_default")
        names = set(self.signatures[signature].inputs)
        if not names:
            raise ValueError(f"Failed to get input map for signature: {signature}")
        if ("inputs" in request) == ("instances" in request):
            raise ValueError("expecting one of 'inputs' or 'instances'")
        if "inputs" in request:
            columns = self._columns(signature, request["inputs"])
            return {"outputs": as_json(self.predict(signature, columns))}
        rows = request["instances"]
        if any(set(row) != names for row in rows):
            raise ValueError(f"keys must be equal to: {','.join(sorted(names))}")
        columns = self._columns(signature, {name: [row[name] for row in rows] for name in names})
        outputs = as_json(self.predict(signature, columns))
        rows = zip(*outputs.values(), strict=True)
        return {"predictions": [dict(zip(outputs, row, strict=True)) for row in rows]}

    def _columns(self, signature: str, columns: dict) -> dict[str, np.ndarray]:
        arrays = {}
        for name, info in self.signatures[signature].inputs.items():
            if name not in columns:
                raise ValueError(f"Missing named input: {name} in 'inputs' object.")
            dtype = tf.as_dtype(info.dtype)
            values = np.array(columns[name])  # raises for lists of different lengths, as it should
            if values.dtype.kind not in ("if" if dtype.is_floating else "i"):
                raise ValueError(f"JSON Value is not of expected type: {dtype.name}")
            arrays[name] = values.astype(dtype.as_numpy_dtype)
        return arrays

    def metadata(self) -> dict:
        signatures = {
            name: json_format.MessageToDict(signature, preserving_proto_field_name=True)
            for name, signature in self.signatures.items()
        }
        return {
            "model_spec": {"name": self.name, "signature_name": "", "version": "1"},
            "metadata": {"signature_def": {"signature_def": signatures}},
        }


def as_json(outputs: dict[str, np.ndarray]) -> dict[str, list]:
    """Floats in as few digits as read back to the same, as the server writes them."""

    def shortened(value):
        six, nine = f"{value:.6g}", f"{value:.9g}"
        return float(six if np.float32(six) == value else nine)

    def listed(values):
        if values.dtype == np.float32:
            values = np.vectorize(shortened, otypes=[float])(values)
        return values.tolist()

    return {name: listed(values) for name, values in outputs.items()}


@contextlib.contextmanager
def rest_server(model: ServedModel):
    """Yields the address of a server."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(f"/v1/models/{model.name}/metadata", lambda body: model.metadata())

        def do_POST(self):
            self.answer(f"/v1/models/{model.name}:predict", model.rest)

        def answer(self, path, function):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                if not re.fullmatch(path, self.path):
                    raise LookupError(f"Servable not found for request: {self.path}")
                code, answer = 200, function(body)
            except LookupError as error:
                code, answer = 404, {"error": str(error)}
            except Exception as error:  # whatever is wrong with a request, the server answers
                code, answer = 400, {"error": str(error)}
            data = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def grpc_server(model: ServedModel):
    """Yields the address of a server."""

    class Service(prediction_service_pb2_grpc.PredictionServiceServicer):
        def Predict(self, request, context):  # noqa: N802
            try:
                given = {name: tf.make_ndarray(value) for name, value in request.inputs.items()}
                signature = request.model_spec.signature_name or "serving_default"
                outputs = model.predict(signature, model.with_defaults(signature, given))
            except Exception as error:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
            response = predict_pb2.PredictResponse()
            for name, value in outputs.items():
                response.outputs[name].CopyFrom(tf.make_tensor_proto(value))
            return response

    server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Service(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
