"""Which frames of a clip give the bone lengths of a frame (section IV-E), and their weighted mean.

A causal clip is taken as a stream: lengths follow from a small state and the new frames, in any
portions. A whole clip is the stream's first portion, so that evaluation and streaming are one and
the same code.
"""

from __future__ import annotations

import dataclasses

import tensorflow as tf

from anatomy_tf.choices import MODES
from anatomy_tf.errors import InputError
from anatomy_tf.models.running import running_maximum, running_mean


@dataclasses.dataclass(frozen=True)
class LengthFrames:
    """How the frames are chosen that give the bone lengths.

    Args:
      mode: `all` frames; `count` frames drawn at `random`; the `firstframes`, after which the
        lengths stay as they are; or `count` `consecutive` frames around the current one. A causal
        model chooses among the frames up to the current one: `consecutive` are then the last ones.
        While there are no more than `count`, it is all.
      count: frames to choose, the paper's M.
      seed: of the random draws.

    Raises:
      InputError: no such mode, or `count` out of range.
    """

    mode: str = "all"
    count: int = 50
    seed: int = 0

    def __post_init__(self):
        if self.mode not in MODES:
            raise InputError(f"length frames: must be one of {', '.join(MODES)}, got {self.mode}")
        if not 1 <= self.count <= 10_000:
            raise InputError(f"length frames: their count must lie in [1, 10000], got {self.count}")

    def __str__(self) -> str:
        return "all" if self.mode == "all" else f"{self.mode} {self.count}"

    def get_config(self) -> dict:
        return dataclasses.asdict(self)

    def slots(self, frames):
        """Where frames of a stream, numbered from 0, are kept: a slot below `count`, or -1 for
        nowhere.

        Random slots are those of a reservoir: after every frame, its `count` frames are an even
        draw, without replacement, out of all frames so far, and no frame is ever looked at again.
        """
        if self.mode == "all":
            return tf.zeros_like(frames)
        if self.mode == "consecutive":
            return frames % self.count
        if self.mode == "firstframes":
            return tf.where(frames < self.count, frames, -1)
        uniform = tf.map_fn(
            lambda frame: tf.random.stateless_uniform([], [self.seed, frame]),
            tf.reshape(frames, [-1]),
            fn_output_signature=tf.float32,
        )
        uniform = tf.reshape(uniform, tf.shape(frames))
        drawn = tf.cast(uniform * tf.cast(frames + 1, tf.float32), frames.dtype)
        replaced = tf.where(drawn < self.count, drawn, -1)
        return tf.where(frames < self.count, frames, replaced)


ALL_FRAMES = LengthFrames()


def frames_for_clip(total, time, frames: LengthFrames):
    """Which frames of symmetric clips give the bone lengths.

    Args:
      total: `(B,)` frames of each clip.
      time: frames of the longest, or more; those after a clip's own are padding.

    Returns:
      Numbers of the frames, `(B, M)`, or `(B, T, M)` where every frame has a choice of its own; and
      in the same shape
      whether each counts, as short clips have fewer than `M`.
    """
    count = time if frames.mode == "all" else tf.minimum(frames.count, time)
    total = tf.expand_dims(total, 1)
    if frames.mode == "consecutive":
        first = tf.maximum(tf.minimum(tf.range(time) - count // 2, total - count), 0)
        chosen = tf.expand_dims(first, -1) + tf.range(count)
        return chosen, chosen < tf.expand_dims(total, -1)
    chosen = tf.range(count) + 0 * total
    if frames.mode == "random":
        lots = tf.random.stateless_uniform([time], [frames.seed, 0])
        lots = tf.where(tf.range(time) < total, lots, 1)  # every lot of a frame is below 1
        chosen = tf.argsort(lots, stable=True)[:, :count]
    return chosen, chosen < total


def weighted_mean(logits, lengths, counts=None):
    """Bone lengths `(..., K)` of frames `(..., M, K)`, weighted by the softmax of their logits over
    the frames (eq. 6).

    Frames where `counts (..., M)` is false have no weight, unless it is so for all.
    """
    if counts is not None:
        logits = tf.where(tf.expand_dims(counts, -1), logits, logits.dtype.min)
    return tf.reduce_sum(tf.nn.softmax(logits, axis=-2) * lengths, axis=-2)


def initial_lengths_state(streams, bones: int, frames: LengthFrames) -> dict[str, tf.Tensor]:
    """The state of streams that have seen nothing yet: `kept_logits` and `kept_lengths`.

    Slots of frames, `(B, count, K)`; or where frames are only ever added, one slot with their sums
    so far.
    """
    slots = frames.count if frames.mode in ("random", "consecutive") else 1
    shape = [streams, slots, bones]
    return {"kept_logits": tf.fill(shape, tf.float32.min), "kept_lengths": tf.zeros(shape)}


def lengths_of_stream(logits, lengths, first_frame, state: dict, frames: LengthFrames):
    """Bone lengths of the next frames of streams, and the state after them.

    Args:
      logits, lengths: `(B, N, K)` of the new frames.
      first_frame: `(B,)` number of the first of them, counted from 0 within its stream.
      state: as `initial_lengths_state` gives it, or this function for the frames before.
      frames: the choice of frames.

    Returns:
      `(B, N, K)` lengths out of the frames up to each, and the new state.
    """
    new = tf.shape(logits)[1]
    slots = tf.expand_dims(frames.slots(first_frame[:, tf.newaxis] + tf.range(new)), axis=-1)
    if frames.mode in ("all", "firstframes"):
        if frames.mode == "firstframes":
            logits = tf.where(slots < 0, logits.dtype.min, logits)
        logits = tf.concat([state["kept_logits"], logits], axis=1)
        lengths = tf.concat([state["kept_lengths"], lengths], axis=1)
        logits, lengths = running_mean(logits, lengths)
        kept = {"kept_logits": logits[:, -1:], "kept_lengths": lengths[:, -1:]}
        return lengths[:, 1:], kept
    written = tf.where(slots == tf.range(frames.count), tf.range(new)[:, tf.newaxis], -1)
    last_written = running_maximum(written)  # (B, N, count)
    source = tf.where(last_written < 0, tf.range(frames.count), frames.count + last_written)
    logits = tf.concat([state["kept_logits"], logits], axis=1)
    lengths = tf.concat([state["kept_lengths"], lengths], axis=1)
    logits, lengths = (tf.gather(x, source, axis=1, batch_dims=1) for x in (logits, lengths))
    means = tf.reduce_sum(tf.nn.softmax(logits, axis=2) * lengths, axis=2)
    return means, {"kept_logits": logits[:, -1], "kept_lengths": lengths[:, -1]}
