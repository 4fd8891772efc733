import dataclasses
import math

import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.data.batches.detector_errors import hidden_joints, make_detector
from anatomy_tf.data.batches.draws import Draws
from anatomy_tf.data.batches.frame_table import as_tensors
from anatomy_tf.data.batches.joint_definitions import averaging, body_sides, move_joints
from anatomy_tf.data.batches.made_up_bodies import draw_bodies
from anatomy_tf.data.batches.motion_table import build_motion_table
from anatomy_tf.data.batches.pipeline import Sampling, training_dataset
from anatomy_tf.data.batches.variations import MotionRows
from anatomy_tf.data.batches.virtual_cameras import camera_joints, draw_views, keypoints_of
from anatomy_tf.data.batches.virtual_examples import virtual_examples
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bones import joints_to_bones
from anatomy_tf.geometry.stature import stature_weights
from anatomy_tf.skeleton import H36M_17

SAMPLING = Sampling(
    sampled_frames=5,
    batch_size=16,
    steps_per_epoch=3,
    seed=4,
    augmentation_degree=0,
    context=(3, 3),
)
UP = 2


@pytest.fixture(scope="module")
def table(clips):
    return build_motion_table(clips)


@pytest.fixture(scope="module")
def drawn(table):
    return batches(table)


def batches(table, sampling=SAMPLING, skip_steps=0, causal=False):
    dataset = training_dataset(table, sampling, 9, causal, skip_steps).take(6 - skip_steps)
    return [{**inputs, **targets} for inputs, targets in dataset.as_numpy_iterator()]


def test_a_take_that_several_cameras_saw_is_one(clips, table):
    assert len(clips) == 4
    assert table.count.tolist() == [60, 60, 60, 60]  # two takes, and their mirror images
    assert len(table) == 240


def test_clips_without_joints_are_refused(clips):
    with pytest.raises(InputError, match="joints are needed"):
        build_motion_table([dataclasses.replace(clips[0], joints=None)])


def test_shapes_and_values(drawn):
    batch = drawn[0]
    assert {name: value.shape for name, value in batch.items()} == {
        "keypoints": (16, 15, 17, 2),
        "visibility": (16, 15, 17),
        "focal": (16,),
        "frames_before": (16,),
        "sampled_keypoints": (16, 5, 17, 2),
        "sampled_visibility": (16, 5, 17),
        "sampled_focal": (16,),
        "sample_of": (16,),
        "picked": (16,),
        "joints": (16, 1, 17, 3),
        "lengths": (16, 16),
        "picked_joints": (16, 17, 3),
    }
    for value in batch.values():
        assert np.isfinite(value).all()
    assert batch["visibility"].min() >= 0 and batch["visibility"].max() <= 1
    assert np.abs(batch["keypoints"][..., 0]).max() <= 1.0001  # within the image


def test_the_same_seed_draws_the_same_and_skipped_steps_change_nothing(table, drawn):
    again, later = batches(table), batches(table, skip_steps=4)
    for one, other in (*zip(drawn, again, strict=True), *zip(drawn[4:], later, strict=True)):
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])
    other = batches(table, dataclasses.replace(SAMPLING, seed=5))
    assert not np.array_equal(drawn[0]["keypoints"], other[0]["keypoints"])
    assert not np.array_equal(drawn[0]["keypoints"], drawn[3]["keypoints"])


@pytest.mark.parametrize("causal", [False, True])
def test_targets_have_the_bone_lengths_of_the_body(table, drawn, causal):
    for batch in batches(table, causal=True) if causal else drawn:
        for joints in (batch["joints"][:, 0], batch["picked_joints"]):
            _, lengths = joints_to_bones(joints, H36M_17)
            np.testing.assert_allclose(lengths, batch["lengths"], atol=1e-4)


def test_every_example_has_a_body_of_its_own_alike_on_both_sides(drawn):
    lengths = drawn[0]["lengths"]
    statures = lengths @ stature_weights(H36M_17)
    assert len(np.unique(statures.round(4))) == len(statures)
    np.testing.assert_allclose(lengths, lengths[:, H36M_17.flip_bones], rtol=0.03)


def test_bodies_are_from_children_to_tall_people():
    mean = np.full(16, 0.25, np.float32)
    lengths = draw_bodies(Draws(tf.constant([1, 2]), 2000), mean, H36M_17).numpy()
    statures = lengths @ stature_weights(H36M_17)
    assert 1.0 <= statures.min() < 1.1 and 2.0 < statures.max() <= 2.1001
    assert 1.6 < np.median(statures) < 1.7


