"""What the length network learns from: frames sampled over the clip, and made-up bodies in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow as tf

from anatomy_tf.data.batches import augment
from anatomy_tf.data.batches.frame_table import FrameTable
from anatomy_tf.data.batches.rows_on_disk import gather_rows
from anatomy_tf.data.batches.sampling import consecutive_frames, sample_frames

if TYPE_CHECKING:
    from anatomy_tf.data.batches.pipeline import Sampling


def frames_for_lengths(frame, count, causal: bool, sampling: Sampling, seed):
    """`(B, L)` frames sampled for bone lengths; `frame (B,)` is the first that has losses."""
    if sampling.consecutive:
        middle = frame if causal else frame + (sampling.frames_per_example - 1) // 2
        return consecutive_frames(middle, count, sampling.sampled_frames, causal)
    return sample_frames(frame + 1 if causal else count, sampling.sampled_frames, seed)


def padded_clips(clips, batch_size: int):
    """`(S,)` clips and some of them again, up to a multiple of an eighth of the batch.

    Kernels are prepared anew for every size that a batch has, which takes longer than the sets that
    nobody uses.
    """
    multiple = max(batch_size // 8, 1)
    count = tf.shape(clips)[0]
    padded = -(-count // multiple) * multiple
    return tf.gather(clips, tf.range(padded) % count)


def length_examples(table: FrameTable, sampling: Sampling, clip, sampled, sample_of, seeds):
    """What the length network learns from: rows `sampled (S, L)` of the table, of clips `(S,)`, set
    by set.

    `sample_of (B,)` is the set that an example takes.
    """
    lengths = tf.gather(table.lengths, clip)
    last = sampling.sampled_frames
    picked = tf.random.stateless_uniform([sampling.batch_size], seeds[3], 0, last, dtype=tf.int32)
    pick = tf.stack([sample_of, picked], axis=-1)
    inputs = {
        "sampled_keypoints": gather_rows(table.keypoints, sampled),
        "sample_of": sample_of,
        "picked": picked,
    }
    if any(sampling.context):
        inputs["sampled_visibility"] = gather_rows(table.visibility, sampled)
        inputs["sampled_focal"] = tf.gather(table.intrinsics[:, 0], clip)
    targets = {
        "lengths": tf.gather(lengths, sample_of),
        "picked_joints": gather_rows(table.joints, tf.gather_nd(sampled, pick)),
    }
    if sampling.augmentation_degree:
        new_lengths = augment.draw_bone_lengths(
            lengths, tf.reduce_mean(table.lengths, axis=0), sampling.augmentation_degree, seeds[1]
        )
        directions = gather_rows(table.directions, sampled)
        new_joints = augment.pose_with_lengths(directions, new_lengths, table.skeleton)
        roots = augment.draw_roots(
            (tf.shape(clip)[0], sampling.sampled_frames),
            *(table.root_mean, table.root_std, table.nearest_root, seeds[2]),
        )
        inputs["augmented_sampled_keypoints"] = augment.reproject(
            new_joints, roots, tf.gather(table.intrinsics, clip)
        )
        targets |= {
            "augmented_lengths": tf.gather(new_lengths, sample_of),
            "augmented_picked_joints": tf.linalg.matrix_transpose(tf.gather_nd(new_joints, pick)),
        }
    return inputs, targets
