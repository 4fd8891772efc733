"""Finished models out to other formats: all that is asked for, or nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
from collections.abc import Sequence

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.export.onnx import write_onnx
from anatomy_tf.export.saved_model import write_saved_model
from anatomy_tf.export.serving.versions import new_version, next_version, write_version
from anatomy_tf.export.tflite.tflite_file import write_tflite
from anatomy_tf.files import (
    check_new_folder,
    check_output_file,
    check_output_folder,
    new_folder,
    replacing,
)
from anatomy_tf.models.lifter import AnatomyLifter


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outputs:
    """What to write, and where.

    Args:
      saved_model_dir: new folder for a SavedModel.
      serving_dir: folder for TensorFlow Serving; name and version as in `new_version`, None for the
        next.
      tflite: file for a TFLite model; precision, frames and calibration as in `write_tflite`.
      onnx: file for an ONNX model; signature as in `write_onnx`.
      keypoint_set: what keypoints they take, of `KEYPOINT_SETS`; None is the model's own joints.
    """

    saved_model_dir: pathlib.Path | str | None = None
    serving_dir: pathlib.Path | str | None = None
    serving_name: str = "anatomy"
    serving_version: int | None = None
    tflite: pathlib.Path | str | None = None
    tflite_precision: str = "float32"
    tflite_frames: int | None = None
    calibration: Sequence[Clip] = ()
    onnx: pathlib.Path | str | None = None
    onnx_signature: str = "lift"
    keypoint_set: str | None = None


def check_outputs(outputs: Outputs, replace: bool = False) -> None:
    """Refuses what `export` would refuse of its outputs, whatever the model: before it is loaded.

    Raises:
      InputError: nothing is asked for, a folder is there already and not empty, or one of the
        outputs cannot be written.
    """
    if not (outputs.saved_model_dir or outputs.serving_dir or outputs.tflite or outputs.onnx):
        raise InputError("nothing to export: name at least one output")
    if outputs.saved_model_dir and not replace:
        check_new_folder(outputs.saved_model_dir)
    if outputs.serving_dir:
        check_output_folder(outputs.serving_dir)
    for file in (outputs.tflite, outputs.onnx):
        check_output_file(file or None)


def export(
    model: AnatomyLifter, outputs: Outputs, card: str = "", replace: bool = False
) -> list[str]:
    """Writes `outputs`, and gives their names.

    Args:
      card: text on the model that goes with it.
      replace: an older SavedModel in the same folder gives way.

    Raises:
      InputError: nothing is asked for, a folder is there already and not empty, or one of the
        outputs cannot be written; then none is there.
    """
    check_outputs(outputs, replace)
    joints = outputs.keypoint_set
    with contextlib.ExitStack() as stack:
        writing = {}
        if outputs.saved_model_dir:
            folder = stack.enter_context(new_folder(outputs.saved_model_dir, replace))
            writing[outputs.saved_model_dir] = lambda: write_saved_model(
                model, folder, card, joints
            )
        if outputs.serving_dir:
            name, version = outputs.serving_name, outputs.serving_version
            if version is None:
                version = next_version(outputs.serving_dir, name)
            served = stack.enter_context(
                new_version(model, outputs.serving_dir, name, version, joints)
            )
            path = pathlib.Path(outputs.serving_dir) / name / str(version)
            writing[path] = lambda: write_version(model, served, name, card, joints)
        if outputs.tflite:
            file = stack.enter_context(replacing(outputs.tflite))
            how = (outputs.tflite_precision, outputs.tflite_frames, outputs.calibration)
            writing[outputs.tflite] = lambda: write_tflite(model, file, *how, card, joints)
        if outputs.onnx:
            graph = stack.enter_context(replacing(outputs.onnx))
            signature = outputs.onnx_signature
            writing[outputs.onnx] = lambda: write_onnx(model, graph, signature, card, joints)
        for write in writing.values():
            write()
    return [str(path) for path in writing]
