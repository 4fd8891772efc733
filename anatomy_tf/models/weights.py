"""The variables of TensorFlow behind those of Keras."""

from __future__ import annotations

from collections.abc import Iterable

import tensorflow as tf


def tensorflow_variables(variables: Iterable) -> list[tf.Variable]:
    """The variables of a model or an optimizer as TensorFlow's own, which checkpoints, exports and
    raw operations need.

    Those of Keras 3 hold one; those of Keras 2 are that already, and their `value` is a method.
    """
    return [v if isinstance(v, tf.Variable) else v.value for v in variables]
