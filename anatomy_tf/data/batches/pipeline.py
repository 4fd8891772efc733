"""Training batches out of a table: vectorised `tf.data`, and the same for the same seed."""

from __future__ import annotations

import dataclasses

import numpy as np
import tensorflow as tf

from anatomy_tf.data.batches.draws import Draws
from anatomy_tf.data.batches.frame_table import FrameTable, as_tensors
from anatomy_tf.data.batches.length_examples import (
    frames_for_lengths,
    length_examples,
    padded_clips,
)
from anatomy_tf.data.batches.motion_table import MotionTable
from anatomy_tf.data.batches.rows_on_disk import gather_rows
from anatomy_tf.data.batches.sampling import (
    first_of_frames,
    sample_frames,
    window_frames,
    window_offsets,
)
from anatomy_tf.data.batches.variations import (
    NO_VARIATIONS,
    MotionRows,
    Variations,
    as_played,
    draw_pace,
    first_at_pace,
    window_at_pace,
)
from anatomy_tf.data.batches.virtual_examples import virtual_examples
from anatomy_tf.errors import InputError


@dataclasses.dataclass(frozen=True)
class Sampling:
    """How examples are drawn.

    Args:
      sampled_frames: frames of the clip for the bone lengths, `L`; 0 for a model without.
      consecutive: these frames surround the current one (causal: end with it), instead of being
        drawn over the clip.
      shared: the examples of a batch that are of one clip share their sampled frames, and the
        made-up body.
      augmentation_degree: spread of made-up bone lengths, in mean lengths; 0 makes no bodies up.
      other_windows: every example has a second window, of another frame of its clip.
      frames_per_example: frames in a row that are lifted and have losses, `N`. Windows are `N - 1`
        frames longer, and what neighbours read alike is computed once. An epoch still has every
        frame once as the middle one.
      context: frames that a window has beside its receptive field, before it and after it; for
        models in the keypoint frame `person`, which then are told more of each example.
      batch_size: examples in a batch, `B`.
      steps_per_epoch: batches in an epoch; None takes as many full ones as there are.
      seed: all random draws follow from it.
      variations: of the motion that virtual cameras see.
    """

    sampled_frames: int = 50
    consecutive: bool = False
    shared: bool = False
    augmentation_degree: float = 0.6
    other_windows: bool = False
    frames_per_example: int = 1
    context: tuple[int, int] = (0, 0)
    batch_size: int = 1024
    steps_per_epoch: int | None = None
    seed: int = 0
    variations: Variations = NO_VARIATIONS

    def steps_in_epoch(self, table: FrameTable | MotionTable) -> int:
        """Number of batches in an epoch.

        Raises:
          InputError: the table has too few frames for that many.
        """
        frames = len(table)
        available = frames // self.batch_size
        needed = self.steps_per_epoch or 1
        if needed > available:
            raise InputError(
                f"{frames} frames (flips included) make {available} batches of {self.batch_size}, "
                f"fewer than the {needed} that an epoch needs"
            )
        return self.steps_per_epoch or available


def training_dataset(
    table: FrameTable | MotionTable,
    sampling: Sampling,
    receptive_field: int,
    causal: bool,
    skip_steps: int = 0,
) -> tf.data.Dataset:
    """Endless batches of `(inputs, targets)`; every epoch visits the frames in another order.

    inputs: `keypoints (B, T + N - 1, J, 2)` and `visibility (B, T + N - 1, J)`. targets:
      `joints (B, N, J, 3)`. And as `sampling` has it

    - for the sampled frames, inputs: `sampled_keypoints (S, L, J, 2)` of `S` sets of frames, one an
      example or one a clip; `sample_of (B,)`, the set of an example; and `picked (B,)`, the one of
      its frames whose joints are supervised; targets: `lengths (B, K)`, `picked_joints (B, J, 3)`;
    - for the same frames of a made-up body, inputs: `augmented_sampled_keypoints (S, L, J, 2)`;
      targets: `augmented_lengths (B, K)`, `augmented_picked_joints (B, J, 3)`;
    - for another window of the clip, inputs: `other_keypoints`, `other_visibility`;
    - with a `context`, windows longer by it, and inputs: `sampled_visibility (S, L, J)`; `focal
      (B,)` and `sampled_focal (S,)` in screen units; and `frames_before (B,)`, frames of the clip
      before the window.

    Args:
      table: clips as their own cameras saw them; or takes, and every example is seen by a camera of
        its own, and is a body of its own.
      receptive_field: frames of a window, `T`.
      causal: windows and sampled frames reach no further than the current frame.
      skip_steps: batches to leave out at the start, as after an interrupted run.

    Raises:
      InputError: the table has too few frames for an epoch.
    """
    steps_per_epoch = sampling.steps_in_epoch(table)
    rows = len(table)
    make_batch = virtual_batch if isinstance(table, MotionTable) else _batch
    table = as_tensors(table)
    seed = tf.constant([sampling.seed, 0], tf.int32)

    @tf.autograph.experimental.do_not_convert
    def epoch_rows(epoch):
        order_seed = tf.random.experimental.stateless_fold_in(seed, 2 * epoch)
        order = tf.random.experimental.stateless_shuffle(tf.range(rows), order_seed)
        order = tf.data.Dataset.from_tensor_slices(order)
        return order.batch(sampling.batch_size, drop_remainder=True).take(steps_per_epoch)

    @tf.autograph.experimental.do_not_convert
    def batch(step, rows):
        step_seed = tf.random.experimental.stateless_fold_in(seed, 2 * step + 1)
        return make_batch(table, sampling, receptive_field, causal, rows, step_seed)

    first_epoch, skip_steps = divmod(skip_steps, steps_per_epoch)
    dataset = tf.data.Dataset.range(first_epoch, tf.int64.max).flat_map(epoch_rows)
    dataset = dataset.enumerate(start=first_epoch * steps_per_epoch).skip(skip_steps)
    # What virtual cameras see is compiled into single threads.
    threads = tf.data.AUTOTUNE if isinstance(table, MotionTable) else 1
    return dataset.map(batch, num_parallel_calls=threads).prefetch(2)


