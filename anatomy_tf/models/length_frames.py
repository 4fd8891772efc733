"""Which frames of a clip give the bone lengths of a frame (section IV-E), and their weighted mean.

A causal clip is taken as a stream: lengths follow from a small state and the new frames, in any portions. A whole
clip is the stream's first portion, so that evaluation and streaming are one and the same code.
"""

from __future__ import annotations

import dataclasses

import tensorflow as tf

from anatomy_tf.errors import InputError

MODES = ("all", "random", "firstframes", "consecutive")


@dataclasses.dataclass(frozen=True)
class LengthFrames:
    """How the frames are chosen that give the bone lengths.

    Args:
      mode: `all` frames; `count` frames drawn at `random`; the `firstframes`, after which the lengths stay as they
        are; or `count` `consecutive` frames around the current one. A causal model chooses among the frames up
        to the current one: `consecutive` are then the last ones. While there are no more than `count`, it is all.
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
        """Where frames of a stream, numbered from 0, are kept: a slot below `count`, or -1 for nowhere.

        Random slots are those of a reservoir: after every frame, its `count` frames are an even draw, without
        replacement, out of all frames so far, and no frame is ever looked at again.
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


def frames_for_clip(total, frames: LengthFrames):
    """Numbers of the frames that give the bone lengths of a symmetric clip of `total`: `(M,)`, or one row a frame `(T, M)`."""
    count = tf.minimum(frames.count, total)
    if frames.mode == "consecutive":
        first = tf.clip_by_value(tf.range(total) - count // 2, 0, total - count)
        return first[:, tf.newaxis] + tf.range(count)
    if frames.mode == "random":
        return tf.random.experimental.stateless_shuffle(tf.range(total), [frames.seed, 0])[:count]
    return tf.range(count if frames.mode == "firstframes" else total)


def weighted_mean(logits, lengths):
    """Bone lengths `(..., K)` of frames `(..., M, K)`, weighted by the softmax of their logits over the frames (eq. 6)."""
    return tf.reduce_sum(tf.nn.softmax(logits, axis=-2) * lengths, axis=-2)


def initial_lengths_state(streams, bones: int, frames: LengthFrames) -> dict[str, tf.Tensor]:
    """The state of streams that have seen nothing yet: `kept_logits` and `kept_lengths`.

    Slots of frames, `(B, count, K)`; or where frames are only ever added, one slot with their sums so far.
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


def running_maximum(values):
    """Largest value up to each frame, `(B, T, ...)`, in log2(T) steps."""

    def double(reach, peak):
        return [tf.concat([peak[:, :reach], tf.maximum(peak[:, reach:], peak[:, :-reach])], axis=1)]

    return _doubling(double, [values])[0]


def running_mean(logits, values):
    """Softmax-weighted mean over frames up to each frame: `(B, T, K)` twice -> the same shapes.

    The first result is the logarithm of the sum of the weights so far, so that mean and sum together can stand for
    all these frames in a later call. A scan in log2(T) steps: each doubles the number of past frames that a
    frame's sums reach over. Everything is kept relative to the largest logit, so any range of logits is exact.
    """
    frames = tf.shape(logits)[1]

    def shift(x, by, fill):
        return tf.pad(x, [[0, 0], [by, 0], [0, 0]], constant_values=fill)[:, :frames]

    def double(reach, peak, weight, total):
        past_peak = shift(peak, reach, logits.dtype.min)
        new_peak = tf.maximum(peak, past_peak)
        here, past = tf.exp(peak - new_peak), tf.exp(past_peak - new_peak)
        weight = weight * here + shift(weight, reach, 0) * past
        total = total * here + shift(total, reach, 0) * past
        return [new_peak, weight, total]

    peak, weight, total = _doubling(double, [logits, tf.ones_like(logits), values])
    return peak + tf.math.log(weight), total / weight


def _doubling(step, state: list[tf.Tensor]) -> list[tf.Tensor]:
    """`step(reach, *state)` for reach 1, 2, 4, ... below `T` of the `(B, T, ...)` state.

    Few frames, as a stream has them, need no loop in the graph.
    """
    frames, reach = state[0].shape[1], 1
    if frames is not None and frames <= 64:
        while reach < frames:
            state, reach = step(reach, *state), 2 * reach
        return state
    unknown = [tf.TensorShape([x.shape[0], None, *x.shape[2:]]) for x in state]
    _, *state = tf.while_loop(
        lambda reach, *_: reach < tf.shape(state[0])[1],
        lambda reach, *state: [2 * reach, *step(reach, *state)],
        [tf.constant(1), *state],
        shape_invariants=[tf.TensorShape([]), *unknown],
    )
    return state
