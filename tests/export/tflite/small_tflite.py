"""Small models as TFLite files, converted once for all tests."""

import functools
import pathlib
import tempfile

import keras

from anatomy_tf.export.tflite.tflite_file import write_tflite
from anatomy_tf.models.lifter import AnatomyLifter
from tests.lifters import random_lifter


@functools.cache
def small_tflite(frames: int | None = None) -> tuple[AnatomyLifter, bytes]:
    """The model, and what `write_tflite` makes of it; with `frames`, another one that is not
    causal.
    """
    keras.utils.set_random_seed(0)
    causal = frames is None
    lifter = random_lifter(causal=causal, sub_networks=1)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "small.tflite"
        write_tflite(lifter, path, frames=frames)
        return lifter, path.read_bytes()
