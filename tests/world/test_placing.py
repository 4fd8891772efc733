import dataclasses

import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import Skeleton
from anatomy_tf.world.level import axes_of_world
from anatomy_tf.world.placing import DEFAULT_WORLD, WorldSettings, place
from anatomy_tf.world.track import Track
from tests.world.conftest import true_path, true_up


@pytest.fixture(scope="module")
def placed(track):
    return place([track], DEFAULT_WORLD)


def test_a_walk_goes_where_it_went(placed, track, walk):
    true = (track.joints + true_path(walk)[:, np.newaxis]) @ axes_of_world(true_up(walk)).T
    joints = placed.tracks[0].joints
    went = joints[-1, 0] - joints[0, 0]
    assert np.linalg.norm(went) == pytest.approx(np.linalg.norm(true[-1, 0] - true[0, 0]), rel=0.05)
    assert np.abs(joints[0, 0, [0, 2]]).max() < 0.05  # it begins at the origin
    assert joints[..., 1].min() >= 0
    stands = placed.tracks[0].stands
    feet = joints[:, [3, 6]]
    still = stands[1:] & stands[:-1]
    assert np.linalg.norm(np.diff(feet, axis=0), axis=-1)[still].mean() < 0.003
    heights = joints[:, 10, 1]
    assert heights.min() > 1.3 and heights.max() < 2.0


def test_the_camera_is_where_it_was(placed, track, walk):
    """The joints, seen from the camera, are where the keypoints are."""
    seen = (placed.tracks[0].joints - placed.camera) @ placed.axes
    off = np.linalg.norm(seen[..., :2] / seen[..., 2:] - track.rays, axis=-1)
    assert np.median(off) < 0.01
    assert placed.camera[1] > 0.5
    assert "found from how people stand" in placed.notes[0]


def test_every_part_can_be_left_out(track):
    level = place([track], WorldSettings(level=False))
    np.testing.assert_allclose(level.axes[1], [0, -1, 0], atol=1e-12)
    assert "taken as level" in level.notes[0]
    told = place([track], WorldSettings(camera_pitch=10, camera_roll=-5))
    assert "looks down by 10 degrees" in told.notes[0] and "as given" in told.notes[0]
    resting = place([track], WorldSettings(path=False)).tracks[0]
    np.testing.assert_allclose(resting.joints[:, 0, [0, 2]], 0, atol=1e-9)
    assert not resting.stands.any()
    loose = place([track], WorldSettings(plant=False, smoothing="none")).tracks[0]
    vectors = np.diff(loose.joints[:, [1, 2]], axis=1), np.diff(track.joints[:, [1, 2]], axis=1)
    lengths = [np.linalg.norm(vector, axis=-1) for vector in vectors]
    np.testing.assert_allclose(*lengths, atol=1e-9)


def test_people_of_a_video_share_a_world(track):
    beside = dataclasses.replace(track, rays=track.rays + np.array([0.1, 0.0]))
    both = place([track, beside], DEFAULT_WORLD).tracks
    apart = both[1].joints[:, 0] - both[0].joints[:, 0]
    assert 0.3 < np.abs(apart[:, 0]).mean() < 2


def test_a_person_who_never_stands_is_doubted(track):
    times = np.arange(200)[:, np.newaxis, np.newaxis] / track.fps
    swimming = dataclasses.replace(track, rays=track.rays + np.array([0.5, 0.3]) * times)
    found = place([swimming], DEFAULT_WORLD)
    assert np.isfinite(found.tracks[0].joints).all()
    assert any(note.startswith("doubtful: a foot stands in only") for note in found.notes)


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_a_few_frames_have_a_world(track, frames):
    few = dataclasses.replace(
        track, joints=track.joints[:frames], rays=track.rays[:frames], scores=track.scores[:frames]
    )
    found = place([few], DEFAULT_WORLD)
    assert found.tracks[0].joints.shape == (frames, 17, 3)
    assert np.isfinite(found.tracks[0].joints).all()


def test_a_skeleton_without_feet_has_a_world():
    chain = Skeleton(("root", "middle", "end"), (-1, 0, 1))
    joints = np.tile([[0.0, 0, 0], [0, -0.3, 0], [0, -0.6, 0]], (20, 1, 1))
    track = Track(chain, 25.0, joints, joints[..., :2] / 4, np.ones((20, 3)))
    found = place([track], DEFAULT_WORLD)
    assert found.tracks[0].stands.shape == (20, 0)
    np.testing.assert_allclose(found.tracks[0].joints[..., 1].min(), 0, atol=0.01)
    assert any("no feet" in note for note in found.notes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"smoothing": "kalman"}, "smoothing kalman"),
        ({"camera_pitch": 100.0}, "camera_pitch 100"),
        ({"camera_roll": float("nan")}, "camera_roll nan"),
    ],
)
def test_settings_that_cannot_be_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        WorldSettings(**changes)
