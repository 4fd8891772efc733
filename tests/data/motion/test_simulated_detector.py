import numpy as np
import pytest

from anatomy_tf.data.motion.occlusion import hidden_joints
from anatomy_tf.data.motion.simulated_detector import simulate_detections
from anatomy_tf.geometry.camera import Camera, project
from anatomy_tf.skeleton import H36M_17

NAMES = H36M_17.joint_names


@pytest.fixture(scope="module")
def views(cmu, cmu_test_clips):
    """Exact keypoints, shipped and simulated detections and scores, and what is hidden."""
    found = []
    for number, clip in enumerate(cmu_test_clips[::3]):
        points = clip.camera_joints().astype(np.float64)
        exact = np.stack(project(points, clip.camera.intrinsics), axis=-1)
        rng = np.random.default_rng(number)
        simulated = simulate_detections(points, clip.camera, rng)
        found.append((exact, clip.keypoints, clip.visibility, *simulated, hidden_joints(points)))
    return [np.concatenate(values) for values in zip(*found, strict=True)]


def test_errors_are_those_of_the_shipped_detections(views):
    exact, shipped, _, simulated, _, hidden = views
    errors = [np.linalg.norm(keypoints - exact, axis=-1) for keypoints in (shipped, simulated)]
    for statistic in (np.mean, np.median, lambda e: np.quantile(e, 0.95)):
        assert statistic(errors[1]) == pytest.approx(statistic(errors[0]), rel=0.1)
    for where in (hidden, ~hidden):
        assert errors[1][where].mean() == pytest.approx(errors[0][where].mean(), rel=0.12)
    by_joint = [error.mean(axis=0) for error in errors]
    np.testing.assert_allclose(by_joint[1], by_joint[0], rtol=0.25)


def test_scores_are_those_of_the_shipped_detections(views):
    _, _, shipped, _, simulated, hidden = views
    for where in (hidden, ~hidden):
        assert simulated[where].mean() == pytest.approx(shipped[where].mean(), abs=0.05)
    assert (simulated < 0.6).mean() == pytest.approx((shipped < 0.6).mean(), abs=0.03)
    for scores in (shipped, simulated):
        lag = np.corrcoef(scores[1:][~hidden[1:]], scores[:-1][~hidden[1:]])[0, 1]
        assert 0.4 < lag < 0.8
    assert simulated.min() >= 0
    assert simulated.max() <= 1


def test_what_is_hidden_agrees_with_the_shipped_scores(views):
    _, _, scores, _, _, hidden = views
    assert 0.14 < hidden.mean() < 0.22
    assert ((scores < 0.6) == hidden).mean() > 0.88


def standing():
    """One person, upright, 4 m before a camera, facing it; x right, y down."""
    at = dict.fromkeys(NAMES, (0.0, 0.0, 4.0))
    for side, x in (("l", 1), ("r", -1)):
        for name, width, height in (
            *(("hip", 0.13, 0.0), ("knee", 0.13, 0.45), ("ankle", 0.13, 0.9)),
            *(("shoulder", 0.15, -0.5), ("elbow", 0.35, -0.25), ("wrist", 0.5, 0.0)),
        ):
            at[f"{side}_{name}"] = (x * width, height, 4.0)
    for name, height in (("spine", -0.25), ("thorax", -0.5), ("neck", -0.6), ("head", -0.7)):
        at[name] = (0.0, height, 4.0)
    return at


def hidden_names(at):
    (hidden,) = hidden_joints(np.array([[at[name] for name in NAMES]]))
    return {name for name, is_hidden in zip(NAMES, hidden, strict=True) if is_hidden}


def test_only_what_is_behind_another_part_is_hidden():
    assert hidden_names(standing()) == set()
    behind = standing() | {"l_wrist": (0.0, -0.3, 4.4)}
    assert hidden_names(behind) == {"l_wrist"}
    before = standing() | {"l_elbow": (0.4, -0.3, 3.8), "l_wrist": (0.0, -0.25, 3.6)}
    assert hidden_names(before) == {"spine"}


def test_swaps_are_as_frequent_as_said():
    at = standing()
    points = np.array([[at[name] for name in NAMES]] * 30_000)
    camera = Camera(resolution=(1000, 1000), focal_length=(1145, 1145), center=(500, 500))
    keypoints, _ = simulate_detections(points, camera, np.random.default_rng(0))
    for left, right in (("l_wrist", "r_wrist"), ("l_ankle", "r_ankle")):
        crossed = keypoints[:, NAMES.index(left), 0] < keypoints[:, NAMES.index(right), 0]
        assert 0.002 < crossed.mean() < 0.0045


def test_keypoints_stay_in_the_image_and_follow_from_the_seed(cmu_test_clips):
    clip = cmu_test_clips[1]
    points = clip.camera_joints()
    points[..., 0] += 1.5  # half of the person is outside
    first, again, other = (
        simulate_detections(points, clip.camera, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])
    assert first[0].min() >= 0
    assert (first[0] <= np.array(clip.resolution) - 1).all()


def test_one_frame_is_enough(cmu_test_clips):
    clip = cmu_test_clips[0]
    keypoints, scores = simulate_detections(
        clip.camera_joints()[:1], clip.camera, np.random.default_rng(0)
    )
    assert keypoints.shape == (1, 17, 2)
    assert scores.shape == (1, 17)
