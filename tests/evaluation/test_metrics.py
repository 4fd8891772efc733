import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from scipy.spatial.transform import Rotation

from anatomy_tf.evaluation import metrics


@pytest.fixture
def poses():
    rng = np.random.default_rng(0)
    target = rng.normal(size=(6, 17, 3))
    return target + 0.1 * rng.normal(size=target.shape), target


def test_worked_out_by_hand():
    target = np.zeros((3, 2, 3))
    predicted = np.zeros((3, 2, 3))
    predicted[0, 0] = [3, 4, 0]
    predicted[2, 1] = [0, 0, 2]
    np.testing.assert_allclose(metrics.mpjpe(predicted, target), [2.5, 0, 1])
    np.testing.assert_allclose(metrics.mpjve(predicted, target), [2.5, 1])
    bones = np.array([[0, 1]])
    expected = np.std([5, 0, 2])
    assert metrics.bone_std(predicted, bones) == pytest.approx(expected)


def test_n_mpjpe_takes_the_best_scale(poses):
    predicted, target = poses
    np.testing.assert_allclose(metrics.n_mpjpe(3 * target, target), 0, atol=1e-12)
    best = metrics.n_mpjpe(predicted, target)
    squared = ((predicted * target).sum((1, 2)) / (predicted**2).sum((1, 2)))[:, None, None]
    np.testing.assert_allclose(best, metrics.mpjpe(squared * predicted, target))


def test_one_scale_is_that_of_the_whole_clip(poses):
    predicted, target = poses
    np.testing.assert_allclose(metrics.clip_scale_mpjpe(0.7 * target, target), 0, atol=1e-12)
    by_frame = target * np.linspace(0.5, 2, 6)[:, None, None]
    assert metrics.clip_scale_mpjpe(by_frame, target).min() > 0.01
    scales = np.linspace(0.5, 1.5, 201)
    squares = [((scale * predicted - target) ** 2).sum() for scale in scales]
    best = metrics.mpjpe(scales[np.argmin(squares)] * predicted, target)
    np.testing.assert_allclose(metrics.clip_scale_mpjpe(predicted, target), best, atol=0.01)


def test_p_mpjpe_undoes_any_similarity(poses):
    _, target = poses
    rotation = Rotation.from_euler("xyz", [0.3, -1.2, 2.0])
    moved = 0.4 * (target.reshape(-1, 3) @ rotation.as_matrix().T).reshape(target.shape) + [1, 2, 3]
    np.testing.assert_allclose(metrics.p_mpjpe(moved, target), 0, atol=1e-12)


def test_p_mpjpe_agrees_with_scipy(poses):
    predicted, target = poses
    expected = []
    for pose, truth in zip(predicted, target, strict=True):
        centred, centred_truth = pose - pose.mean(axis=0), truth - truth.mean(axis=0)
        rotation, singular = orthogonal_procrustes(centred, centred_truth)
        assert np.linalg.det(rotation) > 0
        aligned = singular / (centred**2).sum() * centred @ rotation
        expected.append(np.linalg.norm(aligned - centred_truth, axis=1).mean())
    np.testing.assert_allclose(metrics.p_mpjpe(predicted, target), expected, atol=1e-12)


def test_p_mpjpe_never_mirrors(poses):
    _, target = poses
    assert metrics.p_mpjpe(target * [-1, 1, 1], target).min() > 0.1


def test_a_pose_without_extent_has_an_error_and_not_nan():
    target = np.random.default_rng(0).normal(size=(2, 17, 3))
    for metric in (*(metrics.mpjpe, metrics.clip_scale_mpjpe, metrics.n_mpjpe, metrics.p_mpjpe),):
        assert np.isfinite(metric(np.zeros_like(target), target)).all()


def test_correct_keypoints_and_the_area_under_their_curve():
    target = np.zeros((2, 4, 3))
    predicted = target.copy()
    predicted[0, :, 0] = [0.0, 0.0749, 0.149, 0.151]
    np.testing.assert_allclose(metrics.pck(predicted, target), [0.75, 1])
    np.testing.assert_allclose(metrics.pck(predicted, target, 0.05), [0.25, 1])
    # of the 31 thresholds 0, 5, ... 150 mm, those above 0, 74.9 and 149 mm: 30, 16 and 1
    np.testing.assert_allclose(metrics.auc(predicted, target), [(30 + 16 + 1) / 4 / 31, 30 / 31])
