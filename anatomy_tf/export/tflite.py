"""A model as a TFLite file for phones and small devices."""

from __future__ import annotations

import pathlib
import tempfile
import zipfile

import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.export.metadata import METADATA_NAME, as_json, describe_export
from anatomy_tf.export.module import ExportedModule
from anatomy_tf.export.signatures import ClipSignature, StreamSignature
from anatomy_tf.models.length_frames import LengthFrames
from anatomy_tf.models.lifter import AnatomyLifter


def check_tflite(length_frames: LengthFrames) -> None:
    """Raises an InputError where bone lengths are chosen in a way that TFLite has no operators for."""
    if length_frames.mode == "random":
        raise InputError(
            "TFLite cannot draw random length frames: take all, firstframes or consecutive"
        )


def write_tflite(
    model: AnatomyLifter, path: pathlib.Path, frames: int | None = None, card: str = ""
) -> None:
    """Writes `model` as a TFLite file of builtin operators.

    Its signatures are `lift` (`ClipSignature`), and with a causal model `stream_step`: `StreamSignature` for the next
    frame of one stream. The metadata are appended as a zip archive of `metadata.json`, so that any unzip reads them.

    Args:
      frames: one clip of so many frames at most for `lift`, which fixes all sizes; None takes any number of clips and
        frames.
      card: text on what the model is, was trained on, and is good for.

    Raises:
      InputError: as `check_tflite`.
    """
    check_tflite(model.length_frames)
    batch = 1 if frames else None
    functions = {"lift": ClipSignature(model).function(batch, frames)}
    if model.causal:
        functions["stream_step"] = StreamSignature(model).function(batch=1, time=1)
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(ExportedModule(model, functions), folder, signatures=functions)
        path.write_bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(METADATA_NAME, as_json(describe_export(model, functions, card)))
