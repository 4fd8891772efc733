"""A model as a TensorFlow SavedModel, which runs without this package."""

from __future__ import annotations

import pathlib

import tensorflow as tf

from anatomy_tf.models.clip_layers import CHUNK_FRAMES
from anatomy_tf.models.lifter import AnatomyLifter


def write_saved_model(
    model: AnatomyLifter, folder: pathlib.Path, chunk_frames: int | None = CHUNK_FRAMES
) -> None:
    """Writes `model` as a SavedModel with the signature `serving_default`.

    Takes float32 `keypoints (B, T, J, 2)` in screen coordinates and `visibility (B, T, J)`, any B and T; gives
    `joints (B, T, J, 3)` in metres, `directions (B, T, K, 3)` and `lengths (B, K)`, or by frame
    `(B, T, K)`. The baselines, which know no bone lengths, give `joints` only.

    Args:
      chunk_frames: as in `AnatomyLifter.clip_model`.
    """
    clip_model = model.clip_model(chunk_frames=chunk_frames)
    joints = model.skeleton.num_joints

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, None, joints, 2), tf.float32, name="keypoints"),
            tf.TensorSpec((None, None, joints), tf.float32, name="visibility"),
        ]
    )
    def lift(keypoints, visibility):
        return clip_model({"keypoints": keypoints, "visibility": visibility}, training=False)

    module = tf.Module()
    # Only what the module tracks as tf.Variable is turned into constants by the TFLite converter.
    module.weights = [variable.value for variable in model.weights]
    module.lift = lift
    tf.saved_model.save(module, str(folder), signatures={"serving_default": lift})
