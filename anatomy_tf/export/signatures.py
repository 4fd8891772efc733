"""What an exported model can be asked for: whole clips, and the next frames of streams. Pixels in,
metres out.
"""

from __future__ import annotations

import json
import zlib

import tensorflow as tf

from anatomy_tf.export.pixels import (
    KeypointInput,
    bridge_unseen,
    focal_of_screen,
    hold_unseen,
    screen_and_seen,
)
from anatomy_tf.inference.flip import lift_with_flip
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.models.lifter_stream import LifterStream

STATE = "state_"
"""Inputs and outputs of a stream whose name starts so are its memory: what comes out goes in with
the next frames.
"""

LARGEST = 1e6
"""No feature of a trained model comes near; beyond it a state is garbage, and joints could
overflow.
"""


class ClipSignature:
    """Lifts whole clips, as the model itself does for screen coordinates without gaps.

    Args:
      model: the model.
      flip: average with the mirror image.
      chunk_frames: as in `AnatomyLifter.clip_model`.
      keypoint_set: what the keypoints are, of `KEYPOINT_SETS`; None is the model's own joints.

    Raises:
      InputError: as `KeypointInput`.
    """

    def __init__(
        self,
        model: AnatomyLifter,
        flip: bool = False,
        chunk_frames: int | None = None,
        keypoint_set: str | None = None,
    ):
        self.model = model
        self.keypoint_input = KeypointInput(model.skeleton, keypoint_set)
        self.flip = flip
        self.chunk_frames = chunk_frames

    def function(self, batch: int | None = None, time: int | None = None):
        """The signature as a `tf.function` of clips of these sizes; None is any size."""
        count = len(self.keypoint_input.names)
        all_seen, all_frames = _all_seen(count), tf.constant([-1])
        specs = [
            *_detections(count, batch, time),
            tf.TensorSpec((batch,), tf.int32, "frames"),
        ]

        if not self.model.person_frame:

            @tf.function(input_signature=specs, autograph=False)
            def lift(keypoints, image_size, visibility=all_seen, frames=all_frames):
                return self(*_checked([keypoints, image_size, visibility, frames], specs))

            return lift

        specs.append(_focal(batch))
        unknown_focal = tf.constant([0.0])

        @tf.function(input_signature=specs, autograph=False)
        def lift_by_focal(
            keypoints, image_size, visibility=all_seen, frames=all_frames, focal=unknown_focal
        ):
            return self(*_checked([keypoints, image_size, visibility, frames, focal], specs))

        return lift_by_focal

    def __call__(
        self, keypoints, image_size, visibility, frames, focal=None
    ) -> dict[str, tf.Tensor]:
        """What the model gives, of `B` clips of up to `T` frames.

        Args:
          keypoints: `(B, T, I, 2)` pixels, of the joints or the keypoint set; NaN where unseen.
          image_size: `(B, 2)` width and height in pixels.
          visibility: `(B, T, I)` scores from 0, unseen, to 1.
          frames: `(B,)`, how many frames the clip has; what comes after them is padding. Negative:
            all.
          focal: `(B,)` focal lengths in pixels, which models in the keypoint frame `person` read;
            one that no lens has is guessed.

        In all but `keypoints`, an axis of size 1 stands for all. The padding has joints and
        directions 0, and a clip without frames lengths 0.

        Raises:
          InvalidArgumentError: `T` is 0.
        """
        batch, time = tf.unstack(tf.shape(keypoints)[:2])
        tf.debugging.assert_positive(time, "keypoints: the clips have no frames")
        frames = tf.where(frames < 0, time, tf.minimum(frames, time)) + tf.zeros([batch], tf.int32)
        present = tf.range(time) < tf.expand_dims(frames, 1)
        screen, visibility, seen = self.keypoint_input.joints(
            *screen_and_seen(keypoints, visibility, image_size)
        )
        seen &= tf.expand_dims(present, -1)
        if self.model.causal:
            screen, _ = hold_unseen(screen, seen, tf.zeros_like(screen[:, 0]))
        else:
            screen = bridge_unseen(screen, seen)
        # The last frame over and over is what the model takes to come after a clip.
        source = tf.minimum(tf.range(time), tf.maximum(tf.expand_dims(frames, 1) - 1, 0))
        screen, visibility = (
            tf.gather(x, source, axis=1, batch_dims=1) for x in (screen, visibility)
        )
        if focal is not None:
            focal = focal_of_screen(focal, image_size) + tf.zeros([batch])
        outputs = self._lift(screen, visibility, frames, focal)
        return {
            name: _where(frames > 0 if value.shape.rank == 2 else present, value)
            for name, value in outputs.items()
        }

    def _lift(self, keypoints, visibility, frames, focal):
        def lift(keypoints, visibility, total, **focal):
            clips = {"keypoints": keypoints, "visibility": visibility, **focal}
            length_frames = self.model.length_frames
            return self.model.parts.clip_outputs(clips, length_frames, self.chunk_frames, total)

        of_clips = {"total": frames} if focal is None else {"total": frames, "focal": focal}
        if self.flip:
            return lift_with_flip(lift, keypoints, visibility, self.model.skeleton, **of_clips)
        return lift(keypoints, visibility, **of_clips)


