"""A checkout of published PyTorch code, whose modules are called and of which nothing is here."""

from __future__ import annotations

import importlib
import itertools
import math
import os
import pathlib
import sys
import types
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.installation import install_hint
from anatomy_tf.skeleton import H36M_17


class Checkout:
    """The modules of a checkout, and what all that is measured does in the same way.

    Args:
      checkout: the folder that holds `run.py`.

    Raises:
      InputError: PyTorch is not installed, or the folder is not such a checkout.
    """

    project: ClassVar[str]
    """What messages call it."""
    used: ClassVar[Mapping[str, Collection[str]]]
    """By module of its folder `common`, what of it is called."""
    samples_frames: ClassVar[bool]
    """Whether it predicts bone lengths, of frames that are sampled."""
    lifter_arguments: ClassVar[Mapping[str, Any]]
    """What makes an `AnatomyLifter` the same model."""

    def __init__(self, checkout: pathlib.Path):
        common = checkout / "common"
        for name in self.used:
            if not (common / f"{name}.py").is_file():
                raise InputError(
                    f"{checkout}: not a checkout of {self.project}: no common/{name}.py"
                )
        # In the peer's favour: where other work shares the cores, PyTorch's threads otherwise spin
        # while they wait for each other, and a step takes several times as long.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        try:
            self._torch = importlib.import_module("torch")
        except ImportError as error:
            raise InputError(f"the reference needs PyTorch: {install_hint('reference')}") from error
        try:
            modules = _import_common(common, self.used)
        except ImportError as error:
            raise InputError(f"{checkout}: cannot be imported: {error}") from error
        for name, attributes in self.used.items():
            for attribute in attributes:
                if not hasattr(modules[name], attribute):
                    raise InputError(f"{checkout}: common/{name}.py has no {attribute}")
        self._common = types.SimpleNamespace(**modules)

    def _epochs(self, *arguments, **flags) -> Iterator[tuple]:
        """The batches of their `ChunkedGenerator`, epoch after epoch."""
        left, right = list(H36M_17.left), list(H36M_17.right)
        sides = {"kps_left": left, "kps_right": right, "joints_left": left, "joints_right": right}
        generator = self._common.generators.ChunkedGenerator(*arguments, **sides, **flags)
        return itertools.chain.from_iterable(generator.next_epoch() for _ in itertools.count())

    def _training(
        self, model, batches: Iterator[tuple], loss_of: Callable, learning_rate: float
    ) -> Callable[[], int]:
        """A function that trains on a batch and gives its number of examples.

        `loss_of` gives of a model and a batch the loss and the position error.
        """
        model.train()
        optimizer = self._torch.optim.Adam(model.parameters(), lr=learning_rate, amsgrad=True)

        def step() -> int:
            batch = [self._tensor(array) for array in next(batches)]
            optimizer.zero_grad()
            loss, position_error = loss_of(model, batch)
            position_error.item()  # read at every step, for the mean that run.py logs
            loss.backward()
            optimizer.step()
            return len(batch[0])

        return step

    def _lifting(self, model, keypoints: np.ndarray, pad: int) -> Callable[[], int]:
        """A function that lifts the keypoints of a whole clip and gives their number of frames."""
        unchunked = self._common.generators.UnchunkedGenerator
        generator = unchunked(None, None, [keypoints], pad=pad)

        def lift() -> int:
            with self._torch.no_grad():
                model.eval()
                ((_, _, padded),) = generator.next_epoch()
                return len(model(self._tensor(padded)).squeeze(0).cpu().numpy())

        return lift

    def _tensor(self, array: np.ndarray):
        return self._torch.from_numpy(array.astype("float32"))


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


def padding(filter_widths: Sequence[int]) -> int:
    """Frames on either side of the one that is lifted."""
    return (math.prod(filter_widths) - 1) // 2
