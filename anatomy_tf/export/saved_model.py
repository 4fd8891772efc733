"""A model as a TensorFlow SavedModel, which runs without this package."""

from __future__ import annotations

import pathlib

import tensorflow as tf

from anatomy_tf.files import new_folder
from anatomy_tf.models.lifter import AnatomyLifter


def export_saved_model(model: AnatomyLifter, folder: pathlib.Path | str) -> None:
    """Writes `model` as a SavedModel with the signature `serving_default`.

    Takes float32 `keypoints (B, T, J, 2)` in screen coordinates and `visibility (B, T, J)`, any B and T; gives
    `joints (B, T, J, 3)` in metres, `directions (B, T, K, 3)` and `lengths (B, K)`, causal `(B, T, K)`.

    Raises:
      InputError: the folder is there already and not empty, or cannot be written.
    """
    with new_folder(folder) as temporary:
        write_saved_model(model, temporary)


def write_saved_model(model: AnatomyLifter, folder: pathlib.Path) -> None:
    """`export_saved_model` into a folder that is the caller's own."""
    joints = model.skeleton.num_joints

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, None, joints, 2), tf.float32, name="keypoints"),
            tf.TensorSpec((None, None, joints), tf.float32, name="visibility"),
        ]
    )
    def lift(keypoints, visibility):
        return model({"keypoints": keypoints, "visibility": visibility}, training=False)

    module = tf.Module()
    module.weights = [variable.value for variable in model.weights]
    module.lift = lift
    tf.saved_model.save(module, str(folder), signatures={"serving_default": lift})
