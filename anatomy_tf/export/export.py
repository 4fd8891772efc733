"""Finished models out to other formats: all that is asked for, or nothing."""

from __future__ import annotations

import contextlib
import pathlib

from anatomy_tf.export.saved_model import write_saved_model
from anatomy_tf.export.tflite import write_tflite
from anatomy_tf.files import new_folder, replacing
from anatomy_tf.models.lifter import AnatomyLifter


def export(
    model: AnatomyLifter,
    saved_model_dir: pathlib.Path | str | None = None,
    tflite: pathlib.Path | str | None = None,
    card: str = "",
    replace: bool = False,
) -> None:
    """Writes a SavedModel, a TFLite file, or both; see `write_saved_model` and `write_tflite`.

    Args:
      saved_model_dir: new folder for the SavedModel.
      tflite: file for the TFLite model.
      card: text on the model that goes with it.
      replace: an older SavedModel in that folder gives way.

    Raises:
      InputError: the folder is there already and not empty, or one of the two cannot be written; then neither
        is there.
    """
    with contextlib.ExitStack() as outputs:
        if saved_model_dir:
            folder = outputs.enter_context(new_folder(saved_model_dir, replace))
        if tflite:
            file = outputs.enter_context(replacing(tflite))
        if saved_model_dir:
            write_saved_model(model, folder, card)
        if tflite:
            write_tflite(model, file, card=card)
