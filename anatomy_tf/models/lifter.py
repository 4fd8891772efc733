"""The whole model: direction network, length network, and the heads that join them (fig. 1)."""

from __future__ import annotations

import math
import pathlib
import zipfile
from collections.abc import Mapping, Sequence

import keras

from anatomy_tf.data.sampling import window_offsets
from anatomy_tf.errors import InputError
from anatomy_tf.models.direction_network import DirectionNetwork
from anatomy_tf.models.heads import BlockGradient, KinematicHead, KinematicShiftHead, ProductHead
from anatomy_tf.models.layers import RepeatEnds
from anatomy_tf.models.length_network import FrameNetwork, LengthAttention
from anatomy_tf.skeleton import H36M_17, Skeleton

ASSEMBLIES = ("released", "kinematic")


@keras.saving.register_keras_serializable("anatomy_tf")
class AnatomyLifter(keras.Model):
    """Lifts whole clips of 2D keypoints to 3D; holds the weights for training on windows too.

    The model itself takes a dict of `keypoints (B, T, J, 2)` in screen coordinates and `visibility
    (B, T, J)`, and gives a dict of

    - `joints (B, T, J, 3)`: metres, camera space, root-relative;
    - `directions (B, T, K, 3)`: unit vectors, near to far joint;
    - `lengths (B, K)` metres, out of all frames; causal `(B, T, K)`, out of the frames until then.

    `window_model` shares its weights and gives everything that the losses need, for a window of
    `receptive_field` frames and for frames sampled over the clip.

    Args:
      skeleton: the body, or its config.
      filter_widths: odd widths of the convolutions over time; (3, 3, 3) reads 27 frames.
      channels: channels of every hidden layer.
      dropout: share of features dropped in training, up to 0.99.
      causal: read no frame after the current one.
      visibility: read the visibility scores (else the model ignores them).
      sub_networks: direction sub-networks, 1 to 3.
      assembly: `released` regresses the joints from lengths and directions; `kinematic` adds bones up.
      self_pairs: the joint shifts include every joint paired with itself, as released weights need.
      gamma: degree of attention among the frames that give the bone lengths.
      seed: of the dropout.

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
        visibility: bool = True,
        sub_networks: int = 2,
        assembly: str = "released",
        self_pairs: bool = False,
        gamma: float = 10.0,
        seed: int = 0,
        **kwargs,
    ):
        if not isinstance(skeleton, Skeleton):
            skeleton = Skeleton.from_config(skeleton)
        filter_widths = tuple(int(width) for width in filter_widths)
        _check_arguments(filter_widths, channels, dropout, sub_networks, assembly)
        joints, bones = skeleton.num_joints, skeleton.num_bones
        pairs = skeleton.joint_pairs(self_pairs)

        # === Layers ===
        direction_network = DirectionNetwork(
            joints, bones, filter_widths, channels, dropout, causal, visibility, sub_networks, seed
        )
        frame_network = FrameNetwork(
            joints, channels, blocks=len(filter_widths) - 1, dropout=dropout, seed=seed + 1000
        )
        length_attention = LengthAttention(skeleton, gamma)
        if assembly == "released":
            joint_head = ProductHead(bones, channels, joints)
            shift_heads = [ProductHead(bones, channels, len(pairs)) for _ in range(sub_networks)]
        else:
            joint_head = KinematicHead(skeleton)
            shift_heads = [KinematicShiftHead(skeleton, pairs) for _ in range(sub_networks)]
        repeat_ends = RepeatEnds(*window_offsets(math.prod(filter_widths), causal))

        # === Functional model ===
        keypoints = keras.Input((None, joints, 2), name="keypoints")
        inputs = {
            "keypoints": keypoints,
            "visibility": keras.Input((None, joints), name="visibility"),
        }
        padded = {name: repeat_ends(value) for name, value in inputs.items()}
        directions = direction_network(**padded, whole_clip=True)[-1]
        lengths = length_attention(frame_network(keypoints), running=causal)
        outputs = {
            "joints": joint_head(directions, lengths),
            "directions": directions,
            "lengths": lengths,
        }
        super().__init__(inputs=inputs, outputs=outputs, **kwargs)

        # === Config ===
        self.skeleton = skeleton
        self.filter_widths = filter_widths
        self.channels = channels
        self.dropout = dropout
        self.causal = causal
        self.visibility = visibility
        self.sub_networks = sub_networks
        self.assembly = assembly
        self.self_pairs = self_pairs
        self.gamma = gamma
        self.seed = seed

        # === Parts that training and evaluation need ===
        self.joint_pairs = pairs
        self.receptive_field = math.prod(filter_widths)
        self.direction_network = direction_network
        self.frame_network = frame_network
        self.length_attention = length_attention
        self.joint_head = joint_head
        self.shift_heads = shift_heads
        self.window_model = self._build_window_model()

    def _build_window_model(self) -> keras.Model:
        """Keras model of a window and sampled frames, with the gradients blocked as the paper says.

        Inputs as `training_dataset` yields them. Outputs: `joints (B, 1, J, 3)`, `lengths (B, K)`,
        `sampled_joints (B, L, J, 3)`, the last two also `augmented_`; and by sub-network, lowest
        first, lists of `directions (B, 1, K, 3)` and `shifts (B, 1, P, 3)`.
        """
        window, joints = self.receptive_field, self.skeleton.num_joints
        inputs = {
            "keypoints": keras.Input((window, joints, 2), name="keypoints"),
            "visibility": keras.Input((window, joints), name="visibility"),
            "sampled_keypoints": keras.Input((None, joints, 2), name="sampled_keypoints"),
            "augmented_keypoints": keras.Input((None, joints, 2), name="augmented_keypoints"),
        }
        block_gradient = BlockGradient()
        directions = self.direction_network(inputs["keypoints"], inputs["visibility"])
        sampled_joints = self.frame_network(inputs["sampled_keypoints"])
        augmented_joints = self.frame_network(inputs["augmented_keypoints"])
        lengths = self.length_attention(sampled_joints)
        blocked_lengths = block_gradient(lengths)
        outputs = {
            "joints": self.joint_head(block_gradient(directions[-1]), blocked_lengths),
            "directions": directions,
            "shifts": [
                head(direction, blocked_lengths)
                for head, direction in zip(self.shift_heads, directions, strict=True)
            ],
            "lengths": lengths,
            "sampled_joints": sampled_joints,
            "augmented_lengths": self.length_attention(augmented_joints),
            "augmented_joints": augmented_joints,
        }
        return keras.Model(inputs, outputs, name="window_model")

    def get_config(self) -> dict:
        return {
            "skeleton": self.skeleton.get_config(),
            "filter_widths": list(self.filter_widths),
            "channels": self.channels,
            "dropout": self.dropout,
            "causal": self.causal,
            "visibility": self.visibility,
            "sub_networks": self.sub_networks,
            "assembly": self.assembly,
            "self_pairs": self.self_pairs,
            "gamma": self.gamma,
            "seed": self.seed,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict, custom_objects=None) -> AnatomyLifter:
        return cls(**config)


def _check_arguments(filter_widths, channels, dropout, sub_networks, assembly) -> None:
    if len(filter_widths) < 2 or any(width < 3 or width % 2 == 0 for width in filter_widths):
        raise InputError(f"filter_widths: two or more odd numbers from 3 on, got {filter_widths}")
    if channels < 1:
        raise InputError(f"channels: must be positive, got {channels}")
    if not 0 <= dropout <= 0.99:
        raise InputError(f"dropout: must lie in [0, 0.99], got {dropout}")
    if sub_networks not in (1, 2, 3):
        raise InputError(f"sub_networks: must be 1, 2 or 3, got {sub_networks}")
    if assembly not in ASSEMBLIES:
        raise InputError(f"assembly: must be one of {', '.join(ASSEMBLIES)}, got {assembly}")


def load_lifter(path: pathlib.Path | str) -> AnatomyLifter:
    """A finished model: a `.keras` file, or a folder with `model.keras` in it.

    Raises:
      InputError: the file is missing, damaged, or not a model of this project.
    """
    path = pathlib.Path(path)
    if path.is_dir():
        path = path / "model.keras"
    if not path.is_file():
        raise InputError(f"{path}: file not found")
    if not zipfile.is_zipfile(path):
        raise InputError(f"{path}: truncated, or not a .keras file")
    try:
        model = keras.models.load_model(path, compile=False)
    except Exception as error:  # Keras raises many kinds for a file that it cannot read
        reason = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
        raise InputError(f"{path}: not a model of this project ({reason})") from error
    if not isinstance(model, AnatomyLifter):
        raise InputError(f"{path}: a Keras model, but not one of this project")
    return model
