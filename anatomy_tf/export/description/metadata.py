"""What an exported model says of itself, as JSON inside it, readable without this package."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping, Sequence

import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.export.pixels import KeypointInput
from anatomy_tf.export.signatures import STATE, fingerprint
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.version import __version__

METADATA_NAME = "metadata.json"

_MEANINGS = {
    "keypoints": "pixels, origin at the top left, y down; NaN where a joint was not seen",
    "image_size": "width and height of the image in pixels; not positive: nothing was seen",
    "visibility": "scores from 0, not seen, to 1",
    "frames": "how many frames the clip has, the others are padding after it; -1: all",
    "focal": "focal length in pixels; not positive: guessed, as 0.85 of the image's longer side",
    "joints": "metres, camera space (x right, y down, z forward), relative to the root joint",
    "directions": "unit vectors of the bones, from the joint nearer to the root to the other",
    "lengths": "metres, of the bones",
}
_STATE_MEANING = "memory of the streams: zeros at first, then what came out for the frames before"
DEFAULTS = {"visibility": 1, "frames": -1, "focal": 0}
"""What inputs are to be filled with where there is nothing to tell."""


def describe_export(
    model: AnatomyLifter,
    functions: Mapping[str, tf.types.experimental.PolymorphicFunction],
    card: str,
    keypoint_set: str | None = None,
) -> dict:
    """The metadata of an export.

    Args:
      functions: what can be called, by name.
      card: text on what the model is, was trained on, and is good for.
      keypoint_set: what keypoints it takes, of `KEYPOINT_SETS`; None is the model's own joints.
    """
    skeleton = model.skeleton
    concrete = {name: function.get_concrete_function() for name, function in functions.items()}
    return {
        "format": "anatomy-tf lifter",
        "version": __version__,
        "model": fingerprint(model),
        "trained_on": dict(model.trained_on),
        "fps": model.trained_on.get("fps"),
        "causal": model.causal,
        "keypoint_frame": model.keypoint_frame,
        "receptive_field": model.receptive_field,
        "length_frames": str(model.length_frames) if model.frame_network else "none",
        **skeleton.get_config(),
        "keypoint_set": keypoint_set or "the model's own joints",
        "keypoint_names": list(KeypointInput(skeleton, keypoint_set).names),
        "root": skeleton.root,
        "bones": skeleton.bones.tolist(),
        "signatures": {
            name: {
                "inputs": _tensors(tf.nest.flatten(function.structured_input_signature)),
                "outputs": _tensors(
                    [
                        tf.TensorSpec(t.shape, t.dtype, n)
                        for n, t in function.structured_outputs.items()
                    ]
                ),
            }
            for name, function in concrete.items()
        },
        "card": card,
    }


def as_json(metadata: Mapping) -> str:
    """The text that exports carry."""
    return json.dumps(metadata, indent=1, ensure_ascii=False)


def read_card(model: pathlib.Path | str) -> str:
    """The text of the `README.md` beside a model, or nothing.

    Raises:
      InputError: it is not text.
    """
    path = pathlib.Path(model)
    path = (path if path.is_dir() else path.parent) / "README.md"
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as text ({error})") from error


def _tensors(specs: Sequence[tf.TensorSpec]) -> dict:
    tensors = {}
    for spec in specs:
        name = spec.name
        tensors[name] = {"dtype": spec.dtype.name, "shape": spec.shape.as_list()}
        tensors[name]["meaning"] = _STATE_MEANING if name.startswith(STATE) else _MEANINGS[name]
        if name in DEFAULTS:
            tensors[name]["default"] = DEFAULTS[name]
    return tensors
