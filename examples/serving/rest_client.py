"""Lifts a clip with a model on TensorFlow Serving, over REST. Needs NumPy, and nothing else."""

import json
import sys
import urllib.error
import urllib.request

import numpy as np
from lifting import Arrays, main


class RestClient:
    """Asks one model. Unlike gRPC, REST takes no request without all inputs."""

    def __init__(self, server: str, model: str):
        self.url = f"{server}/v1/models/{model}"

    def predict(self, signature: str, inputs: Arrays) -> Arrays:
        columns = {name: value.tolist() for name, value in inputs.items()}
        request = json.dumps({"signature_name": signature, "inputs": columns})
        outputs = self._ask(f"{self.url}:predict", request.encode())["outputs"]
        if not isinstance(outputs, dict):  # a single output comes without its name
            outputs = {"joints": outputs}
        return {name: np.asarray(value) for name, value in outputs.items()}

    def first_state(self) -> Arrays:
        """Zeros, in the shapes that the server tells."""
        metadata = self._ask(f"{self.url}/metadata")["metadata"]
        signatures = metadata["signature_def"]["signature_def"]
        if "stream" not in signatures:
            sys.exit("the model has no signature stream: it is not causal")
        state = {}
        for name, info in signatures["stream"]["inputs"].items():
            if name.startswith("state_"):
                _, *shape = [int(axis["size"]) for axis in info["tensor_shape"]["dim"]]
                dtype = np.int32 if info["dtype"] == "DT_INT32" else np.float32
                state[name] = np.zeros((1, *shape), dtype)
        return state

    def _ask(self, url: str, data: bytes | None = None) -> dict:
        try:
            with urllib.request.urlopen(url, data, timeout=60) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            sys.exit(f"{url}: the server refuses: {error.read().decode()}")
        except urllib.error.URLError as error:
            sys.exit(f"{url}: no answer ({error.reason})")


if __name__ == "__main__":
    main(__doc__, "http://localhost:8501", RestClient)
