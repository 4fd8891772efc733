"""A model as a TensorFlow SavedModel, which runs without this package."""

from __future__ import annotations

import functools
import pathlib

import tensorflow as tf

from anatomy_tf.export.description.metadata import METADATA_NAME, as_json, describe_export
from anatomy_tf.export.module import ExportedModule
from anatomy_tf.export.signatures import ClipSignature, StreamSignature
from anatomy_tf.models.clip_layers import CHUNK_FRAMES
from anatomy_tf.models.lifter import AnatomyLifter

EXTRA = "assets.extra"
"""Folder in a SavedModel that TensorFlow leaves alone."""


def write_saved_model(
    model: AnatomyLifter, folder: pathlib.Path, card: str = "", keypoint_set: str | None = None
) -> None:
    """Writes `model` as a SavedModel.

    Its signatures are `lift`, which is `serving_default` too, and `lift_flip` (`ClipSignature`);
    with a causal model `stream` (`StreamSignature`); and `metadata`, without inputs. The same
    functions are attributes of what `tf.saved_model.load` gives, and may there be called with their
    defaults. The metadata also lie in `assets.extra/metadata.json`.

    Args:
      card: text on what the model is, was trained on, and is good for.
      keypoint_set: what keypoints it takes, of `KEYPOINT_SETS`; None is the model's own joints.

    Raises:
      InputError: there is no such set, or no joint of the model can be made of it.
    """
    functions = {
        name: ClipSignature(model, name == "lift_flip", CHUNK_FRAMES, keypoint_set).function()
        for name in ("lift", "lift_flip")
    }
    if model.causal:
        functions["stream"] = StreamSignature(model, keypoint_set).function()

    @functools.cache
    def described() -> dict:
        with tf.init_scope():
            return describe_export(model, functions, card, keypoint_set)

    @tf.function(input_signature=[], autograph=False)
    def read_metadata():
        # While all are saved, as the functions have been traced for that by now; TensorFlow traces
        # them once more for whoever asks at another time.
        metadata = described()
        return {
            "joint_names": tf.constant(metadata["joint_names"]),
            "keypoint_names": tf.constant(metadata["keypoint_names"]),
            "parents": tf.constant(metadata["parents"]),
            "json": tf.constant(as_json(metadata)),
        }

    module = ExportedModule(model, functions | {"metadata": read_metadata})
    signatures = functions | {"serving_default": functions["lift"], "metadata": read_metadata}
    tf.saved_model.save(module, str(folder), signatures=signatures)
    extra = folder / EXTRA
    extra.mkdir()
    (extra / METADATA_NAME).write_text(as_json(described()), encoding="utf-8")
