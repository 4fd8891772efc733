"""The flags that make a run, kept in its folder: a run goes on only with the same."""

from __future__ import annotations

import pathlib
import re

from anatomy_tf.errors import InputError
from anatomy_tf.files import replacing
from anatomy_tf.training.checkpoints import has_checkpoint

FLAGS_NAME = "flags.cfg"


def check_flags(output_dir: pathlib.Path, flags: str, resume: bool, defaults: str = "") -> None:
    """Refuses to mix two runs in one folder.

    A run that is resumed may have more `--epochs` than it had, and flags that are new since, if
    they are at their defaults. Before the first checkpoint there is nothing to go on with, and
    `resume` changes nothing.

    Args:
      flags: a line each.
      defaults: all flags at their defaults, likewise.

    Raises:
      InputError: the folder holds a run already, or one of other flags, or a model alone.
    """
    path = output_dir / FLAGS_NAME
    if not has_checkpoint(output_dir):
        if resume and (output_dir / "model.keras").exists():
            raise InputError(f"{output_dir}: a model without checkpoints cannot be trained on")
        return
    if not resume:
        raise InputError(f"{output_dir} holds a run already: --resume it, or name another folder")
    if not path.is_file():
        raise InputError(f"{path}: file not found, so that nobody knows what run it was")
    before, now = (set(x.splitlines()) for x in (path.read_text(encoding="utf-8"), flags))
    gone, new = before - now, now - before
    epochs = [_epochs(lines) for lines in (gone, new)]
    if all(epochs):
        if epochs[1] < epochs[0]:
            raise InputError(f"{path}: the run has {epochs[0]} epochs, and can only be made longer")
        gone, new = gone - {f"--epochs={epochs[0]}"}, new - {f"--epochs={epochs[1]}"}
    # A default in the place of another value is no flag that is new.
    differing = gone | new if gone else new - set(defaults.splitlines())
    if differing:
        raise InputError(f"{path} and the flags now differ in {min(differing)}: not the same run")


def keep_flags(output_dir: pathlib.Path, flags: str) -> None:
    """Writes the flags of a run into its folder."""
    with replacing(output_dir / FLAGS_NAME) as temporary:
        temporary.write_text(flags, encoding="utf-8")


def _epochs(lines: set[str]) -> int:
    found = [re.fullmatch(r"--epochs=(\d+)", line) for line in lines]
    return max((int(match[1]) for match in found if match), default=0)
