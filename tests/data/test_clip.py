import dataclasses

import numpy as np
import pytest

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.sets.projected import project_keypoints
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17

CLIP = Clip(
    name="walk",
    subject="A01",
    action="walking",
    skeleton=H36M_17,
    resolution=(1000, 800),
    fps=50,
    keypoints=np.zeros((5, 17, 2), np.float32),
    visibility=np.ones((5, 17), np.float32),
)


def _with_nan(values):
    values = values.copy()
    values[3, 2] = np.nan
    return values


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keypoints": np.zeros((0, 17, 2))}, "clip walk: keypoints: the clip has no frames"),
        (
            {"keypoints": np.zeros((5, 16, 2))},
            r"keypoints has shape \(5, 16, 2\), expected \(5, 17",
        ),
        ({"visibility": np.zeros((4, 17))}, r"visibility has shape \(4, 17\)"),
        ({"joints": np.zeros((5, 17, 2))}, r"joints has shape \(5, 17, 2\)"),
        ({"keypoints": _with_nan(CLIP.keypoints)}, "keypoints is not finite in frame 3"),
        ({"visibility": _with_nan(CLIP.visibility)}, "visibility is not finite in frame 3"),
        ({"fps": 0}, "fps and resolution must be positive"),
        ({"fps": float("nan")}, "fps and resolution must be positive"),
    ],
)
def test_an_unusable_clip_is_refused_by_name_and_field(changes, message):
    with pytest.raises(InputError, match=message):
        dataclasses.replace(CLIP, **changes)


def test_without_joints_there_is_no_camera_space():
    with pytest.raises(InputError, match="clip walk: joints is needed"):
        CLIP.camera_joints()


def test_screen_coordinates_span_the_width():
    corners = np.zeros((5, 17, 2), np.float32)
    corners[1:] = [1000, 800]
    screen = dataclasses.replace(CLIP, keypoints=corners).screen_keypoints()
    np.testing.assert_allclose(screen[0], np.broadcast_to([-1, -0.8], (17, 2)), atol=1e-6)
    np.testing.assert_allclose(screen[1], np.broadcast_to([1, 0.8], (17, 2)), atol=1e-6)


def test_projected_keypoints_are_where_the_detector_saw_them(cmu):
    """Simulated detections scatter around the projection; the 2D error of the set
    is a few pixels.
    """
    clip = cmu.clips(["A10"])[0]
    projected = project_keypoints(clip)
    error = np.linalg.norm(projected.keypoints - clip.keypoints, axis=-1)
    assert 1 < np.median(error) < 10
    assert projected.visibility.min() == 1
    assert (clip.keypoints_from, projected.keypoints_from) == (
        "simulated detections",
        "projected joints",
    )
    with pytest.raises(InputError, match="joints is needed here"):
        project_keypoints(CLIP)
