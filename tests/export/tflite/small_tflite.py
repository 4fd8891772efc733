"""Small models as TFLite files, converted once for all tests."""

import functools
import pathlib
import tempfile

import keras

from anatomy_tf.data.sources import open_source
from anatomy_tf.export.tflite.tflite_file import write_tflite
from anatomy_tf.models.lifter import AnatomyLifter
from tests.lifters import random_lifter


@functools.cache
def small_tflite(frames: int | None = None, model: str = "screen") -> tuple[AnatomyLifter, bytes]:
    """The model, and what `write_tflite` makes of it; with `frames`, another one that is not
    causal. `model` is as in `exported`.
    """
    keras.utils.set_random_seed(0)
    person = {"keypoint_frame": "person"} if model == "person" else {}
    lifter = random_lifter(causal=frames is None, sub_networks=1, **person)
    precision, calibration = "float32", []
    if model == "int8":
        precision, calibration = "int8", open_source("cmu").clips(["A10"])[:2]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "small.tflite"
        write_tflite(lifter, path, precision, frames=frames, calibration=calibration)
        return lifter, path.read_bytes()