def _batch(table: FrameTable, sampling: Sampling, receptive_field: int, causal: bool, rows, seed):
    seeds = tf.random.experimental.stateless_split(seed, 5)
    clip = tf.gather(table.clip_of, rows)
    first = tf.gather(table.first, clip)
    count = tf.gather(table.count, clip)
    with_losses = sampling.frames_per_example
    before, after = np.add(window_offsets(receptive_field, causal), sampling.context)
    frame = first_of_frames(rows - first, count, with_losses)

    def window(frame, prefix=""):
        frames = window_frames(frame, count, before, after + with_losses - 1)
        frames += first[:, tf.newaxis]
        return {
            f"{prefix}keypoints": gather_rows(table.keypoints, frames),
            f"{prefix}visibility": gather_rows(table.visibility, frames),
        }

    inputs = window(frame)
    lifted = window_frames(frame, count, 0, with_losses - 1)
    targets = {"joints": gather_rows(table.joints, first[:, tf.newaxis] + lifted)}
    if sampling.other_windows:
        other = sample_frames(count, 1, seeds[4])[:, 0]
        inputs |= window(first_of_frames(other, count, with_losses), prefix="other_")
    if any(sampling.context):
        inputs["focal"] = tf.gather(table.intrinsics[:, 0], clip)
        inputs["frames_before"] = frame - window_offsets(receptive_field, causal)[0]
    if sampling.sampled_frames:
        sample_of = tf.range(sampling.batch_size)
        if sampling.shared:
            clip, sample_of = tf.unique(clip)
            clip = padded_clips(clip, sampling.batch_size)
            first, count = tf.gather(table.first, clip), tf.gather(table.count, clip)
        sampled = frames_for_lengths(frame, count, causal, sampling, seeds[0])
        length_inputs, length_targets = length_examples(
            table, sampling, clip, first[:, tf.newaxis] + sampled, sample_of, seeds
        )
        inputs |= length_inputs
        targets |= length_targets
    return inputs, targets


def virtual_batch(
    table: MotionTable, sampling: Sampling, receptive_field: int, causal: bool, rows, seed
):
    """Examples of virtual cameras around the frames `rows (B,)`, as `training_dataset` yields them.

    `seed` as for `Draws`.
    """
    draws = Draws(seed, sampling.batch_size)
    variations = sampling.variations
    read_before, read_after = window_offsets(receptive_field, causal)
    with_losses = sampling.frames_per_example
    before = read_before + sampling.context[0]
    after = read_after + sampling.context[1] + with_losses - 1
    now, window = before + (with_losses - 1) // 2, before + 1 + after
    pace = draw_pace(draws, variations) if variations.paced else None

    def motion_around(rows) -> tuple[MotionRows, tf.Tensor]:
        """Rows of the examples, and how many frames are played before the first that has losses."""
        clip = tf.gather(table.clip_of, rows)
        first, count = tf.gather(table.first, clip), tf.gather(table.count, clip)
        frame = first_at_pace(rows - first, count, with_losses, pace)
        frames, between = window_at_pace(frame, count, before, after, pace)
        earlier = as_played(frame, count, pace)
        if sampling.sampled_frames:
            samples = frames_for_lengths(earlier, count, causal, sampling, draws.next_seed())
            frames = tf.concat([frames, as_played(samples, count, pace)], axis=1)
        frames = tf.ensure_shape(frames, [sampling.batch_size, window + sampling.sampled_frames])
        return MotionRows(first[:, tf.newaxis] + frames, between), earlier

    motion, earlier = motion_around(rows)
    others = None
    if variations.mixed_limbs:  # the examples of a batch are of any takes
        others, _ = motion_around(tf.roll(rows, 1, axis=0))
    seen = virtual_examples(table, draws, motion, now, window, False, others, variations)
    if pace is not None:
        earlier = tf.cast(tf.cast(earlier, tf.float32) / tf.abs(pace), earlier.dtype)

    keypoints, visibility = seen["keypoints"], seen["visibility"]
    inputs = {"keypoints": keypoints[:, :window], "visibility": visibility[:, :window]}
    lifted = seen["joints"][:, before : before + with_losses]
    targets = {"joints": tf.linalg.matrix_transpose(lifted)}
    if any(sampling.context):
        inputs |= {"focal": seen["focal"], "frames_before": earlier - read_before}
    if sampling.sampled_frames:
        picked = tf.cast(draws.uniform(0.0, float(sampling.sampled_frames)), tf.int32)
        picked = tf.minimum(picked, sampling.sampled_frames - 1)
        inputs |= {
            "sampled_keypoints": keypoints[:, window:],
            "sample_of": tf.range(sampling.batch_size),
            "picked": picked,
        }
        if any(sampling.context):
            inputs["sampled_visibility"] = visibility[:, window:]
            inputs["sampled_focal"] = seen["focal"]
        joints = tf.gather(seen["joints"], window + picked, axis=1, batch_dims=1)
        targets |= {
            "lengths": seen["lengths"],
            "picked_joints": tf.linalg.matrix_transpose(joints),
        }
    return inputs, targets
