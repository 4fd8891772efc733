"""A model as a TFLite file for phones and small devices."""

from __future__ import annotations

import pathlib
import tempfile

import tensorflow as tf

from anatomy_tf.export.saved_model import write_saved_model
from anatomy_tf.models.lifter import AnatomyLifter


def write_tflite(model: AnatomyLifter, path: pathlib.Path) -> None:
    """Writes `model` as a float32 TFLite file of builtin operators, with the SavedModel's signature."""
    with tempfile.TemporaryDirectory() as folder:
        write_saved_model(model, pathlib.Path(folder), chunk_frames=None)
        path.write_bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())
