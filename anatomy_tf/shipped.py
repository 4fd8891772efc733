"""What ships with the package: trained models, flagfiles and tools.

In a checkout, `saved_models`, `configs` and `tools` are beside the package; in an installed
package, they are inside it.
"""

from __future__ import annotations

import os
import pathlib

from anatomy_tf.errors import InputError

_PACKAGE = pathlib.Path(__file__).parent
_INSTALLED = (_PACKAGE / "tools").is_dir()
_ROOT = _PACKAGE if _INSTALLED else _PACKAGE.parent


def checkout() -> pathlib.Path | None:
    """The folder of the checkout that the package is used from, or None for an installed one."""
    return None if _INSTALLED else _ROOT


def model_names() -> list[str]:
    """The trained models that ship."""
    return sorted(path.parent.name for path in (_ROOT / "saved_models").glob("*/model.keras"))


def model_path(name_or_path: str | os.PathLike[str]) -> pathlib.Path:
    """A model's file, or its folder with `model.keras` and a card.

    What exists at the path wins over a model that ships: a folder `cmu_27f` in the current folder
    is taken even where there is no model in it, which is then a mistake and not silently another
    model. `saved_models/cmu_27f` is a shipped model in every current folder.

    Raises:
      InputError: nothing exists at the path, or a folder without a model, and no model of that name
        ships.
    """
    path = pathlib.Path(name_or_path)
    shipped = _below("saved_models", name_or_path, model_names())
    if path.is_dir() and not (path / "model.keras").is_file():
        hidden = f"; it hides the model that ships, {_ROOT / shipped}" if shipped else ""
        raise InputError(f"{path / 'model.keras'}: file not found{hidden}")
    if path.exists():
        return path
    if shipped is None:
        names = ", ".join(model_names())
        raise InputError(f"{name_or_path}: file not found, nor a model that ships: {names}")
    return _ROOT / shipped


def detector_path(name: str) -> pathlib.Path:
    """A file of the 2D detector that ships."""
    return _ROOT / "saved_models" / "detector" / name


def sample_video() -> pathlib.Path:
    """A short video of two people, to try things with."""
    return _PACKAGE / "video" / "sample" / "balance_two.mp4"


def flagfile_names() -> list[str]:
    """The flagfiles that ship, those in sub-folders with their folder: `ablation/full`."""
    folder = _ROOT / "configs"
    paths = (path.relative_to(folder).with_suffix("") for path in folder.rglob("*.cfg"))
    return sorted(path.as_posix() for path in paths)


def flagfile_path(name_or_path: pathlib.Path | str) -> pathlib.Path:
    """A flagfile: the file at that path, or else the one that ships under that name.

    `cmu_quick`, `cmu_quick.cfg` and `configs/cmu_quick.cfg` name the same one.

    Raises:
      InputError: there is no such file, and none of that name ships.
    """
    path = pathlib.Path(name_or_path)
    if path.is_file():
        return path
    shipped = _below("configs", str(name_or_path).removesuffix(".cfg"), flagfile_names())
    if shipped is None:
        names = ", ".join(name for name in flagfile_names() if "/" not in name)
        reason = "a folder" if path.is_dir() else "file not found"
        raise InputError(f"{path}: {reason}, nor a flagfile that ships: {names}, ...")
    return _ROOT / f"{shipped}.cfg"


def tool_paths() -> dict[str, pathlib.Path]:
    """The tools by name."""
    return {path.stem: path for path in sorted((_ROOT / "tools").glob("*.py"))}


def _below(folder: str, name: str | os.PathLike[str], names: list[str]) -> pathlib.PurePath | None:
    """Where in `_ROOT` the one of `names` is that is meant, with or without its folder."""
    plain = str(name).replace("\\", "/").rstrip("/").removeprefix(f"{folder}/")
    return pathlib.PurePath(folder, plain) if plain in names else None
