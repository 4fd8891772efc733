"""Poses as animation programs read them."""

import numpy as np
import pybvh
import pytest

from anatomy_tf.data.motion.bvh import read_bvh
from anatomy_tf.geometry.bone_vectors import bones_of_joints

TO_CAMERA = np.array([1, -1, -1])


def of_our_reader(path, names):
    motion = read_bvh(path, metres_per_unit=0.01)
    columns = [motion.joint_names.index(name) for name in names]
    return 0.01 * motion.positions[:, columns], motion.fps


def of_pybvh(path, names):
    motion = pybvh.read_bvh_file(path)
    columns = [motion.joint_names.index(name) for name in names]
    return 0.01 * motion.joint_positions()[:, columns], motion.fps


@pytest.mark.parametrize("read", [of_our_reader, of_pybvh])
def test_it_shows_the_person_with_bones_of_constant_length(read, poses, tmp_path):
    poses.save(tmp_path / "walk.bvh")
    joints, fps = read(tmp_path / "walk.bvh", poses.skeleton.joint_names)
    assert fps == pytest.approx(poses.fps, rel=1e-6)
    assert joints[..., 1].min() == pytest.approx(0, abs=1e-4)  # the lowest foot on the floor
    _, lengths = bones_of_joints(joints, poses.skeleton)
    np.testing.assert_allclose(lengths, poses.lengths, atol=1e-5)
    found = (joints - joints[:, :1]) * TO_CAMERA
    errors = np.linalg.norm(found - poses.joints, axis=-1)
    assert errors.mean() < 0.01
    assert errors.max() < 0.05


def test_readers_agree_within_a_millimetre(poses, tmp_path):
    poses.save(tmp_path / "walk.bvh")
    names = poses.skeleton.joint_names
    one, other = (read(tmp_path / "walk.bvh", names)[0] for read in (of_our_reader, of_pybvh))
    np.testing.assert_allclose(one, other, atol=1e-3)


def test_it_is_as_long_as_the_video_and_holds_poses_where_there_are_none(some, tmp_path):
    some.save(tmp_path / "walk.bvh")
    joints, _ = of_our_reader(tmp_path / "walk.bvh", some.skeleton.joint_names)
    assert len(joints) == 50
    for frames, held in ((range(5), 5), (range(20, 30), 19), (range(40, 50), 39)):
        for frame in frames:
            np.testing.assert_array_equal(joints[frame], joints[held])
    assert np.abs(joints[21] - joints[30]).max() > 0.01
