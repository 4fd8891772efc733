"""Whole clips of 2D keypoints -> 3D joints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.joint_order import check_joint_order
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bones import bones_to_joints
from anatomy_tf.inference.flip import average, lift_both_ways
from anatomy_tf.models.clip_layers import CHUNK_FRAMES
from anatomy_tf.models.heads import every_frame
from anatomy_tf.models.length_frames import LengthFrames
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import Skeleton

_BATCH_FRAMES = 8192
"""Frames that are lifted in one call, padding included, bound its memory."""
_MOST_PADDING = 1.25
"""How much longer than its shortest clip a batch may be."""


class ClipLifter:
    """Runs a model over clips of any length. May be used from several threads.

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
        joints = model.skeleton.num_joints
        clips = [
            tf.TensorSpec((None, None, joints, 2), tf.float32),
            tf.TensorSpec((None, None, joints), tf.float32),
            tf.TensorSpec((None,), tf.float32),
        ]
        self._lift, self._lift_padded = (
            tf.function(self._lift_batch, input_signature=signature, autograph=False)
            for signature in (clips, [*clips, tf.TensorSpec((None,), tf.int32)])
        )

    def __call__(self, clip: Clip) -> dict[str, np.ndarray]:
        """`joints (T, J, 3)`, `directions (T, K, 3)`, `lengths (K,)` or by frame `(T, K)`; metres.
        With flip also `flip_distance (T, J)`, how far the clip and its mirror image disagree.

        Baselines give neither directions nor lengths.

        Raises:
          InputError: the clip's joints are not the model's.
        """
        check_joints(clip, self.model.skeleton)
        visibility = clip.visibility.astype(np.float32)
        outputs = self._lift(
            clip.screen_keypoints()[np.newaxis], visibility[np.newaxis], _focal_lengths([clip])
        )
        return {name: value.numpy()[0] for name, value in outputs.items()}

    def lift_many(self, clips: Sequence[Clip]) -> list[dict[str, np.ndarray]]:
        """What calling it for every clip gives, but several clips at a time, which is faster for
        short ones.

        Raises:
          InputError: as for one.
        """
        results: list[dict[str, np.ndarray]] = [{}] * len(clips)
        for batch in _batches([len(clip) for clip in clips]):
            if len(batch) == 1:
                results[batch[0]] = self(clips[batch[0]])
                continue
            chosen = [clips[i] for i in batch]
            for clip in chosen:
                check_joints(clip, self.model.skeleton)
            frames = np.array([len(clip) for clip in chosen], np.int32)
            # The last frame over and over is what the model takes to come after a clip.
            places = [np.minimum(np.arange(frames.max()), count - 1) for count in frames]
            outputs = self._lift_padded(
                np.stack([c.screen_keypoints()[p] for c, p in zip(chosen, places, strict=True)]),
                np.stack([c.visibility[p] for c, p in zip(chosen, places, strict=True)]),
                _focal_lengths(chosen),
                frames,
            )
            arrays = {name: value.numpy() for name, value in outputs.items()}
            for row, i in enumerate(batch):
                results[i] = {
                    name: x[row] if name == "lengths" and x.ndim == 2 else x[row, : frames[row]]
                    for name, x in arrays.items()
                }
        return results

    def _lift_batch(self, keypoints, visibility, focal, frames=None):
        skeleton = self.model.skeleton

        def lift(keypoints, visibility, total=None, **focal):
            clips = {"keypoints": keypoints, "visibility": visibility, **focal}
            return self.model.parts.clip_outputs(clips, self.length_frames, CHUNK_FRAMES, total)

        of_clips = {} if frames is None else {"total": frames}
        if self.model.person_frame:
            of_clips["focal"] = focal
        if self.flip:
            both = lift_both_ways(lift, keypoints, visibility, skeleton, **of_clips)
            outputs = average(*both)
            apart = both[0]["joints"] - both[1]["joints"]
            outputs["flip_distance"] = tf.norm(apart, axis=-1)
        else:
            outputs = lift(keypoints, visibility, **of_clips)
        if self.assembly == "kinematic":
            directions, lengths = outputs["directions"], every_frame(outputs["lengths"])
            outputs["joints"] = bones_to_joints(directions, lengths, skeleton)
        return outputs


def _focal_lengths(clips: Sequence[Clip]) -> np.ndarray:
    """`(B,)` in screen units."""
    return np.array([clip.screen_focal() for clip in clips], np.float32)


def check_joints(clip: Clip, skeleton: Skeleton) -> None:
    """Raises an InputError where the joints of the clip are not those of a model with this
    skeleton, or only said to be.
    """
    if clip.skeleton != skeleton:
        raise InputError(
            f"clip {clip.name}: its {clip.skeleton.num_joints} joints are not the "
            f"{skeleton.num_joints} of the model, or stand in another order"
        )
    where = f"clip {clip.name}"
    check_joint_order(clip.keypoints, clip.visibility, skeleton.joint_names, skeleton, where)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Numbers of the clips that are lifted together: of similar length, and not too many frames."""
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        longest = lengths[i]
        if batch and (
            longest > _MOST_PADDING * lengths[batch[0]]
            or longest * (len(batch) + 1) > _BATCH_FRAMES
        ):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


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
