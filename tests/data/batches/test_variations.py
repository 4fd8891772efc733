import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.data.batches import pipeline
from anatomy_tf.data.batches.draws import Draws
from anatomy_tf.data.batches.frame_table import as_tensors
from anatomy_tf.data.batches.motion_table import MotionTable
from anatomy_tf.data.batches.pipeline import Sampling, virtual_batch
from anatomy_tf.data.batches.variations import (
    MotionRows,
    Variations,
    mix_limbs,
    motion_at,
    turn_parts,
    window_at_pace,
)
from anatomy_tf.data.batches.virtual_examples import virtual_examples
from anatomy_tf.skeleton import H36M_17

LENGTHS = np.full(16, 0.3, np.float32)
ARMS_AND_LEGS = [1, 2, 4, 5, 11, 12, 14, 15]
"""Thighs, shins, upper arms, forearms."""


def directions(seed: int, examples: int = 3, frames: int = 7) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=(examples, frames, 3, 16))
    return (drawn / np.linalg.norm(drawn, axis=2, keepdims=True)).astype(np.float32)


def draws(examples: int = 3) -> Draws:
    return Draws(tf.constant([1, 2]), examples)


def angles(one, other) -> np.ndarray:
    return np.degrees(np.arccos(np.clip(np.sum(one * other, axis=2), -1, 1)))


def motion_table(frames: int = 40) -> MotionTable:
    """Two takes in which every bone turns evenly in a plane, and the root walks straight on."""
    angle = np.arange(frames, dtype=np.float32)[:, np.newaxis] * np.linspace(0.02, 0.05, 16)
    moving = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1).astype(np.float32)
    roots = np.arange(frames, dtype=np.float32)[:, np.newaxis] * [[0.02, 0.0, 0.0]]
    return MotionTable(
        H36M_17,
        directions=np.concatenate([moving, moving[::-1]]),
        roots=np.concatenate([roots, roots]).astype(np.float32),
        clip_of=np.repeat(np.arange(2, dtype=np.int32), frames),
        first=np.array([0, frames], np.int32),
        count=np.array([frames, frames], np.int32),
        lengths=np.tile(LENGTHS, (2, 1)),
        source=np.arange(2, dtype=np.int32),
    )


def test_mixed_limbs_are_those_of_the_other_body_seen_from_the_trunk():
    own, others = directions(1), directions(2)
    mixed = mix_limbs(draws(), own, others, LENGTHS, H36M_17, 1.0).numpy()
    untouched = [k for k in range(16) if k not in ARMS_AND_LEGS]
    np.testing.assert_array_equal(mixed[..., untouched], own[..., untouched])
    assert angles(mixed, own)[..., ARMS_AND_LEGS].mean() > 30
    for limb in ([1, 2], [11, 12]):  # the joint between two bones stays as bent as it was
        bend = [np.sum(x[..., limb[0]] * x[..., limb[1]], axis=2) for x in (mixed, others)]
        np.testing.assert_allclose(*bend, atol=1e-5)
    # A turned body moves its limbs with it.
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    turned = np.einsum("ij,bfjk->bfik", turn, own).astype(np.float32)
    together = mix_limbs(draws(), turned, others, LENGTHS, H36M_17, 1.0).numpy()
    np.testing.assert_allclose(together, np.einsum("ij,bfjk->bfik", turn, mixed), atol=1e-5)


def test_limbs_mixed_with_the_same_motion_or_never_stay_as_they_are():
    own = directions(1)
    same = mix_limbs(draws(), own, own, LENGTHS, H36M_17, 1.0).numpy()
    np.testing.assert_allclose(same, own, atol=1e-5)
    never = mix_limbs(draws(), own, directions(2), LENGTHS, H36M_17, 0.0).numpy()
    np.testing.assert_array_equal(never, own)


