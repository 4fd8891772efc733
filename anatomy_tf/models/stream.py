"""A causal model frame by frame: all that is remembered between calls is a dict of tensors."""

from __future__ import annotations

import tensorflow as tf

from anatomy_tf.errors import InputError
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

    Time and memory of a frame do not grow with the number of frames before it. The state has `frames (B,)`, how many
    a stream has seen; `past_0`, `past_1`, ..., the features that later frames read; and but for the baselines
    `kept_logits` and `kept_lengths` of the frames that give the bone lengths.

    Args:
      lifter: a causal model.
      length_frames: which of the frames seen give the bone lengths; None is the model's own choice.

    Raises:
      InputError: the model is not causal, or there are length frames for a baseline that has no lengths.
    """

    def __init__(self, lifter: AnatomyLifter, length_frames: LengthFrames | None = None):
        if not lifter.causal:
            raise InputError("streaming needs a causal model; this one reads frames to come")
        self.lifter = lifter
        self.length_frames = lifter.chosen_length_frames(length_frames)

    def initial_state(self, streams: int) -> State:
        """The state of `streams` streams that have seen nothing yet."""
        joints = self.lifter.skeleton.num_joints
        nothing = (tf.zeros([streams, 1, joints, 2]), tf.zeros([streams, 1, joints]))
        past = self._past_of_first_frame(*nothing)
        return (
            self._unseen_lengths(streams)
            | _numbered(past)
            | {"frames": tf.zeros([streams], tf.int32)}
        )

    def step(self, keypoints, visibility, state: State) -> tuple[dict[str, tf.Tensor], State]:
        """Lifts `(B, N, J, 2)` keypoints and `(B, N, J)` visibility that follow the frames of `state`.

        Returns:
          What the model gives for a whole clip, of the `N` frames; and the state after them.
        """
        state = tf.cond(
            tf.reduce_any(state["frames"] == 0),
            lambda: self._started(keypoints, visibility, state),
            lambda: state,
        )
        history = History(_in_order(state))
        vectors = self.lifter.direction_network.stream(keypoints, visibility, history)[-1]
        new_state = _numbered(history.kept) | {"frames": state["frames"] + tf.shape(keypoints)[1]}
        if not self.lifter.frame_network:
            return {"joints": self.lifter.joint_head(vectors)}, new_state
        lengths, kept = lengths_of_stream(
            *self._frame_lengths(keypoints, state["frames"]),
            state["frames"],
            {name: state[name] for name in ("kept_logits", "kept_lengths")},
            self.length_frames,
        )
        joints = self.lifter.joint_head(vectors, lengths)
        outputs = {"joints": joints, "directions": vectors, "lengths": lengths}
        return outputs, new_state | kept

    def _started(self, keypoints, visibility, state: State) -> State:
        """The state in which the streams that are at their start take their first frame for all before it."""
        past = self._past_of_first_frame(keypoints[:, :1], visibility[:, :1])
        fresh = _numbered(past) | self._unseen_lengths(tf.shape(keypoints)[0])
        start = state["frames"] == 0
        chosen = {
            name: tf.where(
                tf.reshape(start, [-1] + [1] * (value.shape.rank - 1)), value, state[name]
            )
            for name, value in fresh.items()
        }
        return state | chosen

    def _past_of_first_frame(self, keypoints, visibility) -> list[tf.Tensor]:
        history = History()
        self.lifter.direction_network.stream(keypoints, visibility, history)
        return history.kept

    def _unseen_lengths(self, streams) -> State:
        if not self.lifter.frame_network:
            return {}
        return initial_lengths_state(streams, self.lifter.skeleton.num_bones, self.length_frames)

    def _frame_lengths(self, keypoints, first_frame):
        """Logits and lengths `(B, N, K)` of the new frames; not computed where none of them is kept."""
        pooling, network = self.lifter.length_pooling, self.lifter.frame_network
        if self.length_frames.mode in ("all", "consecutive"):
            return pooling(network(keypoints, fold=False))
        frames = first_frame[:, tf.newaxis] + tf.range(tf.shape(keypoints)[1])
        nothing = tf.zeros([*tf.unstack(tf.shape(keypoints)[:2]), self.lifter.skeleton.num_bones])
        return tf.cond(
            tf.reduce_any(self.length_frames.slots(frames) >= 0),
            lambda: pooling(network(keypoints, fold=False)),
            lambda: (nothing, nothing),
        )


def _numbered(past: list[tf.Tensor]) -> State:
    return {f"past_{i}": value for i, value in enumerate(past)}


def _in_order(state: State) -> list[tf.Tensor]:
    return [state[f"past_{i}"] for i in range(sum(name.startswith("past_") for name in state))]
