"""A model as a TFLite file for phones and small devices."""

from __future__ import annotations

import pathlib
import tempfile

import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.export.saved_model import write_saved_model
from anatomy_tf.models.length_frames import LengthFrames
from anatomy_tf.models.lifter import AnatomyLifter


def check_tflite(length_frames: LengthFrames) -> None:
    """Raises an InputError where bone lengths are chosen in a way that TFLite has no operators for."""
    if length_frames.mode == "random":
        raise InputError(
            "TFLite cannot draw random length frames: take all, firstframes or consecutive"
        )


def write_tflite(model: AnatomyLifter, path: pathlib.Path) -> None:
    """Writes `model` as a float32 TFLite file of builtin operators, with the SavedModel's signature; raises as `check_tflite`."""
    check_tflite(model.length_frames)
    with tempfile.TemporaryDirectory() as folder:
        write_saved_model(model, pathlib.Path(folder), chunk_frames=None)
        path.write_bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())