class StreamSignature:
    """Lifts the next frames of streams, to what the whole clip would give for them.

    Args:
      model: a causal model.
      keypoint_set: what the keypoints are, of `KEYPOINT_SETS`; None is the model's own joints.

    Attributes:
      initial_state: the state of one stream that has seen nothing yet: zeros.

    Raises:
      InputError: the model is not causal, or as `KeypointInput`.
    """

    def __init__(self, model: AnatomyLifter, keypoint_set: str | None = None):
        self.model = model
        self.keypoint_input = KeypointInput(model.skeleton, keypoint_set)
        self.stream = LifterStream(model)
        self.fingerprint = fingerprint(model)
        state = self.stream.initial_state(1) | {
            "last_seen": tf.zeros([1, model.skeleton.num_joints, 2]),
            "model": tf.zeros([1], tf.int32),
        }
        self.initial_state = {STATE + name: value for name, value in sorted(state.items())}

    def function(self, batch: int | None = None, time: int | None = None):
        """The signature as a `tf.function` of streams and frames in these numbers; None is any
        number.
        """
        count = len(self.keypoint_input.names)
        all_seen, initial_state = _all_seen(count), self.initial_state
        state_specs = {
            name: tf.TensorSpec((batch, *value.shape[1:]), value.dtype, name)
            for name, value in initial_state.items()
        }
        specs = [*_detections(count, batch, time), state_specs]
        if not self.model.person_frame:

            @tf.function(input_signature=specs, autograph=False)
            def stream(keypoints, image_size, visibility=all_seen, state=initial_state):
                return self(*_checked([keypoints, image_size, visibility, state], specs))

            return stream

        specs.append(_focal(batch))
        unknown_focal = tf.constant([0.0])

        @tf.function(input_signature=specs, autograph=False)
        def stream_by_focal(
            keypoints, image_size, visibility=all_seen, state=initial_state, focal=unknown_focal
        ):
            return self(*_checked([keypoints, image_size, visibility, state, focal], specs))

        return stream_by_focal

    def __call__(
        self, keypoints, image_size, visibility, state, focal=None
    ) -> dict[str, tf.Tensor]:
        """What the model gives for the next `N` frames of `B` streams, and their state after them.

        Args:
          keypoints: `(B, N, I, 2)` pixels, of the joints or the keypoint set; NaN where unseen.
          image_size: `(B, 2)` width and height in pixels.
          visibility: `(B, N, I)` scores from 0, unseen, to 1.
          state: as it came out for the frames before; zeros begin a stream. One of another model,
            or garbage, begins a stream too.
          focal: as in `ClipSignature`.

        In all but `keypoints`, an axis of size 1 stands for all.

        Raises:
          InvalidArgumentError: `N` is 0.
        """
        state = {name.removeprefix(STATE): value for name, value in state.items()}
        known = (state.pop("model") == self.fingerprint) & (state["frames"] > 0)
        batch, time = tf.unstack(tf.shape(keypoints)[:2])
        tf.debugging.assert_positive(time, "keypoints: no frames")
        known &= tf.range(batch) >= 0  # as many as there are streams
        for name, value in state.items():
            if value.dtype.is_floating:
                limit = value.dtype.max if name == "kept_logits" else LARGEST
                size = tf.abs(tf.reshape(value, [tf.shape(value)[0], -1]))
                known &= tf.reduce_all(size <= limit, axis=1)
        state["frames"] = tf.where(known, state["frames"], 0)
        before = _where(known, state.pop("last_seen"))
        screen, visibility, seen = self.keypoint_input.joints(
            *screen_and_seen(keypoints, visibility, image_size)
        )
        screen, last = hold_unseen(screen, seen, before)
        if focal is not None:
            focal = focal_of_screen(focal, image_size) + tf.zeros([batch])
        outputs, state = self.stream.step(screen, visibility, state, focal)
        state |= {"last_seen": last, "model": tf.fill(tf.shape(known), self.fingerprint)}
        return outputs | {
            name: tf.ensure_shape(state[name.removeprefix(STATE)], (None, *value.shape[1:]))
            for name, value in self.initial_state.items()
        }


def fingerprint(model: AnatomyLifter) -> int:
    """A number from 1 to 2**31 - 1 that tells models apart, by their architecture and weights."""
    code = zlib.crc32(json.dumps(model.get_config(), sort_keys=True).encode())
    for weight in model.get_weights():
        code = zlib.crc32(weight.tobytes(), code)
    return code % (2**31 - 1) + 1


def _all_seen(count: int) -> tf.Tensor:
    """The visibility where nothing is known of it, for clips of any size: `(1, 1, I)`."""
    return tf.ones([1, 1, count])


def _focal(batch: int | None) -> tf.TensorSpec:
    return tf.TensorSpec((batch,), tf.float32, "focal")


def _detections(count: int, batch: int | None, time: int | None) -> list[tf.TensorSpec]:
    return [
        tf.TensorSpec((batch, time, count, 2), tf.float32, "keypoints"),
        tf.TensorSpec((batch, 2), tf.float32, "image_size"),
        tf.TensorSpec((batch, time, count), tf.float32, "visibility"),
    ]


def _checked(tensors, specs):
    """The inputs, whose shapes servers do not check."""
    return tf.nest.map_structure(lambda x, spec: tf.ensure_shape(x, spec.shape), tensors, specs)


def _where(chosen, values):
    """`values`, but 0 where their leading axes are not chosen."""
    shape = tf.concat([tf.shape(chosen), [1] * (values.shape.rank - chosen.shape.rank)], axis=0)
    return tf.where(tf.reshape(chosen, shape), values, 0.0)
