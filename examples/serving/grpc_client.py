"""Lifts a clip with a model on TensorFlow Serving, over gRPC. Needs tensorflow-serving-api."""

import sys

import grpc
import tensorflow as tf
from lifting import Arrays, main
from tensorflow_serving.apis.predict_pb2 import PredictRequest
from tensorflow_serving.apis.prediction_service_pb2_grpc import PredictionServiceStub


class GrpcClient:
    """Asks one model. The server fills in the inputs that have defaults, if it is 2.14 or newer."""

    def __init__(self, server: str, model: str):
        # Answers for long clips are larger than the 4 MB that gRPC takes by default.
        channel = grpc.insecure_channel(server, [("grpc.max_receive_message_length", -1)])
        self.service = PredictionServiceStub(channel)
        self.model = model

    def predict(self, signature: str, inputs: Arrays) -> Arrays:
        request = PredictRequest()
        request.model_spec.name = self.model
        request.model_spec.signature_name = signature
        for name, value in inputs.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
        try:
            response = self.service.Predict(request, timeout=60)
        except grpc.RpcError as error:
            sys.exit(f"no answer: {error.code().name}: {error.details()}")
        return {name: tf.make_ndarray(value) for name, value in response.outputs.items()}

    def first_state(self) -> Arrays:
        return {}


if __name__ == "__main__":
    main(__doc__, "localhost:8500", GrpcClient)
