"""A model as a TFLite file for phones and small devices."""

from __future__ import annotations

import pathlib
import tempfile

import tensorflow as tf

from anatomy_tf.export.saved_model import write_saved_model
from anatomy_tf.files import replacing
from anatomy_tf.models.lifter import AnatomyLifter


def export_tflite(model: AnatomyLifter, path: pathlib.Path | str) -> None:
    """Writes `model` as a float32 TFLite file of builtin operators, with the SavedModel's signature.

    Raises:
      InputError: the file cannot be written.
    """
    with tempfile.TemporaryDirectory() as folder:
        write_saved_model(model, pathlib.Path(folder))
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        content = converter.convert()
    with replacing(path) as temporary:
        temporary.write_bytes(content)
