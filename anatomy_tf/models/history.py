"""What a stream remembers of the frames before: the last features at every place that looks back."""

from __future__ import annotations

import tensorflow as tf


class History:
    """Puts the remembered frames in front of the new ones, and keeps the last of both for the next time.

    One object serves one pass through the network, in which every place asks once, in the same order.

    Args:
      past: what the pass before left in `kept`; None at the start of a stream, whose first frame then stands for
        all frames before it, as the edge padding of a whole clip has it.
    """

    def __init__(self, past: list[tf.Tensor] | None = None):
        self._past = None if past is None else iter(past)
        self.kept: list[tf.Tensor] = []

    def extend(self, inputs, frames: int):
        """`(B, N, ...)` -> `(B, frames + N, ...)`."""
        start = self._past is None
        past = tf.repeat(inputs[:, :1], frames, axis=1) if start else next(self._past)
        extended = tf.concat([past, inputs], axis=1)
        self.kept.append(extended[:, -frames:])
        return extended


class PaddedClip:
    """The same for a whole clip, which has all its frames: nothing is added or kept."""

    def extend(self, inputs, frames: int):
        return inputs
