"""The whole model: direction network, length network, and the heads that join them (fig. 1)."""

from __future__ import annotations

import inspect
import os
import types
from collections.abc import Mapping, Sequence

import keras

from anatomy_tf.choices import ASSEMBLIES, KEYPOINT_FRAMES, LENGTH_NETWORKS, VISIBILITY
from anatomy_tf.errors import InputError
from anatomy_tf.models.clip_layers import CHUNK_FRAMES
from anatomy_tf.models.keras_file import check_keras_file
from anatomy_tf.models.keypoint_frame import PersonFrame
from anatomy_tf.models.length_frames import ALL_FRAMES, LengthFrames
from anatomy_tf.models.parts import build_parts
from anatomy_tf.shipped import model_path
from anatomy_tf.skeleton import H36M_17, Skeleton


@keras.saving.register_keras_serializable("anatomy_tf")
class AnatomyLifter(keras.Model):
    """Lifts whole clips of 2D keypoints to 3D; holds the weights for training on windows too.

    The model itself takes a dict of `keypoints (B, T, J, 2)` in screen coordinates and `visibility
    (B, T, J)`, in the keypoint frame `person` also `focal (B,)`, focal lengths in screen units; and
    gives a dict of

    - `joints (B, T, J, 3)`: metres, camera space, root-relative;
    - `directions (B, T, K, 3)`: unit vectors, near to far joint;
    - `lengths` in metres: `(B, K)`, or `(B, T, K)` where every frame has its own, as in a causal
      model.

    The baselines, which know no bone lengths, give `joints` only.

    Two models share its weights for training, and are built when first called: `window_model` gives
    what the losses need of a window, `length_model` of the frames sampled over the clip.
    `clip_model` is the model with other frames for the lengths.

    Args:
      skeleton: the body, or its config.
      keypoint_frame: how keypoints enter the networks: as they are on the `screen` (the paper's),
        or as a camera sees them that looks at the `person`, whatever the real one and its lens.
      filter_widths: odd widths of the convolutions over time; (3, 3, 3) reads 27 frames.
      channels: channels of every hidden layer.
      dropout: share of features dropped in training, up to 0.99.
      causal: read no frame after the current one.
      visibility: how visibility scores enter: by `attention` (eq. 8), by `concatenation`, or
        `none`.
      sub_networks: direction sub-networks, 1 to 3.
      long_skips: sub-networks read the features of the one below and are trained one by one
        (section III-B); without, they are one deep network ("Baseline-D").
      length_network: `attention` weighs the sampled frames (eq. 6); `mean` does not; `direct`
        regresses lengths instead of joints and averages them.
      assembly: `released` regresses the joints from lengths and directions; `kinematic` adds bones
        up. Without lengths: `joints` regresses the joints (VideoPose3D), `bones` the bone vectors
        (Sun et al.).
      joint_shifts: predict the joint shifts (eq. 2).
      self_pairs: the joint shifts include every joint paired with itself, as released weights need.
      gamma: degree of attention among the frames that give the bone lengths.
      length_frames: which frames give the bone lengths of a clip, or its config.
      seed: of the dropout.
      trained_on: facts about the training data, kept with the model: `data`, `fps`, ...

    Raises:
      InputError: an argument out of range.
    """

    def __init__(
        self,
        skeleton: Skeleton | Mapping = H36M_17,
        filter_widths: Sequence[int] = (3, 3, 3),
        channels: int = 1024,
        dropout: float = 0.25,
        causal: bool = False,
        visibility: str = "attention",
        sub_networks: int = 2,
        long_skips: bool = True,
        length_network: str = "attention",
        assembly: str = "released",
        joint_shifts: bool = True,
        self_pairs: bool = False,
        gamma: float = 10.0,
        length_frames: LengthFrames | Mapping = ALL_FRAMES,
        seed: int = 0,
        trained_on: Mapping[str, object] = types.MappingProxyType({}),
        keypoint_frame: str = "screen",
        **kwargs,
    ):
        if not isinstance(skeleton, Skeleton):
            skeleton = Skeleton.from_config(skeleton)
        if not isinstance(length_frames, LengthFrames):
            length_frames = LengthFrames(**length_frames)
        filter_widths = tuple(int(width) for width in filter_widths)
        arguments = {
            "keypoint_frame": keypoint_frame,
            "filter_widths": filter_widths,
            "channels": channels,
            "dropout": dropout,
            "causal": causal,
            "visibility": visibility,
            "sub_networks": sub_networks,
            "long_skips": long_skips,
            "length_network": length_network,
            "assembly": assembly,
            "joint_shifts": joint_shifts,
            "self_pairs": self_pairs,
            "gamma": gamma,
            "seed": seed,
        }
        check_arguments(arguments)
        parts = build_parts(skeleton, **arguments)
        joints = skeleton.num_joints
        inputs = {
            "keypoints": keras.Input((None, joints, 2), name="keypoints"),
            "visibility": keras.Input((None, joints), name="visibility"),
        }
        if parts.person_frame:
            inputs["focal"] = keras.Input((), name="focal")
        outputs = parts.clip_outputs(inputs, length_frames, CHUNK_FRAMES)
        super().__init__(inputs=inputs, outputs=outputs, **kwargs)

        for name, value in arguments.items():
            setattr(self, name, value)
        self.skeleton = skeleton
        self.length_frames = length_frames
        self.trained_on = dict(trained_on)
        self.parts = parts
        self.joint_pairs = parts.joint_pairs
        self.person_frame: PersonFrame | None = parts.person_frame
        self.direction_network = parts.direction_network
        self.receptive_field = parts.direction_network.receptive_field
        # Names of layers come before "layers" in the alphabet: Keras 2 and 3 walk the attributes in
        # opposite orders, and so save what two lead to under the same path.
        self.frame_network = parts.frame_network
        self.frame_pooling = parts.length_pooling
        self.joint_head = parts.joint_head
        self.shift_heads = parts.shift_heads
        self._arguments = arguments

    def window_model(self, inputs: dict, training: bool = False) -> dict:
        """What the losses need of windows of `receptive_field` frames or more; see
        `LifterParts.window_outputs`.
        """
        return self.parts.window_model(inputs, training=training)

    def length_model(self, sampled_keypoints, training: bool = False) -> dict:
        """The length network alone on sampled frames; see `LifterParts.length_outputs`."""
        return self.parts.length_model(sampled_keypoints, training=training)

    def clip_model(
        self, length_frames: LengthFrames | None = None, chunk_frames: int | None = CHUNK_FRAMES
    ) -> keras.Model:
        """The model with the same weights, for whole clips, but with other settings.

        Args:
          length_frames: the frames for the bone lengths of a clip; None is the model's own choice.
          chunk_frames: how many frames are lifted at a time; None lifts all at once, with no loop
            in the graph.
        """
        length_frames = self.chosen_length_frames(length_frames)
        outputs = self.parts.clip_outputs(self.input, length_frames, chunk_frames)
        return keras.Model(self.input, outputs, name="clip_model")

    def chosen_length_frames(self, length_frames: LengthFrames | None) -> LengthFrames:
        """`length_frames`, or the model's own choice for None.

        Raises:
          InputError: they are given, but the model is a baseline without bone lengths.
        """
        if length_frames and not self.frame_network:
            raise InputError(f"length frames: assembly {self.assembly} has no bone lengths")
        return length_frames or self.length_frames

    # Methods, since Keras reads every property of a model when it loads one.
    def training_weights(self) -> list[keras.Variable]:
        """All weights, also those that only training needs."""
        length_model = self.parts.length_model
        length_weights = length_model.weights if length_model else []
        return [*self.parts.window_model.weights, *length_weights]

    def training_variables(self) -> list[keras.Variable]:
        """Those of `training_weights` that an optimizer changes."""
        return [weight for weight in self.training_weights() if weight.trainable]

    def get_config(self) -> dict:
        return self._arguments | {
            "skeleton": self.skeleton.get_config(),
            "filter_widths": list(self.filter_widths),
            "length_frames": self.length_frames.get_config(),
            "trained_on": dict(self.trained_on),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict, custom_objects=None) -> AnatomyLifter:
        known = {*inspect.signature(cls.__init__).parameters, "name"}
        if unknown := sorted(set(config) - known):
            raise InputError(f"{unknown[0]:.60}: no argument of a model of this version")
        return cls(**config)


