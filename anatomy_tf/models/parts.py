"""The layers of a lifter, and how a whole clip and a window run through them."""

from __future__ import annotations

import dataclasses
import functools
import math

import keras
import numpy as np

from anatomy_tf.choices import ANATOMY_ASSEMBLIES
from anatomy_tf.data.batches.sampling import window_offsets
from anatomy_tf.models import heads
from anatomy_tf.models.clip_layers import ChosenLengths, ClipFeatures, ClipJoints, ClipLengths
from anatomy_tf.models.direction_network import DirectionNetwork
from anatomy_tf.models.keypoint_frame import PersonFrame, TurnBack
from anatomy_tf.models.layers import RepeatEnds
from anatomy_tf.models.length_frames import ALL_FRAMES, LengthFrames
from anatomy_tf.models.length_network import FrameNetwork, LengthAttention, LengthMean
from anatomy_tf.skeleton import Skeleton


@dataclasses.dataclass(frozen=True)
class LifterParts:
    """The layers; `frame_network` and `length_pooling` are None in the baselines.

    Attributes:
      person_frame: how keypoints enter the networks; None where they are screen coordinates.
      joint_pairs: `(P, 2)` of the joint shifts.
      shift_heads: one a head of the direction network, lowest first; none where no shifts are
        learned.
    """

    skeleton: Skeleton
    causal: bool
    assembly: str
    person_frame: PersonFrame | None
    direction_network: DirectionNetwork
    frame_network: FrameNetwork | None
    length_pooling: LengthAttention | LengthMean | None
    joint_head: keras.layers.Layer
    joint_pairs: np.ndarray
    shift_heads: list[keras.layers.Layer]

    @functools.cached_property
    def window_model(self) -> keras.Model:
        """`window_outputs` as a model."""
        joints = self.skeleton.num_joints
        points = joints + (self.person_frame.num_extra_points if self.person_frame else 0)
        inputs = {
            "keypoints": keras.Input((None, points, 2), name="keypoints"),
            "visibility": keras.Input((None, joints), name="visibility"),
        }
        if self.frame_network:
            inputs["lengths"] = keras.Input((self.skeleton.num_bones,), name="lengths")
        return keras.Model(inputs, self.window_outputs(inputs), name="window_model")

    @functools.cached_property
    def length_model(self) -> keras.Model | None:
        """`length_outputs` as a model, if there are lengths."""
        if not self.frame_network:
            return None
        points = self.skeleton.num_joints
        points += self.person_frame.num_extra_frame_points if self.person_frame else 0
        keypoints = keras.Input((None, points, 2), name="sampled_keypoints")
        return keras.Model(keypoints, self.length_outputs(keypoints), name="length_model")

    def clip_outputs(
        self, inputs: dict, length_frames: LengthFrames, chunk_frames: int | None, total=None
    ) -> dict:
        """`joints`, and but for the baselines `directions` and `lengths`, of every frame of whole
        clips.

        `total (B,)`: frames of each clip, whose last one is then repeated up to the end of the
        batch.
        """
        before, after = window_offsets(self.direction_network.receptive_field, self.causal)
        # Names of their own: Keras would number the layers, and an export depend on what was built
        # before.
        few = not self.causal and length_frames.mode in ("random", "firstframes")
        frame_network = None if few else self.frame_network
        features = ClipFeatures(
            *(self.direction_network, frame_network, self.length_pooling),
            *(before, after, chunk_frames),
            name="clip_features",
        )
        clip_joints = ClipJoints(
            self.joint_head, self.skeleton.num_joints, chunk_frames, name="clip_joints"
        )
        if self.person_frame:
            *padded, current, rotation = self.person_frame(**inputs, total=total)
            vectors, *of_frames = features(*padded, current)
        else:
            repeat_ends = RepeatEnds(before, after, name="repeat_ends")
            padded = {name: repeat_ends(value) for name, value in inputs.items()}
            vectors, *of_frames = features(**padded)
            current = inputs["keypoints"]
            rotation = None
        if self.frame_network is None:
            return _turned_back({"joints": clip_joints(vectors)}, rotation)
        if few:
            chosen_lengths = ChosenLengths(
                *(self.frame_network, self.length_pooling, length_frames), name="chosen_lengths"
            )
            lengths = chosen_lengths(current, total)
        else:
            clip_lengths = ClipLengths(length_frames, self.causal, name="clip_lengths")
            lengths = clip_lengths(*of_frames, total)
        outputs = {
            "joints": clip_joints(vectors, lengths),
            "directions": vectors,
            "lengths": lengths,
        }
        return _turned_back(outputs, rotation)

    def window_outputs(self, inputs: dict) -> dict:
        """What the losses need of windows, with the gradients blocked as the paper says.

        Takes `keypoints`, `visibility` and, but for the baselines, `lengths (B, K)`; in the frame
        `person`, what it makes of the windows. Of windows that are N - 1 frames longer than the
        receptive field, it gives in the same frame, in lists with an entry a head of the direction
        network, lowest first:

        - `directions (B, N, K, 3)`, not in the baselines;
        - `joints (B, N, J, 3)`: one entry, out of blocked directions and lengths; in the baseline
          that regresses joints one a head; in the one that regresses bones none;
        - `shifts (B, N, P, 3)`, where there are shift heads.
        """
        vectors = self.direction_network(inputs["keypoints"], inputs["visibility"])
        lengths = None
        outputs = {}
        if self.frame_network is not None:
            block_gradient = heads.BlockGradient()
            lengths = block_gradient(inputs["lengths"])
            outputs["directions"] = vectors
            outputs["joints"] = [self.joint_head(block_gradient(vectors[-1]), lengths)]
        elif self.assembly == "joints":
            outputs["joints"] = vectors
        if self.shift_heads:
            outputs["shifts"] = [
                head(vector, lengths)
                for vector, head in zip(vectors, self.shift_heads, strict=True)
            ]
        return outputs

    def length_outputs(self, sampled_keypoints) -> dict:
        """`lengths (B, K)` out of `(B, L, P, 2)` frames, and their `sampled_joints (B, L, J, 3)` if
        predicted.
        """
        sampled = self.frame_network(sampled_keypoints)
        lengths = ClipLengths(ALL_FRAMES, causal=False)(*self.length_pooling(sampled))
        if len(self.frame_network.outputs) == 1:
            return {"lengths": lengths}
        return {"lengths": lengths, "sampled_joints": sampled}


