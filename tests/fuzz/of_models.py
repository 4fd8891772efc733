"""Models in all their forms: to load, or what they say of themselves."""

import functools
import pathlib
from unittest import mock

import numpy as np

from anatomy_tf.export.description.describe import format_description, read_metadata
from anatomy_tf.export.description.metadata import as_json, describe_export
from anatomy_tf.export.released import import_released as released
from anatomy_tf.export.serving.versions import models_config
from anatomy_tf.models.lifter import AnatomyLifter, load_lifter
from anatomy_tf.skeleton import H36M_17
from tests.fuzz.reader import Reader

GOLDEN = pathlib.Path(__file__).parents[1] / "golden"


class MadeOnce:
    """Makes models, and one only with the same arguments: layers take most of the time of reading
    weights.
    """

    def __init__(self, make):
        self._make = make
        self._models = {}

    def __call__(self, *arguments, **named):
        key = repr((arguments, sorted(named.items())))
        if key not in self._models:
            self._models.clear()  # damaged files ask for many
            self._models[key] = self._make(*arguments, **named)
        return self._models[key]


@functools.cache
def _lifter():
    from tests.lifters import random_lifter

    return random_lifter()


@functools.cache
def _metadata() -> str:
    from anatomy_tf.export.signatures import ClipSignature

    lifter = _lifter()
    return as_json(describe_export(lifter, {"lift": ClipSignature(lifter).function()}, "# A card"))


def _write_saved_model(folder: pathlib.Path) -> None:
    from tests.export.description.exports import write_saved_model

    write_saved_model(folder / "model", _metadata())


def _write_onnx(folder: pathlib.Path) -> None:
    from tests.export.description.exports import write_onnx

    write_onnx(folder / "model.onnx", _metadata())


def _write_small_tflite(folder: pathlib.Path) -> None:
    from tests.export.description.exports import write_tflite

    write_tflite(folder / "model.tflite", _metadata())


def _write_keras(folder: pathlib.Path) -> None:
    """As few layers as there are, for making them takes most of the time."""
    few = {"filter_widths": (3, 3), "channels": 4, "sub_networks": 1, "assembly": "joints"}
    AnatomyLifter(H36M_17, **few).save(folder / "model.keras")


_made_of_configs = MadeOnce(AnatomyLifter.from_config)


def _load_keras(folder: pathlib.Path) -> None:
    with mock.patch.object(AnatomyLifter, "from_config", _made_of_configs):
        load_lifter(folder / "model.keras")


def _describe(name: str):
    return lambda folder: format_description(read_metadata(folder / name))


def _write_released(kind: str):
    content = (GOLDEN / f"released_{kind}.bin").read_bytes()
    return lambda folder: (folder / "epoch.bin").write_bytes(content)


_made_of_released = MadeOnce(AnatomyLifter)


def _import_released(folder: pathlib.Path) -> None:
    with mock.patch.object(released, "AnatomyLifter", _made_of_released):
        released.import_released(folder / "epoch.bin", causal=False)


def _checkpointed() -> dict:
    import tensorflow as tf

    return {"model": [tf.Variable(np.ones(20, np.float32))], "step": [tf.Variable(3)]}


def _write_checkpoint(folder: pathlib.Path) -> None:
    from anatomy_tf.training.checkpoints import Checkpoints

    Checkpoints(folder, _checkpointed()).save(3)


def _restore_checkpoint(folder: pathlib.Path) -> None:
    from anatomy_tf.training.checkpoints import Checkpoints

    Checkpoints(folder, _checkpointed()).restore()


def _write_serving(folder: pathlib.Path) -> None:
    path = folder / "models.config"
    for name in ("run", "walk"):
        path.write_text(models_config(path, name), "utf-8")


READERS = [
    Reader("models/keras", _write_keras, _load_keras),
    Reader("models/checkpoint", _write_checkpoint, _restore_checkpoint),
    Reader("models/saved_model_metadata", _write_saved_model, _describe("model"), ("*.json",)),
    Reader("models/tflite_metadata", _write_small_tflite, _describe("model.tflite")),
    Reader("models/onnx_metadata", _write_onnx, _describe("model.onnx")),
    Reader(
        "models/serving_config",
        _write_serving,
        lambda folder: models_config(folder / "models.config", "jump"),
    ),
    *(
        Reader(f"models/released_{kind}", _write_released(kind), _import_released)
        for kind in ("stream", "zip")
    ),
]
