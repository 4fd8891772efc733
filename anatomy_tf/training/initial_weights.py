"""Training that starts from a finished model, as far as its layers fit."""

from __future__ import annotations

import logging
import os

import numpy as np

from anatomy_tf.errors import InputError
from anatomy_tf.models.layer_weights import weights_by_layer
from anatomy_tf.models.lifter import AnatomyLifter, load_lifter

LOG = logging.getLogger(__name__)


def take_weights(lifter: AnatomyLifter, init: str | os.PathLike[str]) -> None:
    """Gives `lifter` the weights and BatchNorm statistics of another model, layer by layer, where
    the shapes agree; what was taken over and what was not is logged.

    Args:
      init: a finished model, by name or path.

    Raises:
      InputError: it is of another skeleton, or keypoints enter it differently; or their channels
        differ, so that next to nothing fits.
    """
    given = load_lifter(init)
    if given.skeleton != lifter.skeleton:
        names = (", ".join(model.skeleton.joint_names) for model in (given, lifter))
        raise InputError("{}: of another skeleton; it has {}; the data has {}".format(init, *names))
    for name in ("keypoint_frame", "channels"):
        theirs, ours = getattr(given, name), getattr(lifter, name)
        if theirs != ours:
            raise InputError(f"{init}: a model of {name} {theirs}; give --{name}={theirs} too")
    sources = weights_by_layer(given)
    taken: list[str] = []
    anew: list[str] = []
    for name, weights in weights_by_layer(lifter).items():
        values = sources.pop(name, [])
        fits = [w.shape for w in weights] == [v.shape for v in values]
        (taken if fits else anew).append(name)
        if fits:
            for weight, value in zip(weights, values, strict=True):
                weight.assign(np.array(value))
    LOG.info("%s: taken over are %s", init, ", ".join(taken))
    if anew:
        LOG.info("begun anew, as it has none or of another shape: %s", ", ".join(anew))
    if sources:
        LOG.info("not used, as this model has none: %s", ", ".join(sources))
