import numpy as np
import pytest

from anatomy_tf.data.sets.human36m.cameras import cameras_of
from anatomy_tf.data.sets.human36m.takes import SUBJECTS
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import project
from tests.data.sets.human36m.files import seen_by


def test_lenses_and_the_poses_of_s1_are_those_of_the_shipped_set(cmu):
    shipped = cmu.clips(["A10"])[:4]
    for camera, clip in zip(cameras_of("S1"), shipped, strict=True):
        np.testing.assert_allclose(camera.intrinsics, clip.camera.intrinsics, atol=1e-4)
        np.testing.assert_allclose(camera.orientation, clip.camera.orientation, atol=1e-6)
        assert camera.resolution == clip.camera.resolution


@pytest.mark.parametrize("subject", SUBJECTS)
def test_somebody_in_the_room_is_in_every_picture_upright(subject):
    """Human3.6M was captured on 4 by 3 metres around the origin, z up, the floor at 0."""
    x, y = np.meshgrid([-1.2, 0, 1.2], [-1.0, 0, 1.0])
    feet = np.stack([x, y, np.zeros_like(x)], -1).reshape(-1, 1, 3)
    people = np.concatenate([feet, feet + [0, 0, 1.7]], axis=1)
    for camera, seen in zip(cameras_of(subject), seen_by(subject, people), strict=True):
        depth = camera.world_to_camera(people)[..., 2]
        assert depth.min() > 1.5 and depth.max() < 8
        assert seen.min() > -60 and seen.max() < 1060
        foot, head = seen[:, 0], seen[:, 1]
        assert (foot[:, 1] - head[:, 1] > 200).all()
        assert (np.abs(foot[:, 0] - head[:, 0]) < 0.25 * (foot[:, 1] - head[:, 1])).all()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_all_cameras_look_at_one_place_from_around_it(subject):
    """The right rotation, and not its inverse: rays through the image's middle meet in the room."""
    cameras = cameras_of(subject)
    for camera in cameras:
        centre = np.array([[0.0, 0.0, 1.0]])
        x, _ = project(camera.world_to_camera(centre), camera.intrinsics)
        assert abs(x[0] - 500) < 200
    sides = np.sign([camera.translation[:2] for camera in cameras])
    assert {tuple(side) for side in sides} == {(1, 1), (1, -1), (-1, 1), (-1, -1)}


def test_no_such_subject():
    with pytest.raises(InputError, match="no cameras of subject S2 are published; there are S1,"):
        cameras_of("S2")
