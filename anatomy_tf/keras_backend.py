"""The models are of TensorFlow, whatever else Keras can run on."""

from __future__ import annotations

import os

from anatomy_tf.errors import InputError


def check_backend() -> None:
    """Raises an InputError where Keras runs, or is about to run, on something else."""
    backend = os.environ.get("KERAS_BACKEND") or "tensorflow"
    if backend == "tensorflow":
        import keras

        backend = keras.backend.backend()
    if backend != "tensorflow":
        raise InputError(
            f"Keras runs on {backend}; anatomy_tf needs TensorFlow: "
            "set KERAS_BACKEND=tensorflow before Keras is imported"
        )
