"""Small models with random weights."""

import numpy as np

from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.training.batch_norm import batch_norm_layers


def random_lifter(**arguments) -> AnatomyLifter:
    lifter = AnatomyLifter(**{"filter_widths": (3, 3), "channels": 8} | arguments)
    randomise_statistics(lifter)
    return lifter


def randomise_statistics(lifter: AnatomyLifter) -> None:
    """Running statistics and offsets that make a mistake in any layer show."""
    rng = np.random.default_rng(0)
    for layer in batch_norm_layers(lifter):
        for variable in (layer.gamma, layer.moving_variance):
            variable.assign(rng.uniform(0.5, 1.5, variable.shape))
        for variable in (layer.beta, layer.moving_mean):
            variable.assign(rng.normal(size=variable.shape))
