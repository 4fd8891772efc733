"""What a run saves to go on exactly, and the way back in."""

from __future__ import annotations

import contextlib
import logging
import pathlib
import re
import shutil
from collections.abc import Mapping

import tensorflow as tf

from anatomy_tf.errors import InputError, reason_of_system
from anatomy_tf.files import hand_to_disk

LOG = logging.getLogger(__name__)
_KEPT = 2
_WRITTEN, _MOVING = "_temp", "_moving"
_FILE = re.compile(r"(ckpt-(\d+))\.(index|data-\d+-of-\d+)")


class Checkpoints:
    """The last two checkpoints of a run, in `checkpoints/` of its folder.

    Every one is whole or not there, also after a loss of power; and a checksum of every block tells
    whether what is read is what was written.

    Args:
      parts: lists of variables by name; each has everything that a step or an epoch changes.
    """

    def __init__(self, output_dir: pathlib.Path, parts: Mapping[str, list[tf.Variable]]):
        self._parts = dict(parts)
        self._folder = output_dir / "checkpoints"
        self._checkpoint = tf.train.Checkpoint(**self._parts)

    def save(self, step: int) -> None:
        """Saves all parts; raises an InputError where that is not possible, and the checkpoints
        before are as they were.
        """
        name = f"ckpt-{step}"
        try:
            self._write(name)
        except (OSError, tf.errors.OpError) as error:
            with contextlib.suppress(OSError):
                _remove_leftovers(self._folder)
            reason = reason_of_system(error)
            raise InputError(f"{self._folder / name}: cannot be written ({reason})") from error
        for older in _names(self._folder)[:-_KEPT]:
            _remove(self._folder, older)

    def _write(self, name: str) -> None:
        _remove_leftovers(self._folder)
        written, moving = (self._folder / f"{name}{end}" for end in (_WRITTEN, _MOVING))
        written.mkdir(parents=True)
        self._checkpoint.write(str(written / name))
        for path in written.iterdir():
            hand_to_disk(path)
        written.rename(moving)  # as long as it is there, what has the name is not whole
        for path in [*moving.iterdir()]:
            path.replace(self._folder / path.name)
        moving.rmdir()
        hand_to_disk(self._folder)

    def restore(self) -> bool:
        """Restores the last checkpoint that is whole; gives whether there is one.

        One that is damaged is removed, and the one before it taken. Parts that a checkpoint does
        not have, as an earlier version saved none, stay as they are.

        Raises:
          InputError: all are damaged, or the last one is of another architecture.
        """
        if not self._folder.is_dir():
            return False
        _remove_leftovers(self._folder)
        names = _names(self._folder)
        damages = {}
        for name in reversed(names):
            damage = _damage(self._folder / name)
            if damage is None:
                break
            damages[name] = damage
        whole = names[: len(names) - len(damages)]
        for name, damage in damages.items():
            if not whole:
                raise InputError(
                    f"{self._folder / name}: damaged ({damage}), and none is before it"
                )
            LOG.warning(
                "%s: damaged (%s); it was removed, and training goes on from %s",
                *(self._folder / name, damage, whole[-1]),
            )
            _remove(self._folder, name)
        if not whole:
            return False
        self._restore(str(self._folder / whole[-1]))
        return True

    def _restore(self, path: str) -> None:
        try:
            saved = {name.split("/")[0] for name, _ in tf.train.list_variables(path)}
            parts = {name: part for name, part in self._parts.items() if name in saved}
            checkpoint = tf.train.Checkpoint(**parts)
            # Earlier versions also saved how often they had.
            read = checkpoint.restore if "save_counter" in saved else checkpoint.read
            read(path).assert_consumed()
        except (ValueError, IndexError, AssertionError, tf.errors.OpError) as error:
            reason = str(error).strip().splitlines()[0]
            raise InputError(f"{path}: not a checkpoint of this architecture ({reason})") from error


def has_checkpoint(output_dir: pathlib.Path) -> bool:
    """Whether a run that began in `output_dir` can be resumed."""
    return bool(_names(output_dir / "checkpoints"))


def _names(folder: pathlib.Path) -> list[str]:
    """Of all checkpoints in a folder, in the order of their steps."""
    if not folder.is_dir():
        return []
    found = (_FILE.fullmatch(path.name) for path in folder.iterdir())
    steps = {int(match[2]): match[1] for match in found if match}
    return [steps[step] for step in sorted(steps)]


def _damage(path: pathlib.Path) -> str | None:
    """What is wrong with a checkpoint, of which every number is read; None if nothing is."""
    if not path.with_name(f"{path.name}.index").is_file():
        return "it lacks its .index"
    try:
        reader = tf.train.load_checkpoint(str(path))
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)
    except MemoryError:
        return "it claims more than there is memory for"
    except (ValueError, LookupError, RuntimeError, tf.errors.OpError) as error:
        return str(error).strip().splitlines()[0]
    return None


def _remove(folder: pathlib.Path, name: str) -> None:
    for path in folder.glob(f"{name}.*"):
        path.unlink()


def _remove_leftovers(folder: pathlib.Path) -> None:
    """What a writer that was killed, or had no room or no more power, left unfinished."""
    for moving in folder.glob(f"ckpt-*{_MOVING}"):
        _remove(folder, moving.name.removesuffix(_MOVING))
        shutil.rmtree(moving)
    for written in folder.glob(f"ckpt-*{_WRITTEN}"):
        shutil.rmtree(written)