def check_arguments(arguments: Mapping) -> None:
    """Raises an InputError for an argument of `AnatomyLifter` that is out of range."""
    widths = arguments["filter_widths"]
    if len(widths) < 2 or any(width < 3 or width % 2 == 0 for width in widths):
        raise InputError(f"filter_widths: two or more odd numbers from 3 on, got {widths}")
    if arguments["channels"] < 1:
        raise InputError(f"channels: must be positive, got {arguments['channels']}")
    if not 0 <= arguments["dropout"] <= 0.99:
        raise InputError(f"dropout: must lie in [0, 0.99], got {arguments['dropout']}")
    if arguments["sub_networks"] not in (1, 2, 3):
        raise InputError(f"sub_networks: must be 1, 2 or 3, got {arguments['sub_networks']}")
    choices = {
        "keypoint_frame": KEYPOINT_FRAMES,
        "visibility": VISIBILITY,
        "length_network": LENGTH_NETWORKS,
        "assembly": ASSEMBLIES,
    }
    for name, allowed in choices.items():
        if arguments[name] not in allowed:
            raise InputError(f"{name}: must be one of {', '.join(allowed)}, got {arguments[name]}")


def load_lifter(path: str | os.PathLike[str]) -> AnatomyLifter:
    """A finished model: a `.keras` file, a folder with `model.keras` in it, or the name of a model
    that ships.

    Raises:
      InputError: the file is missing, damaged, or not a model of this project; see
        `check_keras_file`, before which nothing in it is made or imported.
    """
    path = model_path(path)
    if path.is_dir():
        path = path / "model.keras"
    check_keras_file(path)
    try:
        model = keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises many kinds for a file that it cannot read
        reason = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
        raise InputError(f"{path}: not a model of this project ({reason})") from error
    if not isinstance(model, AnatomyLifter):
        raise InputError(f"{path}: a Keras model, but not one of this project")
    return model