def views_of(roots, seed=0, window=10):
    draws = Draws(tf.constant([seed, 7]), len(roots))
    return draw_views(draws, tf.constant(roots, tf.float32), 4, window, tf.fill([len(roots)], 1.7))


def standing(examples=400, frames=12):
    return np.tile([0.0, 0.0, 0.95], (examples, frames, 1))


def test_cameras_stand_where_they_should():
    views = views_of(standing())
    axes = views.axes.numpy()
    np.testing.assert_allclose(
        axes @ np.swapaxes(axes, -1, -2), np.broadcast_to(np.eye(3), axes.shape), atol=1e-5
    )
    np.testing.assert_allclose(np.linalg.det(axes), 1, atol=1e-5)
    distance = np.linalg.norm(views.root[:, 4], axis=-1)
    assert 1.5 < distance.min() < 2.5 and distance.max() > 8
    camera = -np.einsum("bij,bi->bj", axes[:, 4], views.root[:, 4]) + [0, 0, 0.95]
    assert camera[:, UP].min() > 0.099  # never under the floor
    lens = 2 * np.degrees(np.arctan(np.maximum(views.half_height, 1) / views.focal))
    assert 30 <= lens.min() < 40 and 90 < lens.max() <= 100.01
    roll = np.degrees(np.arctan2(-axes[:, 4, 0, UP], -axes[:, 4, 1, UP]))
    assert 0.05 < (np.abs(roll) > 60).mean() < 0.25  # quarter turns
    assert 5 < np.std(roll[np.abs(roll) < 40]) < 15


def test_what_a_camera_sees_is_projected_by_its_lens():
    joints = np.random.default_rng(0).normal(scale=0.3, size=(400, 12, 3, 17)).astype(np.float32)
    views = views_of(standing())
    seen, exact = camera_joints(joints, views), keypoints_of(joints, views)
    turned = np.einsum("bfij,bfjk->bfik", views.axes, joints)
    np.testing.assert_allclose(seen, turned, atol=1e-5)
    placed = turned + views.root.numpy()[..., np.newaxis]
    near = (placed[:, :, 2:] > 0.2).all(axis=(1, 2, 3))
    rays = placed[:, :, :2] / placed[:, :, 2:]
    expected = rays * views.focal.numpy()[:, np.newaxis, np.newaxis, np.newaxis]
    assert near.mean() > 0.9
    np.testing.assert_allclose(exact[near], expected[near], rtol=1e-3, atol=1e-3)


def test_a_runner_does_not_run_over_the_camera():
    roots = standing(50)
    roots[:, :, 0] += np.linspace(-4, 40, 12)
    views = views_of(roots)
    near, there = np.linalg.norm(views.root, axis=-1), np.linalg.norm(views.root[:, 4], axis=-1)
    assert (near > 0.39 * there[:, np.newaxis]).all()
    steps = np.diff(np.einsum("bfij,bfi->bfj", views.axes, views.root)[:, :10], axis=1)
    np.testing.assert_allclose(steps - steps[:, :1], 0, atol=1e-3)  # and moves evenly


def test_offsets_are_along_the_axes_of_the_body():
    joints = np.zeros((1, 1, 3, 17), np.float32)
    joints[0, 0, 0, H36M_17.joint_names.index("l_hip")] = -0.1  # faces +y, so left is -x
    joints[0, 0, 0, H36M_17.joint_names.index("r_hip")] = 0.1
    joints[0, 0, 2, H36M_17.joint_names.index("thorax")] = 0.5
    offsets = np.zeros((1, 3, 17), np.float32)
    offsets[0, :, 9] = [0.01, 0.02, 0.03]  # left, up, ahead
    moved = move_joints(joints, offsets, body_sides(H36M_17)).numpy() - joints
    np.testing.assert_allclose(moved[0, 0, :, 9], [-0.01, 0.03, 0.02], atol=1e-6)
    assert not np.delete(moved, 9, axis=-1).any()


