"""Live keypoints -> 3D joints, frame by frame."""

from __future__ import annotations

import threading

import numpy as np
import tensorflow as tf

from anatomy_tf.data.joint_order import JointOrderWatch
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.screen import GUESSED_FOCAL
from anatomy_tf.models.length_frames import LengthFrames
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.models.lifter_stream import LifterStream

UNSEEN = ("refuse", "hold")
FARTHEST = 1000.0
"""Screen coordinates beyond it are garbage that would stay in a stream's memory."""
_PIXELS = 10.0
"""If most keypoints lie beyond it, they are pixels by mistake."""


class Streamer:
    """Runs a causal model over its own joints in screen coordinates as they come, of one person or
    of several at once; `LiveStream` takes pixels and any detector's keypoints.

    Gives what `ClipLifter` gives for the whole clip, however the frames are portioned; every frame
    takes the same time and memory. May be used from several threads, which then take turns.

    Args:
      model: a causal model.
      streams: how many people are lifted in one call; None for one, without an axis for it.
      length_frames: which of the frames seen give the bone lengths; None is the model's own choice.
      unseen: what to do with a keypoint that is NaN: `refuse` the frame, or `hold` the joint where
        it was seen last (at first in the middle of the image), with visibility 0.
      focal: focal length in screen units, which models in the keypoint frame `person` read; by
        default the guess for an image that is wider than high.

    Raises:
      InputError: the model is not causal, or an argument is out of range.
    """

    def __init__(
        self,
        model: AnatomyLifter,
        streams: int | None = None,
        length_frames: LengthFrames | None = None,
        unseen: str = "refuse",
        focal: float = 2 * GUESSED_FOCAL,
    ):
        if unseen not in UNSEEN:
            raise InputError(f"unseen: must be one of {', '.join(UNSEEN)}, got {unseen}")
        if streams is not None and streams < 1:
            raise InputError(f"streams: must be positive, got {streams}")
        stream = LifterStream(model, length_frames)
        self.model = model
        self.streams = streams
        self.unseen = unseen
        self._initial_state = stream.initial_state(streams or 1)
        self._focal = np.full([streams or 1], focal, np.float32)
        self._lock = threading.RLock()
        joints = model.skeleton.num_joints
        self._step = tf.function(
            stream.step,
            autograph=False,
            input_signature=[
                tf.TensorSpec((None, None, joints, 2), tf.float32),
                tf.TensorSpec((None, None, joints), tf.float32),
                {
                    name: tf.TensorSpec((None, *value.shape[1:]), value.dtype)
                    for name, value in self._initial_state.items()
                },
                tf.TensorSpec((None,), tf.float32),
            ],
        )
        self._watch = JointOrderWatch(model.skeleton.joint_names, model.skeleton, "stream")
        self.reset()

    def reset(self, stream: int | None = None) -> None:
        """Forgets the frames of one stream, or of all: what comes next begins a clip.

        Raises:
          InputError: there is no such stream.
        """
        streams = self.streams or 1
        if stream is not None and not 0 <= stream < streams:
            raise InputError(f"no stream {stream}, there are {streams}")
        with self._lock:
            if stream is None:
                self._state = dict(self._initial_state)
                self._last_seen = np.zeros((streams, self.model.skeleton.num_joints, 2), np.float32)
                return
            start = tf.one_hot(stream, streams, on_value=True, off_value=False, dtype=tf.bool)
            self._state["frames"] = tf.where(start, 0, self._state["frames"])
            self._last_seen[stream] = 0

    def push(self, keypoints, visibility=None) -> np.ndarray:
        """Joints in metres, `(J, 3)`, of the frame that follows those pushed before.

        Args:
          keypoints: `(J, 2)` screen coordinates, or `(N, J, 2)` of several frames; with `streams`,
            `(S, J, 2)` or `(S, N, J, 2)`. The joints come in the same form.
          visibility: scores in the same form, without the last axis; 1 if not given.

        Raises:
          InputError: another shape, no numbers, or one that is not finite; the stream is as before
            then.
        """
        try:
            keypoints = np.array(keypoints, np.float32)
            if visibility is None:
                visibility = np.ones(keypoints.shape[:-1], np.float32)
            visibility = np.array(visibility, np.float32)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"keypoints or visibility: not an array of numbers ({error})"
            ) from error
        form = keypoints.shape
        self._check_form(form, visibility.shape)
        streams, joints = self.streams or 1, form[-2]
        keypoints = keypoints.reshape(streams, -1, joints, 2)
        visibility = visibility.reshape(streams, -1, joints)
        near = np.abs(keypoints) < FARTHEST  # NaN is not
        unseen = ~(near.all(axis=-1) & np.isfinite(visibility))
        if self.unseen == "refuse" and unseen.any():
            stream, frame, joint = np.argwhere(unseen)[0]
            name = self.model.skeleton.joint_names[joint]
            raise InputError(
                f"stream {stream}, frame {frame}: {name} is not finite, or not on screen"
            )
        visibility[unseen] = 0
        if (np.abs(keypoints).max(axis=-1) > _PIXELS).sum() > unseen.size / 2:
            raise InputError("keypoints: pixels, where screen coordinates are expected, -1 to 1")
        with self._lock:
            self._watch.look(keypoints, visibility)
            for frame in range(keypoints.shape[1]):
                missing = unseen[:, frame, :, np.newaxis]
                held = np.where(missing, self._last_seen, keypoints[:, frame])
                keypoints[:, frame] = self._last_seen = held
            outputs, self._state = self._step(keypoints, visibility, self._state, self._focal)
        return outputs["joints"].numpy().reshape(*form[:-1], 3)

    def _check_form(self, keypoints: tuple[int, ...], visibility: tuple[int, ...]) -> None:
        leading = (self.streams,) if self.streams else ()
        joints = self.model.skeleton.num_joints
        frame = (*leading, joints, 2)
        frames = (*leading, *keypoints[len(leading) : -2], joints, 2)
        if keypoints not in (frame, frames) or len(keypoints) > len(frame) + 1:
            raise InputError(f"keypoints have shape {keypoints}, a frame of this stream {frame}")
        if 0 in keypoints:
            raise InputError("keypoints: no frames")
        if visibility != keypoints[:-1]:
            raise InputError(f"visibility has shape {visibility}, expected {keypoints[:-1]}")
