"""What a stream remembers of the frames before: the last features at every
place that looks back.
"""

from __future__ import annotations

import tensorflow as tf


class History:
    """Puts the remembered frames in front of the new ones, and keeps the last of both for the next
    time.

    One object serves one pass through the network, in which every place asks once, in the same
    order.

    The first frame of a stream stands for all frames before it, as the edge padding of a whole clip
    has it; and so does, at every place, the feature of the first frame.

    Args:
      past: what the pass before left in `kept`; None where all streams are at their start.
      start: `(B,)`, whether a stream is at its start, and its `past` not read.
    """

    def __init__(self, past: list[tf.Tensor] | None = None, start=None):
        self._past = None if past is None else iter(past)
        self._start = start
        self.kept: list[tf.Tensor] = []

    def extend(self, inputs, frames: int):
        """`(B, N, ...)` -> `(B, frames + N, ...)`."""
        first = inputs[:, :1]
        if self._past is None:
            past = tf.repeat(first, frames, axis=1)
        else:
            start = tf.reshape(self._start, [-1] + [1] * (len(inputs.shape) - 1))
            past = tf.where(start, first, next(self._past))
        extended = tf.concat([past, inputs], axis=1)
        self.kept.append(extended[:, -frames:])
        return extended


class PaddedClip:
    """The same for a whole clip, which has all its frames: nothing is added or kept."""

    def extend(self, inputs, frames: int):
        return inputs
