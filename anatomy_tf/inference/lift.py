"""Whole clips of 2D keypoints -> 3D joints."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bones import bones_to_joints
from anatomy_tf.inference.flip import lift_with_flip
from anatomy_tf.models.heads import every_frame
from anatomy_tf.models.length_frames import LengthFrames
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import Skeleton


class ClipLifter:
    """Runs a model over clips of any length.

    Args:
      model: the model.
      flip: also lift the mirrored clip and average the two.
      assembly: `kinematic` adds the predicted bones up (eq. 1) whatever the model was trained with;
        None is the model's own.
      length_frames: which frames give the bone lengths; None is the model's own choice.

    Raises:
      InputError: the model cannot be assembled so, or knows no bone lengths.
    """

    def __init__(
        self,
        model: AnatomyLifter,
        flip: bool = False,
        assembly: str | None = None,
        length_frames: LengthFrames | None = None,
    ):
        assembly = check_assembly(model, assembly)
        self.model = model
        self.flip = flip
        self.assembly = assembly
        self.length_frames = model.chosen_length_frames(length_frames)
        self._clip_model = model if not length_frames else model.clip_model(length_frames)
        joints = model.skeleton.num_joints
        self._lift = tf.function(
            self._lift_batch,
            input_signature=[
                tf.TensorSpec((None, None, joints, 2), tf.float32),
                tf.TensorSpec((None, None, joints), tf.float32),
            ],
        )

    def __call__(self, clip: Clip) -> dict[str, np.ndarray]:
        """`joints (T, J, 3)`, `directions (T, K, 3)`, `lengths (K,)` or by frame `(T, K)`; metres.

        Baselines give `joints` only.

        Raises:
          InputError: the clip's joints are not the model's.
        """
        check_joints(clip, self.model.skeleton)
        visibility = clip.visibility.astype(np.float32)
        outputs = self._lift(clip.screen_keypoints()[np.newaxis], visibility[np.newaxis])
        return {name: value.numpy()[0] for name, value in outputs.items()}

    def _lift_batch(self, keypoints, visibility):
        skeleton = self.model.skeleton

        def lift(keypoints, visibility):
            clips = {"keypoints": keypoints, "visibility": visibility}
            return self._clip_model(clips, training=False)

        if self.flip:
            outputs = lift_with_flip(lift, keypoints, visibility, skeleton)
        else:
            outputs = lift(keypoints, visibility)
        if self.assembly == "kinematic":
            directions, lengths = outputs["directions"], every_frame(outputs["lengths"])
            outputs["joints"] = bones_to_joints(directions, lengths, skeleton)
        return outputs


def check_joints(clip: Clip, skeleton: Skeleton) -> None:
    """Raises an InputError where the joints of the clip are not those of a model with this
    skeleton.
    """
    if clip.skeleton != skeleton:
        raise InputError(
            f"clip {clip.name}: its {clip.skeleton.num_joints} joints are not the "
            f"{skeleton.num_joints} of the model, or stand in another order"
        )


def check_assembly(model: AnatomyLifter, assembly: str | None) -> str:
    """The assembly to run `model` with; None asks for its own.

    Raises:
      InputError: the model does not have what that assembly needs.
    """
    if assembly in (None, model.assembly):
        return model.assembly
    if assembly == "kinematic" and model.frame_network:
        return assembly
    raise InputError(f"assembly {assembly}: the model was trained for {model.assembly} joints")
