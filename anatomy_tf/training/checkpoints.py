"""What a run saves to go on exactly, and the way back in."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping

import tensorflow as tf

from anatomy_tf.errors import InputError


class Checkpoints:
    """The last two checkpoints of a run, in `checkpoints/` of its folder.

    Args:
      parts: lists of variables by name; each has everything that a step or an epoch changes.
    """

    def __init__(self, output_dir: pathlib.Path, parts: Mapping[str, list[tf.Variable]]):
        self._parts = dict(parts)
        self._folder = str(output_dir / "checkpoints")
        self._manager = tf.train.CheckpointManager(
            tf.train.Checkpoint(**self._parts), self._folder, max_to_keep=2
        )

    def save(self, step: int) -> None:
        """Saves all parts; raises an InputError where that is not possible."""
        try:
            self._manager.save(step)
        except tf.errors.OpError as error:
            reason = error.message.splitlines()[0]
            raise InputError(f"{self._folder}: cannot be written ({reason})") from error

    def restore(self) -> None:
        """Restores the last checkpoint.

        Parts that it does not have, as an earlier version saved none, stay as they are.

        Raises:
          InputError: there is none, it is damaged, or of another architecture.
        """
        path = self._manager.latest_checkpoint
        if not path:
            raise InputError(f"{self._folder}: no checkpoint to resume from")
        try:
            saved = {name.split("/")[0] for name, _ in tf.train.list_variables(path)}
            parts = {name: part for name, part in self._parts.items() if name in saved}
            tf.train.Checkpoint(**parts).restore(path).assert_consumed()
        except (ValueError, IndexError, AssertionError, tf.errors.OpError) as error:
            reason = str(error).strip().splitlines()[0]
            raise InputError(f"{path}: not a checkpoint of this architecture ({reason})") from error


def has_checkpoint(output_dir: pathlib.Path) -> bool:
    """Whether a run that began in `output_dir` can be resumed."""
    return (output_dir / "checkpoints" / "checkpoint").is_file()