def _turned_back(outputs: dict, rotation) -> dict:
    if rotation is None:
        return outputs
    vectors = [name for name in ("joints", "directions") if name in outputs]
    return outputs | {
        name: TurnBack(name=f"turn_back_{name}")(outputs[name], rotation) for name in vectors
    }


def build_parts(
    skeleton: Skeleton,
    keypoint_frame: str,
    filter_widths: tuple[int, ...],
    channels: int,
    dropout: float,
    causal: bool,
    visibility: str,
    sub_networks: int,
    long_skips: bool,
    length_network: str,
    assembly: str,
    joint_shifts: bool,
    self_pairs: bool,
    gamma: float,
    seed: int,
) -> LifterParts:
    """The layers that these arguments of `AnatomyLifter` ask for, and no others."""
    joints, bones = skeleton.num_joints, skeleton.num_bones
    pairs = skeleton.joint_pairs(self_pairs)
    anatomy = assembly in ANATOMY_ASSEMBLIES
    person_frame = None
    if keypoint_frame == "person":
        window = window_offsets(math.prod(filter_widths), causal)
        person_frame = PersonFrame(skeleton, causal, *window, name="person_frame")
    direction_network = DirectionNetwork(
        num_points=joints + (person_frame.num_extra_points if person_frame else 0),
        num_joints=joints,
        num_vectors=joints if assembly == "joints" else bones,
        unit=anatomy,
        filter_widths=filter_widths,
        channels=channels,
        dropout=dropout,
        causal=causal,
        visibility=visibility,
        sub_networks=sub_networks,
        long_skips=long_skips,
        seed=seed,
    )
    frame_network = length_pooling = None
    if anatomy:
        direct = length_network == "direct"
        frame_network = FrameNetwork(
            joints + (person_frame.num_extra_frame_points if person_frame else 0),
            channels,
            outputs=(bones,) if direct else (joints, 3),
            blocks=len(filter_widths) - 1,
            dropout=dropout,
            seed=seed + 1000,
        )
        length_pooling = (
            LengthAttention(skeleton, gamma)
            if length_network == "attention"
            else LengthMean(skeleton, direct)
        )
    if assembly == "bones":
        # Its only losses are the shifts: of the bones themselves, and of the pairs that are none.
        pairs = np.concatenate([skeleton.bones, pairs]) if joint_shifts else skeleton.bones
        joint_shifts = True
    joint_head = {
        "released": lambda: heads.ProductHead(bones, channels, joints),
        "kinematic": lambda: heads.KinematicHead(skeleton),
        "joints": heads.JointVectorHead,
        "bones": lambda: heads.BoneVectorHead(skeleton),
    }[assembly]()
    return LifterParts(
        skeleton=skeleton,
        causal=causal,
        assembly=assembly,
        person_frame=person_frame,
        direction_network=direction_network,
        frame_network=frame_network,
        length_pooling=length_pooling,
        joint_head=joint_head,
        joint_pairs=pairs,
        shift_heads=[
            heads.ProductHead(bones, channels, len(pairs))
            if assembly == "released"
            else heads.ShiftsOfJoints(joint_head, pairs)
            for _ in range(sub_networks if long_skips else 1)
            if joint_shifts
        ],
    )
