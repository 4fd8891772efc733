"""A model as what TensorFlow exports: its weights, and the functions that can be called."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.models.weights import tensorflow_variables


class ExportedModule(tf.Module):
    """Holds the weights of a model for functions that were traced with it, and the functions, as
    attributes.
    """

    def __init__(
        self, model: AnatomyLifter, functions: Mapping[str, tf.types.experimental.Callable]
    ):
        super().__init__()
        # Only what the module tracks as tf.Variable is turned into constants by the converters.
        self.weights = tensorflow_variables(model.weights)
        for name, function in functions.items():
            setattr(self, name, function)
