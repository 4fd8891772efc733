"""Training batches out of a frame table: vectorised `tf.data`, and the same for the same seed."""

from __future__ import annotations

import dataclasses

import tensorflow as tf

from anatomy_tf.data import augment
from anatomy_tf.data.frame_table import FrameTable, as_tensors
from anatomy_tf.data.sampling import sample_frames, window_frames
from anatomy_tf.errors import InputError


@dataclasses.dataclass(frozen=True)
class Sampling:
    """How examples are drawn.

    Args:
      sampled_frames: frames drawn over the clip for the bone lengths, `L`.
      augmentation_degree: spread of made-up bone lengths, in mean lengths.
      batch_size: examples in a batch, `B`.
      steps_per_epoch: batches in an epoch; None takes as many full ones as there are.
      seed: all random draws follow from it.
    """

    sampled_frames: int = 50
    augmentation_degree: float = 0.6
    batch_size: int = 1024
    steps_per_epoch: int | None = None
    seed: int = 0

    def steps_in_epoch(self, table: FrameTable) -> int:
        """Number of batches in an epoch.

        Raises:
          InputError: the table has too few frames for that many.
        """
        frames = len(table.keypoints)
        available = frames // self.batch_size
        needed = self.steps_per_epoch or 1
        if needed > available:
            raise InputError(
                f"{frames} frames (flips included) make {available} batches of {self.batch_size}, "
                f"fewer than the {needed} that an epoch needs"
            )
        return self.steps_per_epoch or available


def training_dataset(
    table: FrameTable,
    sampling: Sampling,
    receptive_field: int,
    causal: bool,
    skip_steps: int = 0,
) -> tf.data.Dataset:
    """Endless batches of `(inputs, targets)`; every epoch visits the frames in another order.

    inputs: `keypoints (B, T, J, 2)`, `visibility (B, T, J)`, `sampled_keypoints (B, L, J, 2)`,
    `augmented_keypoints (B, L, J, 2)`. targets: `joints (B, 1, J, 3)` and `lengths (B, K)`; `picked
    (B,)`, the one sampled frame whose joints are supervised; `picked_joints (B, J, 3)`, and the same of
    the made-up body, `augmented_picked_joints` and `augmented_lengths`.

    Args:
      receptive_field: frames of a window, `T`.
      causal: windows and sampled frames reach no further than the current frame.
      skip_steps: batches to leave out at the start, as after an interrupted run.

    Raises:
      InputError: the table has too few frames for an epoch.
    """
    steps_per_epoch = sampling.steps_in_epoch(table)
    rows = len(table.keypoints)
    table = as_tensors(table)
    seed = tf.constant([sampling.seed, 0], tf.int32)

    def epoch_rows(epoch):
        order_seed = tf.random.experimental.stateless_fold_in(seed, 2 * epoch)
        order = tf.random.experimental.stateless_shuffle(tf.range(rows), order_seed)
        order = tf.data.Dataset.from_tensor_slices(order)
        return order.batch(sampling.batch_size, drop_remainder=True).take(steps_per_epoch)

    @tf.function
    def batch(step, rows):
        step_seed = tf.random.experimental.stateless_fold_in(seed, step)
        return _batch(table, sampling, receptive_field, causal, rows, step_seed)

    first_epoch, skip_steps = divmod(skip_steps, steps_per_epoch)
    dataset = tf.data.Dataset.range(first_epoch, tf.int64.max).flat_map(epoch_rows)
    dataset = dataset.enumerate(start=first_epoch * steps_per_epoch).skip(skip_steps)
    dataset = dataset.map(lambda step, rows: batch(2 * step + 1, rows), num_parallel_calls=1)
    return dataset.prefetch(2)


def _batch(table: FrameTable, sampling: Sampling, receptive_field: int, causal: bool, rows, seed):
    seeds = tf.random.experimental.stateless_split(seed, 4)
    batch_size, num_samples = sampling.batch_size, sampling.sampled_frames
    clip = tf.gather(table.clip_of, rows)
    first = tf.gather(table.first, clip)
    count = tf.gather(table.count, clip)
    frame = rows - first

    window = window_frames(frame, count, receptive_field, causal)
    window = tf.gather(table.keypoints, first[:, tf.newaxis] + window)
    visible_count = frame + 1 if causal else count
    sampled = first[:, tf.newaxis] + sample_frames(visible_count, num_samples, seeds[0])
    sampled_joints = tf.gather(table.joints, sampled)
    lengths = tf.gather(table.lengths, clip)

    new_lengths = augment.draw_bone_lengths(
        lengths, tf.reduce_mean(table.lengths, axis=0), sampling.augmentation_degree, seeds[1]
    )
    new_joints = augment.change_bone_lengths(sampled_joints, new_lengths, table.skeleton)
    roots = augment.draw_roots(
        (batch_size, num_samples), table.root_mean, table.root_std, table.nearest_root, seeds[2]
    )
    picked = tf.random.stateless_uniform([batch_size], seeds[3], 0, num_samples, dtype=tf.int32)
    inputs = {
        "keypoints": window[..., :2],
        "visibility": window[..., 2],
        "sampled_keypoints": tf.gather(table.keypoints, sampled)[..., :2],
        "augmented_keypoints": augment.reproject(
            new_joints, roots, tf.gather(table.intrinsics, clip)
        ),
    }
    targets = {
        "joints": tf.gather(table.joints, rows)[:, tf.newaxis],
        "lengths": lengths,
        "picked": picked,
        "picked_joints": tf.gather(sampled_joints, picked, axis=1, batch_dims=1),
        "augmented_picked_joints": tf.gather(new_joints, picked, axis=1, batch_dims=1),
        "augmented_lengths": new_lengths,
    }
    return inputs, targets
