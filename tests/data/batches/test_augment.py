import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.data.batches import augment
from anatomy_tf.geometry.bones import joints_to_bones
from anatomy_tf.geometry.camera import project
from tests.test_skeleton import trees


@settings(deadline=None)
@given(trees(), st.integers(0, 999))
def test_new_lengths_keep_the_pose_of_any_skeleton(skeleton, seed):
    rng = np.random.default_rng(seed)
    joints = rng.normal(size=(2, 4, skeleton.num_joints, 3))
    lengths = rng.uniform(0.1, 1, size=(2, skeleton.num_bones))
    directions, _ = joints_to_bones(joints, skeleton)
    changed = augment.pose_with_lengths(np.swapaxes(directions, 2, 3), lengths, skeleton)
    new_directions, new_lengths = joints_to_bones(np.swapaxes(changed, 2, 3), skeleton)
    np.testing.assert_allclose(new_directions, directions, atol=1e-9)
    np.testing.assert_allclose(new_lengths, np.repeat(lengths[:, None], 4, axis=1), atol=1e-9)


def test_lengths_spread_over_half_the_degree_both_ways():
    lengths = tf.fill([4000, 3], 0.4)
    drawn = augment.draw_bone_lengths(lengths, tf.constant([0.5, 0.4, 0.1]), 0.6, [1, 2]).numpy()
    spread = np.array([0.15, 0.12, 0.03])
    assert (np.abs(drawn - 0.4) <= spread + 1e-6).all()
    assert (drawn.min(axis=0) < 0.4 - 0.95 * spread).all()
    assert (drawn.max(axis=0) > 0.4 + 0.95 * spread).all()


def test_lengths_are_never_negative_whatever_the_degree():
    lengths = tf.constant([[0.05, 0.4]] * 1000)
    drawn = augment.draw_bone_lengths(lengths, tf.constant([0.3, 0.4]), 10.0, [1, 2]).numpy()
    assert (drawn >= 0.1 * lengths.numpy() - 1e-7).all()


def test_roots_are_spread_as_in_the_data_and_none_is_too_near():
    mean, std = np.array([0.1, -0.5, 5.0], np.float32), np.array([0.7, 0.2, 2.0], np.float32)
    roots = augment.draw_roots((4000, 5), mean, std, 2.0, [7, 8]).numpy().reshape(-1, 3)
    np.testing.assert_allclose(roots[:, :2].mean(axis=0), mean[:2], atol=0.03)
    np.testing.assert_allclose(roots[:, :2].std(axis=0), std[:2], rtol=0.03)
    assert roots[:, 2].min() == 2.0


def test_reprojection_is_what_the_clips_camera_sees(cmu_test_clips):
    clip = cmu_test_clips[0]
    joints = clip.camera_joints()[None, :5]
    roots = joints[:, :, 0]
    intrinsics = clip.camera.screen_intrinsics.astype(np.float32)[None]
    seen = augment.reproject(np.swapaxes(joints - roots[:, :, None], 2, 3), roots, intrinsics)
    expected = np.stack(
        project(joints[0].astype(np.float64), clip.camera.screen_intrinsics), axis=-1
    )
    np.testing.assert_allclose(seen[0], expected, atol=1e-5)
