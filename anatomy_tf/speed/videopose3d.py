"""The PyTorch code of VideoPose3D, the baseline that the paper builds on, out of a checkout, as a
peer for speed.

Its modules are imported and called the way its `run.py` does with Human3.6M, on the CPU.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from anatomy_tf.data.clip import Clip
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.speed.checkout import Checkout, joints_and_path, keypoints_and_scores, padding


class VideoPose3D(Checkout):
    """Its data generators, training step and whole-clip inference; weights are random.

    They are at https://github.com/facebookresearch/VideoPose3D. Takes the arguments of `Reference`;
    it samples no frames for bone lengths.
    """

    project = "VideoPose3D"
    used: ClassVar = {
        "generators": ("ChunkedGenerator", "UnchunkedGenerator"),
        "loss": ("mpjpe",),
        "model": ("TemporalModel", "TemporalModelOptimized1f"),
    }
    samples_frames = False
    lifter_arguments: ClassVar = {"assembly": "joints", "sub_networks": 1, "visibility": "none"}

    def training_batches(
        self,
        clips: Sequence[Clip],
        filter_widths: Sequence[int],
        batch_size: int,
        sampled_frames: int = 0,
    ) -> Callable[[], int]:
        """A function that draws one training batch and gives its number of examples."""
        batches = self._batches(clips, filter_widths, batch_size)
        return lambda: len(next(batches)[0])

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
        return self._training(model, batches, self._loss, learning_rate=1e-3)

    def lifting(
        self, clip: Clip, filter_widths: Sequence[int], channels: int, sampled_frames: int = 0
    ) -> Callable[[], int]:
        """A function that lifts the whole clip, not mirrored, and gives its number of frames."""
        model = self._build(self._common.model.TemporalModel, filter_widths, channels)
        keypoints = keypoints_and_scores(clip)[..., :2]
        return self._lifting(model, keypoints, padding(filter_widths))

    def _batches(
        self, clips: Sequence[Clip], filter_widths: Sequence[int], batch_size: int
    ) -> Iterator[tuple]:
        epochs = self._epochs(
            *(batch_size, [clip.camera.screen_intrinsics for clip in clips]),
            [joints_and_path(clip) for clip in clips],
            [keypoints_and_scores(clip)[..., :2] for clip in clips],
            1,
            pad=padding(filter_widths),
            augment=True,
        )
        return ((joints, keypoints) for _, joints, keypoints in epochs)

    def _loss(self, model, batch: Sequence) -> tuple:
        joints, keypoints = batch
        joints[:, :, 0] = 0  # the root came with its path in camera space
        loss = self._common.loss.mpjpe(model(keypoints), joints)
        return loss, loss

    def _build(self, model_class: type, filter_widths: Sequence[int], channels: int):
        joints = H36M_17.num_joints
        return model_class(
            *(joints, 2, joints), filter_widths=list(filter_widths), dropout=0.25, channels=channels
        )
