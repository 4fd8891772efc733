"""A causal model frame by frame: all that is remembered between calls is a dict of tensors."""

from __future__ import annotations

import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.person_frame import turn_back
from anatomy_tf.models.history import History
from anatomy_tf.models.length_frames import (
    LengthFrames,
    initial_lengths_state,
    lengths_of_stream,
)
from anatomy_tf.models.lifter import AnatomyLifter

State = dict[str, tf.Tensor]


class LifterStream:
    """Lifts the next frames of streams, to what the whole clip would give for them.

    Time and memory of a frame do not grow with the number of frames before it. The state has
    `frames (B,)`, how many a stream has seen; `past_0`, `past_1`, ..., the features that later
    frames read; but for the baselines `kept_logits` and `kept_lengths` of the frames that give the
    bone lengths; and in the keypoint frame `person` the size so far, `size` and `size_weight`.

    Args:
      lifter: a causal model.
      length_frames: which of the frames seen give the bone lengths; None is the model's own choice.

    Raises:
      InputError: the model is not causal, or there are length frames for a baseline that has no
        lengths.
    """

    def __init__(self, lifter: AnatomyLifter, length_frames: LengthFrames | None = None):
        if not lifter.causal:
            raise InputError("streaming needs a causal model; this one reads frames to come")
        self.lifter = lifter
        self.length_frames = lifter.chosen_length_frames(length_frames)

    def initial_state(self, streams: int) -> State:
        """The state of `streams` streams that have seen nothing yet: zeros."""
        joints = self.lifter.skeleton.num_joints
        history = History()
        keypoints, visibility = tf.zeros([streams, 1, joints, 2]), tf.zeros([streams, 1, joints])
        unseen = self._unseen_lengths(streams) | self._unseen_size(streams)
        points, *_ = self._view(keypoints, visibility, tf.ones([streams]), unseen, history)
        self.lifter.direction_network.stream(points, visibility, history)
        state = unseen | _numbered(history.kept)
        state |= {"frames": tf.zeros([streams], tf.int32)}
        return {name: tf.zeros_like(value) for name, value in state.items()}

    def step(
        self, keypoints, visibility, state: State, focal=None
    ) -> tuple[dict[str, tf.Tensor], State]:
        """Lifts `(B, N, J, 2)` keypoints and `(B, N, J)` visibility that follow the frames of
        `state`; `focal (B,)` as the model takes it.

        Of a stream that has seen no frames, nothing else in its state is read.

        Returns:
          What the model gives for a whole clip, of the `N` frames; and the state after them.
        """
        start = state["frames"] == 0
        history = History(_in_order(state), start)
        streams = tf.shape(keypoints)[0]
        unseen = self._unseen_lengths(streams) | self._unseen_size(streams)
        before = {
            name: tf.where(tf.reshape(start, [-1, 1, 1]), value, state[name])
            for name, value in unseen.items()
        }
        points, frame_points, rotation, sizes = self._view(
            keypoints, visibility, focal, before, history
        )
        vectors = self.lifter.direction_network.stream(points, visibility, history)[-1]
        new_state = _numbered(history.kept) | {"frames": state["frames"] + tf.shape(keypoints)[1]}
        new_state |= sizes
        if not self.lifter.frame_network:
            return {
                "joints": self._turned_back(self.lifter.joint_head(vectors), rotation)
            }, new_state
        lengths, kept = lengths_of_stream(
            *self._frame_lengths(frame_points, state["frames"]),
            state["frames"],
            {name: before[name] for name in ("kept_logits", "kept_lengths")},
            self.length_frames,
        )
        joints = self.lifter.joint_head(vectors, lengths)
        outputs = {
            "joints": self._turned_back(joints, rotation),
            "directions": self._turned_back(vectors, rotation),
            "lengths": lengths,
        }
        return outputs, new_state | kept

    def _view(self, keypoints, visibility, focal, state: State, history: History):
        """What the direction network and that on single frames read, the rotation to turn back, and
        the sizes so far.
        """
        if not self.lifter.person_frame:
            return keypoints, keypoints, None, {}
        return self.lifter.person_frame.stream(keypoints, visibility, focal, state, history)

    def _turned_back(self, vectors, rotation):
        return vectors if rotation is None else turn_back(vectors, rotation)

    def _unseen_size(self, streams) -> State:
        return self.lifter.person_frame.unseen_size(streams) if self.lifter.person_frame else {}

    def _unseen_lengths(self, streams) -> State:
        if not self.lifter.frame_network:
            return {}
        return initial_lengths_state(streams, self.lifter.skeleton.num_bones, self.length_frames)

    def _frame_lengths(self, keypoints, first_frame):
        """Logits and lengths `(B, N, K)` of the new frames; not computed where none of them is
        kept.
        """
        pooling, network = self.lifter.frame_pooling, self.lifter.frame_network
        if self.length_frames.mode in ("all", "consecutive"):
            return pooling(network(keypoints, fold=False))
        frames = first_frame[:, tf.newaxis] + tf.range(tf.shape(keypoints)[1])

        def nothing():
            no_bone = tf.zeros_like(keypoints[:, :, :1, 0])
            return tf.repeat(no_bone, self.lifter.skeleton.num_bones, axis=2)

        return tf.cond(
            tf.reduce_any(self.length_frames.slots(frames) >= 0),
            lambda: pooling(network(keypoints, fold=False)),
            lambda: (nothing(), nothing()),
        )


def _numbered(past: list[tf.Tensor]) -> State:
    return {f"past_{i}": value for i, value in enumerate(past)}


def _in_order(state: State) -> list[tf.Tensor]:
    return [state[f"past_{i}"] for i in range(sum(name.startswith("past_") for name in state))]