def test_turned_parts_keep_their_shape_and_turn_by_the_deviation_asked_for():
    own = directions(1, examples=400)
    turned = turn_parts(draws(400), own, 7, H36M_17, 0.2).numpy()
    np.testing.assert_allclose(np.linalg.norm(turned, axis=2), 1, atol=1e-5)
    np.testing.assert_array_equal(turned[..., [0, 3]] - own[..., [0, 3]], 0)  # the hips
    knees = [np.sum(x[..., 1] * x[..., 2], axis=2) for x in (turned, own)]
    np.testing.assert_allclose(*knees, atol=1e-5)
    # Of a rotation vector of three normal numbers, a vector is moved by two.
    expected = np.degrees(0.2) * np.sqrt(np.pi / 2)
    assert angles(turned, own)[..., 1].mean() == pytest.approx(expected, rel=0.1)
    slow = (
        angles(turned[:, 1:], turned[:, :-1])[..., 0:1] - angles(own[:, 1:], own[:, :-1])[..., 0:1]
    )
    np.testing.assert_allclose(slow, 0, atol=1e-2)


@pytest.mark.parametrize("pace", [0.5, 1.6, -1.0])
def test_at_another_pace_the_motion_between_frames_is_found(pace):
    table = motion_table()
    rows, between = window_at_pace(
        tf.constant([20]), tf.constant([40]), 5, 5, tf.constant([pace], tf.float32)
    )
    samples = tf.constant([[0, 39]])
    moving, roots = motion_at(table, MotionRows(tf.concat([rows, samples], axis=1), between))
    time = 20 + pace * np.arange(-5, 6)
    np.testing.assert_allclose(roots[0, :-2, 0], 0.02 * time, atol=1e-5)
    np.testing.assert_allclose(
        np.arctan2(moving[0, :-2, 1, 0], moving[0, :-2, 0, 0]), 0.02 * time, atol=1e-4
    )
    np.testing.assert_array_equal(roots[0, -2:, 0], table.roots[[0, 39], 0])


def test_a_pace_does_not_lead_out_of_the_clip():
    rows, between = window_at_pace(
        tf.constant([2]), tf.constant([10]), 20, 20, tf.constant([1.3], tf.float32)
    )
    assert rows.numpy().min() == 0
    assert rows.numpy().max() == 9
    assert (between.numpy()[rows.numpy() == 9] == 0).all()


def examples(variations: Variations) -> tuple[dict, dict]:
    sampling = Sampling(
        sampled_frames=3, batch_size=8, context=(2, 2), augmentation_degree=0, variations=variations
    )
    rows = tf.constant(np.arange(8, dtype=np.int32) * 9)
    return virtual_batch(as_tensors(motion_table()), sampling, 9, False, rows, tf.constant([5, 6]))


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Variations)])
def test_every_variation_changes_examples_and_leaves_them_whole(name):
    plain, _ = examples(Variations())
    varied, varied_targets = examples(Variations(**{name: 0.5}))
    assert {k: v.shape for k, v in plain.items()} == {k: v.shape for k, v in varied.items()}
    assert np.isfinite(varied["keypoints"]).all()
    assert np.isfinite(varied_targets["joints"]).all()
    assert np.abs(varied["keypoints"] - plain["keypoints"]).max() > 1e-3
    lengths = np.linalg.norm(
        np.diff(np.take(varied_targets["joints"][:, 0], H36M_17.bones, axis=1), axis=2)[:, :, 0],
        axis=-1,
    )
    np.testing.assert_allclose(lengths, varied_targets["lengths"], atol=1e-4)


def test_what_is_played_backwards_has_the_later_frames_behind_it(monkeypatch):
    rows = []

    def with_rows(table, draws, motion, *rest):
        rows.append(motion.rows.numpy())
        return virtual_examples(table, draws, motion, *rest)

    monkeypatch.setattr(pipeline, "virtual_examples", with_rows)
    sampling = Sampling(
        sampled_frames=5, batch_size=4, context=(1, 0), variations=Variations(reversed=1.0)
    )
    frames = np.array([3, 20, 3, 35])
    current = tf.constant(frames + [0, 0, 40, 40], tf.int32)
    inputs, _ = virtual_batch(
        as_tensors(motion_table()), sampling, 9, True, current, tf.constant([1, 2])
    )
    window, samples = np.split(rows[0] % 40, [-5], axis=1)
    assert (np.diff(window, axis=1) <= 0).all()
    np.testing.assert_array_equal(window[:, -1], frames)
    assert (samples >= frames[:, np.newaxis]).all()
    np.testing.assert_array_equal(inputs["frames_before"], 39 - frames - 8)
