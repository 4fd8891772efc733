"""The PyTorch code of VideoPose3D, the baseline that the paper builds on, out of a checkout, as a peer for speed.

Its modules are imported and called the way its `run.py` does with Human3.6M, on the CPU.
"""

from __future__ import annotations

import itertools
import math
import pathlib
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from anatomy_tf.data.clip import Clip
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.speed.checkout import joints_and_path, keypoints_and_scores, open_checkout

_USED = {
    "generators": ("ChunkedGenerator", "UnchunkedGenerator"),
    "loss": ("mpjpe",),
    "model": ("TemporalModel", "TemporalModelOptimized1f"),
}


class VideoPose3D:
    """Its data generators, training step and whole-clip inference; weights are random.

    Takes the arguments of `Reference`; it samples no frames for bone lengths.

    Args:
      checkout: the folder of https://github.com/facebookresearch/VideoPose3D that holds `run.py`.

    Raises:
      InputError: PyTorch is not installed, or the folder is not such a checkout.
    """

    lifter_arguments: ClassVar = {"assembly": "joints", "sub_networks": 1, "visibility": "none"}
    """What makes an `AnatomyLifter` the same model."""

    def __init__(self, checkout: pathlib.Path):
        self._torch, self._common = open_checkout(checkout, "VideoPose3D", _USED)

    def training_batches(
        self,
        clips: Sequence[Clip],
        filter_widths: Sequence[int],
        batch_size: int,
        sampled_frames: int = 0,
    ) -> Callable[[], int]:
        """A function that draws one training batch and gives its number of examples."""
        batches = self._batches(clips, filter_widths, batch_size)
        return lambda: len(next(batches)[1])

    def training_steps(
        self,
        clips: Sequence[Clip],
        filter_widths: Sequence[int],
        channels: int,
        batch_size: int,
        sampled_frames: int = 0,
    ) -> Callable[[], int]:
        """A function that draws a batch, trains on it and gives its number of examples."""
        batches = self._batches(clips, filter_widths, batch_size)
        model = self._build(self._common.model.TemporalModelOptimized1f, filter_widths, channels)
        model.train()
        optimizer = self._torch.optim.Adam(model.parameters(), lr=1e-3, amsgrad=True)

        def step() -> int:
            _, joints, keypoints = next(batches)
            joints, keypoints = (self._tensor(array) for array in (joints, keypoints))
            joints[:, :, 0] = 0  # the root came with its path in camera space
            optimizer.zero_grad()
            loss = self._common.loss.mpjpe(model(keypoints), joints)
            loss.item()  # read at every step, for the mean that run.py logs
            loss.backward()
            optimizer.step()
            return len(keypoints)

        return step

    def lifting(
        self, clip: Clip, filter_widths: Sequence[int], channels: int, sampled_frames: int = 0
    ) -> Callable[[], int]:
        """A function that lifts the whole clip, not mirrored, and gives its number of frames."""
        model = self._build(self._common.model.TemporalModel, filter_widths, channels)
        keypoints = keypoints_and_scores(clip)[..., :2]
        unchunked = self._common.generators.UnchunkedGenerator
        generator = unchunked(None, None, [keypoints], pad=_pad(filter_widths))

        def lift() -> int:
            with self._torch.no_grad():
                model.eval()
                ((_, _, padded),) = generator.next_epoch()
                return len(model(self._tensor(padded)).squeeze(0).cpu().numpy())

        return lift

    def _batches(
        self, clips: Sequence[Clip], filter_widths: Sequence[int], batch_size: int
    ) -> Iterator[tuple]:
        left, right = list(H36M_17.left), list(H36M_17.right)
        generator = self._common.generators.ChunkedGenerator(
            *(batch_size, [clip.camera.screen_intrinsics for clip in clips]),
            [joints_and_path(clip) for clip in clips],
            [keypoints_and_scores(clip)[..., :2] for clip in clips],
            1,
            pad=_pad(filter_widths),
            augment=True,
            **{"kps_left": left, "kps_right": right, "joints_left": left, "joints_right": right},
        )
        return itertools.chain.from_iterable(generator.next_epoch() for _ in itertools.count())

    def _build(self, model_class: type, filter_widths: Sequence[int], channels: int):
        joints = H36M_17.num_joints
        return model_class(
            *(joints, 2, joints), filter_widths=list(filter_widths), dropout=0.25, channels=channels
        )

    def _tensor(self, array):
        return self._torch.from_numpy(array.astype("float32"))


def _pad(filter_widths: Sequence[int]) -> int:
    return (math.prod(filter_widths) - 1) // 2
