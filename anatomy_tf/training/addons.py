"""The optimizers of tensorflow-addons, which runs with TensorFlow 2.15 and Keras 2."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it says that it is no longer developed
    import tensorflow_addons as tfa


def build_addons_optimizer(name: str, learning_rate: float, variables: Sequence) -> Any:
    """`lamb`, `radam`, or `lookahead` around the latter, with what it keeps of each variable."""
    if name == "lamb":
        optimizer = tfa.optimizers.LAMB(learning_rate, epsilon=1e-7)  # Keras 3's epsilon
    else:
        optimizer = tfa.optimizers.RectifiedAdam(learning_rate)
    if name == "lookahead":
        optimizer = tfa.optimizers.Lookahead(optimizer)
    optimizer._create_all_weights(variables)  # this kind has no `build`
    return optimizer
