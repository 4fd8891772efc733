"""Poses lifted while a model trains, as pictures in TensorBoard."""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from anatomy_tf.data.clip import Clip
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.training.optimizers import steps_done
from anatomy_tf.visualize.pose_picture import draw_clip

FRAMES = 4
"""Frames of each clip, evenly over it."""


class PosePictures(keras.callbacks.Callback):
    """Draws the same frames of a few validation clips every few epochs, truth in grey behind them.

    Args:
      output_dir: the run's folder, whose `tensorboard/` gets the pictures.
      every: epochs from one picture to the next.
    """

    def __init__(self, output_dir: pathlib.Path | str, every: int):
        super().__init__()
        self._folder = pathlib.Path(output_dir) / "tensorboard"
        self._every = every
        self._lifter: ClipLifter | None = None

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if (epoch + 1) % self._every:
            return
        if self._lifter is None:
            self._lifter = ClipLifter(self.model.lifter)
        writer = tf.summary.create_file_writer(str(self._folder))
        with writer.as_default(step=steps_done(self.model.optimizer)):
            for clip in clips_to_draw(self.params["validation_clips"]):
                picture = _picture(clip, self._lifter(clip)["joints"])
                tf.summary.image(f"poses/{clip.action}", picture[np.newaxis])
        writer.close()


def clips_to_draw(clips: Sequence[Clip], most: int = 3) -> list[Clip]:
    """The first clip of each of the first actions."""
    by_action: dict[str, Clip] = {}
    for clip in clips:
        by_action.setdefault(clip.action, clip)
    return list(by_action.values())[:most]


def _picture(clip: Clip, joints: np.ndarray) -> np.ndarray:
    frames = np.linspace(0, len(clip) - 1, FRAMES).round().astype(int)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "poses.png"
        draw_clip(clip, joints, frames.tolist(), path, clip.name)
        return tf.io.decode_png(path.read_bytes(), channels=3).numpy()
