"""A checkout of published PyTorch code, whose modules are called and of which nothing is here."""

from __future__ import annotations

import importlib
import os
import pathlib
import sys
import types
from collections.abc import Collection, Mapping

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17


def open_checkout(
    checkout: pathlib.Path, project: str, used: Mapping[str, Collection[str]]
) -> tuple[types.ModuleType, types.SimpleNamespace]:
    """PyTorch, and the modules of the checkout's folder `common` by name.

    Args:
      project: what messages call it.
      used: by module, what of it is called.

    Raises:
      InputError: PyTorch is not installed, or the folder is not such a checkout.
    """
    for name in used:
        if not (checkout / "common" / f"{name}.py").is_file():
            raise InputError(f"{checkout}: not a checkout of {project}: no common/{name}.py")
    # In the peer's favour: where other work shares the cores, PyTorch's threads otherwise spin while they wait
    # for each other, and a step takes several times as long.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        torch = importlib.import_module("torch")
    except ImportError as error:
        hint = "pip install 'anatomy-tf[reference]'"
        raise InputError(f"the reference needs PyTorch: {hint}") from error
    try:
        modules = _import_common(checkout / "common", used)
    except ImportError as error:
        raise InputError(f"{checkout}: cannot be imported: {error}") from error
    for name, attributes in used.items():
        for attribute in attributes:
            if not hasattr(modules[name], attribute):
                raise InputError(f"{checkout}: common/{name}.py has no {attribute}")
    return torch, types.SimpleNamespace(**modules)


def _import_common(folder: pathlib.Path, names: Collection[str]) -> dict[str, types.ModuleType]:
    """Their modules import one another as `common.*`: that name is theirs only meanwhile."""
    others = {name: sys.modules.pop(name) for name in _loaded_as_common()}
    sys.modules["common"] = types.ModuleType("common")
    sys.modules["common"].__path__ = [str(folder)]
    try:
        return {name: importlib.import_module(f"common.{name}") for name in names}
    finally:
        for name in _loaded_as_common():
            del sys.modules[name]
        sys.modules.update(others)


def _loaded_as_common() -> list[str]:
    return [name for name in sys.modules if name.split(".")[0] == "common"]


def keypoints_and_scores(clip: Clip) -> np.ndarray:
    """`(T, 17, 3)`: screen coordinates and visibility."""
    if clip.skeleton != H36M_17:
        raise InputError(f"clip {clip.name}: the reference takes the 17 joints of Human3.6M only")
    keypoints = np.dstack([clip.screen_keypoints(), clip.visibility])
    # In another memory layout their views fail, and their generator is slower than it is.
    return np.ascontiguousarray(keypoints, np.float32)


def joints_and_path(clip: Clip) -> np.ndarray:
    """`(T, 17, 3)` metres, relative to the root; the root itself in camera space."""
    joints = np.ascontiguousarray(clip.camera_joints())
    joints[:, 1:] -= joints[:, :1]
    return joints
