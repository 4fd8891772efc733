"""The PyTorch code that the paper's authors published, out of a checkout, as a peer for speed.

Nothing of it is here: its modules are imported and called the way its `run.py` does, on the CPU.
"""

from __future__ import annotations

import argparse
import functools
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.speed.checkout import Checkout, joints_and_path, keypoints_and_scores, padding


class Reference(Checkout):
    """The authors' data generators, training step and whole-clip inference.

    They are at https://github.com/sunnychencool/Anatomy3D. Weights are random. Their generator
    draws from Python's and NumPy's global random states.
    """

    project = "Anatomy3D"
    used: ClassVar = {
        "arguments": ("parse_args",),
        "bone": ("getbonedirect", "getbonejs", "getbonelength"),
        "camera": ("project_to_2d",),
        "generators": ("ChunkedGenerator", "UnchunkedGenerator"),
        "loss": ("mpjpe",),
        "model": ("TemporalModel", "TemporalModelOptimized1f"),
    }
    samples_frames = True
    lifter_arguments: ClassVar = {}

    def training_batches(
        self,
        clips: Sequence[Clip],
        filter_widths: Sequence[int],
        batch_size: int,
        sampled_frames: int,
    ) -> Callable[[], int]:
        """A function that draws one training batch and gives its number of examples.

        The last batch of an epoch is smaller. Clips of fewer than `sampled_frames` frames, which
        the generator cannot take, are left out.

        Raises:
          InputError: a clip has other joints or no 3D, or no clip is left.
        """
        args = self._settings(filter_widths, batch_size=batch_size, randnum=sampled_frames)
        batches = self._batches(clips, args)
        return lambda: len(next(batches)[0])

    def training_steps(
        self,
        clips: Sequence[Clip],
        filter_widths: Sequence[int],
        channels: int,
        batch_size: int,
        sampled_frames: int,
    ) -> Callable[[], int]:
        """A function that draws a batch, trains on it and gives its number of examples.

        Losses, augmented frames, dropout and Adam are those of `run.py` by default. Raises as
        `training_batches`.
        """
        flags = {"channels": channels, "batch_size": batch_size, "randnum": sampled_frames}
        args = self._settings(filter_widths, **flags)
        batches = self._batches(clips, args)
        # Their DataParallel around the model is for several GPUs; on the CPU it only forwards.
        model = _build(self._common.model.TemporalModelOptimized1f, args)
        loss_of = functools.partial(self._loss, args)
        return self._training(model, batches, loss_of, args.learning_rate)

    def lifting(
        self, clip: Clip, filter_widths: Sequence[int], channels: int, sampled_frames: int
    ) -> Callable[[], int]:
        """A function that lifts the whole clip, not mirrored, and gives its number of frames.

        Of `sampled_frames` their model takes note, but reads it in causal mode only.

        Raises:
          InputError: the clip has other joints, or a filter width is not 3.
        """
        if set(filter_widths) != {3}:
            # In whole clips their second sub-network finds its frames by arithmetic true for 3.
            raise InputError("the reference lifts whole clips with filter widths of 3 only")
        args = self._settings(filter_widths, channels=channels, randnumtest=sampled_frames)
        model = _build(self._common.model.TemporalModel, args, args.randnumtest)
        return self._lifting(model, keypoints_and_scores(clip), args.pad)

    def _settings(self, filter_widths: Sequence[int], **flags: int) -> argparse.Namespace:
        """Their defaults, but for these flags, with `bones`, `filter_widths` and `pad` added."""
        given = sys.argv  # their parser reads nothing else
        sys.argv = ["run.py", f"--architecture={','.join(map(str, filter_widths))}"]
        sys.argv += [f"--{name.replace('_', '-')}={value}" for name, value in flags.items()]
        try:
            args = self._common.arguments.parse_args()
        finally:
            sys.argv = given
        # Lists, since their code looks bones up as lists.
        args.bones = np.array(args.boneindex.split(","), int).reshape(-1, 2).tolist()
        args.filter_widths = list(filter_widths)
        args.pad = padding(filter_widths)
        return args

    def _batches(self, clips: Sequence[Clip], args: argparse.Namespace) -> Iterator[tuple]:
        """Epoch after epoch; the order of the arrays is that of `_loss`."""
        clips = [clip for clip in clips if len(clip) >= args.randnum]
        if not clips:
            raise InputError(f"the reference: no clip has {args.randnum} frames or more")
        keypoints = [keypoints_and_scores(clip) for clip in clips]
        joints = [joints_and_path(clip) for clip in clips]
        cameras = [clip.camera.screen_intrinsics for clip in clips]
        return self._epochs(
            *(args.batch_size, cameras, joints, keypoints),
            *(args.randnum, args.bones, args.augdegree, args.stride),
            pad=args.pad,
            augment=args.data_augmentation,
        )

    def _loss(self, args: argparse.Namespace, model, batch: Sequence) -> tuple:
        """All terms summed, and the position error of the joints alone; scalars."""
        bone, mpjpe, bones = self._common.bone, self._common.loss.mpjpe, args.bones
        camera, joints, keypoints, sampled_joints, sampled_keypoints, *augmented = batch
        # Other bone lengths: in camera space, the lengths, and relative to the root.
        placed_joints, augmented_lengths, augmented_joints = augmented
        joints[:, :, 0] = sampled_joints[:, :, 0] = 0  # the root came with its path in camera space
        lengths = bone.getbonelength(joints, bones).mean(1)
        augmented_keypoints = self._common.camera.project_to_2d(placed_joints, camera)
        outputs = model(keypoints, sampled_keypoints[..., :2].contiguous(), augmented_keypoints)

        joints = joints[:, joints.shape[1] // 2].unsqueeze(1)
        loss = position_error = mpjpe(outputs[0], joints)
        one = random.randrange(args.randnum)  # of the sampled frames, the same in all examples
        for predicted_lengths, predicted, true_lengths, true in (
            (*outputs[1:3], lengths, sampled_joints),
            (*outputs[3:5], augmented_lengths, augmented_joints),
        ):
            loss = loss + mpjpe(predicted[:, one], true[:, one])
            loss = loss + args.wl * (true_lengths - predicted_lengths).pow(2).mean()
        directions, shifts = bone.getbonedirect(joints, bones), bone.getbonejs(joints, bones)
        upper, lower = (1, *outputs[5::2]), (args.snd, *outputs[6::2])  # the two sub-networks
        for weight, predicted, predicted_shifts in (upper, lower):
            error = (directions - predicted.view(directions.shape)).pow(2).sum(2).mean()
            loss = loss + weight * args.wd * error
            loss = loss + weight * args.wjs * mpjpe(predicted_shifts, shifts)
        return loss, position_error


def _build(model_class: type, args: argparse.Namespace, *more):
    joints = H36M_17.num_joints
    return model_class(
        *(joints, 2, joints, args.bones, args.temperature, *more),
        filter_widths=args.filter_widths,
        dropout=args.dropout,
        channels=args.channels,
    )