def test_the_middle_of_the_trunk_is_made_of_hips_and_shoulders_or_seen():
    weights = averaging(Draws(tf.constant([1, 2]), 200), H36M_17).numpy()
    seen = (weights == np.eye(17)).all(axis=(1, 2))
    assert 0.25 < seen.mean() < 0.55
    made = dict(zip(H36M_17.joint_names, weights[~seen][0], strict=True))
    hips, shoulders = (
        [H36M_17.joint_names.index(f"{s}_{n}") for s in "lr"] for n in ("hip", "shoulder")
    )
    assert made["pelvis"][hips].tolist() == made["thorax"][shoulders].tolist() == [0.5, 0.5]
    assert made["spine"][[*hips, *shoulders]].tolist() == [0.25] * 4
    np.testing.assert_allclose(weights.sum(axis=2), 1)


def test_a_joint_behind_the_trunk_is_hidden_and_one_before_it_is_not():
    points = np.zeros((1, 2, 3, 17), np.float32)
    points[:, :, 2] = 4
    names = H36M_17.joint_names
    points[0, :, 1, names.index("thorax")] = -0.5
    points[0, :, 1, names.index("spine")] = -0.25
    points[0, :, 0, names.index("l_wrist")] = points[0, :, 0, names.index("l_elbow")] = 0.02
    points[0, :, 1, names.index("l_wrist")] = points[0, :, 1, names.index("l_elbow")] = -0.3
    points[0, 0, 2, [names.index("l_wrist"), names.index("l_elbow")]] = 4.4
    points[0, 1, 2, [names.index("l_wrist"), names.index("l_elbow")]] = 3.6
    detector = make_detector(H36M_17, 1, 1)
    near, far = detector.bones.T
    hidden = hidden_joints(points, near, far, detector.radii, detector.hides).numpy()
    assert hidden[0, :, names.index("l_wrist")].tolist() == [True, False]


def test_left_and_right_limbs_are_swapped_together_and_the_trunk_with_neither():
    swaps = make_detector(H36M_17, 3, 0).swaps
    groups = [{H36M_17.joint_names[j] for j in np.flatnonzero(group)} for group in swaps]
    legs = {f"{side}_{name}" for side in "lr" for name in ("hip", "knee", "ankle")}
    assert legs in groups
    assert {H36M_17.joint_names[j] for j in range(17)} == groups[-1]


def test_a_detector_errs_more_where_joints_are_hidden_and_lasts_from_frame_to_frame(table):
    tensors = as_tensors(table)
    frames = np.tile(np.arange(60), (60, 1)) + 60 * (np.arange(60)[:, np.newaxis] % 4)
    draws = Draws(tf.constant([3, 1]), 60)
    seen = virtual_examples(tensors, draws, MotionRows(tf.constant(frames, tf.int32)), 30, 60)
    exact = np.swapaxes(seen["exact"], 2, 3)
    inside = (np.abs(exact[..., 0]) < 0.95) & (
        np.abs(exact[..., 1]) < 0.95 * seen["half_height"].numpy()[:, None, None]
    )
    height = (seen["true_focal"].numpy() * 1.6)[:, np.newaxis] / seen["root"][..., 2]
    error = (seen["keypoints"] - exact) / height[..., np.newaxis, np.newaxis]
    wrists = [H36M_17.joint_names.index(f"{side}_wrist") for side in "lr"]
    size = np.linalg.norm(error, axis=-1)
    assert np.median(size[:, :, wrists][inside[:, :, wrists]]) < 0.08
    steps = np.linalg.norm(np.diff(error, axis=1), axis=-1)
    assert np.median(steps[inside[:, 1:]]) < 0.6 * np.median(size[inside])
    assert 0.001 < (seen["visibility"].numpy() == 0).mean() < 0.05


def test_draws_follow_from_the_seed_and_runs_are_as_likely_and_as_long_as_said():
    draws = Draws(tf.constant([1, 1]), 4000)
    start, stop = (x.numpy() for x in draws.run(100, 5, 20, 0.25))
    assert (stop > start).mean() == pytest.approx(0.25, abs=0.03)
    length = (stop - start)[stop > start]
    assert length.min() >= 5 and length.max() <= 20
    assert start.min() >= -20 and start.max() < 100
    coarse = draws.coarse_normal((50,)).numpy()
    assert coarse.mean() == pytest.approx(0, abs=0.02) and coarse.std() == pytest.approx(
        1, abs=0.02
    )
    again = Draws(tf.constant([1, 1]), 4000)
    np.testing.assert_array_equal(again.run(100, 5, 20, 0.25)[0], start)
    assert math.isclose(float(tf.reduce_max(draws.log_uniform(1.5, 10.0))), 10, abs_tol=0.1)
