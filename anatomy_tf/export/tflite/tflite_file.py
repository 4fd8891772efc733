"""A model as a TFLite file for phones and small devices."""

from __future__ import annotations

import pathlib
import tempfile
import zipfile
from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.export.description.metadata import METADATA_NAME, as_json, describe_export
from anatomy_tf.export.module import ExportedModule
from anatomy_tf.export.signatures import ClipSignature, StreamSignature
from anatomy_tf.export.tflite.calibration import check_calibration, clip_requests, stream_requests
from anatomy_tf.export.tflite.quantization import fold_norms, quantize
from anatomy_tf.models.length_frames import LengthFrames
from anatomy_tf.models.lifter import AnatomyLifter

PRECISIONS = ("float32", "float16", "dynamic_int8", "int8")
"""Of the weights: `float16` are computed with as float32; `dynamic_int8` scales activations anew
for every row of them; `int8` has fixed ranges for them, see `quantize`.
"""


def check_tflite(length_frames: LengthFrames) -> None:
    """Raises an InputError where bone lengths are chosen in a way that TFLite has
    no operators for.
    """
    if length_frames.mode == "random":
        raise InputError(
            "TFLite cannot draw random length frames: take all, firstframes or consecutive"
        )


def write_tflite(
    model: AnatomyLifter,
    path: pathlib.Path,
    precision: str = "float32",
    frames: int | None = None,
    calibration: Sequence[Clip] = (),
    card: str = "",
    keypoint_set: str | None = None,
) -> None:
    """Writes `model` as a TFLite file of builtin operators.

    Its signatures are `lift` (`ClipSignature`), and with a causal model `stream_step`:
    `StreamSignature` for the next frame of one stream. The metadata are appended as a zip archive
    of `metadata.json`, so that any unzip reads them.

    Args:
      precision: one of `PRECISIONS`.
      frames: one clip of so many frames at most for `lift`, which fixes all sizes; None takes any
        number of clips and frames.
      calibration: clips of the training data, which `int8` finds the ranges of activations with.
      card: text on what the model is, was trained on, and is good for.
      keypoint_set: what keypoints it takes, of `KEYPOINT_SETS`; None is the model's own joints.

    Raises:
      InputError: as `check_tflite`; no such precision or keypoint set; `frames` not positive; or
        nothing to calibrate with.
    """
    check_tflite(model.length_frames)
    if precision not in PRECISIONS:
        raise InputError(f"precision: must be one of {', '.join(PRECISIONS)}, got {precision}")
    if frames is not None and frames < 1:
        raise InputError(f"frames: must be positive, got {frames}")
    if precision == "int8":
        if keypoint_set:
            raise InputError(
                "int8 is calibrated with clips of the model's own joints: "
                "leave the keypoint set out, or take dynamic_int8"
            )
        check_calibration(calibration, model.skeleton)
    folded = fold_norms(model)
    lift = ClipSignature(folded, keypoint_set=keypoint_set)
    functions = {"lift": lift.function(frames and 1, frames)}
    if model.causal:
        stream = StreamSignature(folded, keypoint_set)
        functions["stream_step"] = stream.function(batch=1, time=1)

    focal = model.person_frame is not None

    def requests() -> Iterator[tuple[str, dict[str, np.ndarray]]]:
        for request in clip_requests(calibration, frames, focal):
            yield "lift", request
        if model.causal:
            step = functions["stream_step"]
            for request in stream_requests(calibration, step, stream.initial_state, focal):
                yield "stream_step", request

    with tempfile.TemporaryDirectory() as folder:
        # TFLite has no defaults, and those of the functions may not fit fixed sizes: concrete
        # functions have none.
        signatures = {name: f.get_concrete_function() for name, f in functions.items()}
        tf.saved_model.save(ExportedModule(folded, {}), folder, signatures=signatures)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if precision == "int8":
            content = quantize(converter, requests, model.channels)
        else:
            if precision != "float32":
                converter.optimizations = [tf.lite.Optimize.DEFAULT]
            if precision == "float16":
                converter.target_spec.supported_types = [tf.float16]
            content = converter.convert()
    path.write_bytes(content)
    metadata = describe_export(model, functions, card, keypoint_set) | {"precision": precision}
    with zipfile.ZipFile(path, "a") as archive:
        entry = zipfile.ZipInfo(
            METADATA_NAME
        )  # without the time, so that equal models make equal files
        archive.writestr(entry, as_json(metadata))
