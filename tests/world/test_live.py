import dataclasses

import numpy as np
import pytest

from anatomy_tf.world import live
from anatomy_tf.world.live import LiveWorld
from anatomy_tf.world.placing import WorldSettings, place


def pushed(track, **settings):
    world = LiveWorld(track.skeleton, track.fps, WorldSettings(**settings))
    frames = zip(track.joints, track.rays, track.scores, strict=True)
    return [world.push(*frame) for frame in frames]


def test_the_path_is_that_of_the_clip_up_to_now(track):
    nowhere = np.zeros(2, bool)
    path = live._PathFilter(track.fps)
    for number in range(60):
        frame = track.joints[number], track.rays[number], track.scores[number]
        root = path.push(*frame, track.joints[number, [3, 6]], nowhere)
        if number in (10, 40, 59):
            upto = slice(0, number + 1)
            clip = dataclasses.replace(
                track, joints=track.joints[upto], rays=track.rays[upto], scores=track.scores[upto]
            )
            np.testing.assert_allclose(root, clip.path()[-1], atol=0.005)


def test_live_people_stand_on_the_floor_and_go_where_the_clip_does(track):
    places = pushed(track)
    joints = np.array([place.joints for place in places])
    assert joints[..., 1].min() > -1e-6
    whole = place([track], WorldSettings()).tracks[0].joints
    went = np.linalg.norm(joints[-1, 0] - joints[0, 0])
    assert went == pytest.approx(np.linalg.norm(whole[-1, 0] - whole[0, 0]), rel=0.15)
    assert np.abs(joints[100:, 10, 1] - whole[100:, 10, 1]).mean() < 0.1
    stands = np.array([place.stands for place in places])
    held = np.linalg.norm(np.diff(joints[:, [3, 6]], axis=0), axis=-1)[stands[1:] & stands[:-1]]
    assert np.median(held) < 0.01
    assert not places[0].up_is_told and places[-1].up_is_told


def test_parts_of_it_can_be_left_out_and_told(track):
    assert pushed(track, camera_pitch=5, camera_roll=0)[0].up_is_told
    resting = np.array([place.joints[0] for place in pushed(track, path=False, smoothing="none")])
    np.testing.assert_allclose(resting[:, [0, 2]], 0, atol=1e-9)


def test_frames_in_which_nothing_was_seen_are_gone_through(track):
    scores, rays = track.scores.copy(), track.rays.copy()
    scores[20:40], rays[20:40] = 0, np.nan
    places = pushed(dataclasses.replace(track, scores=scores, rays=rays))
    assert np.isfinite([place.joints for place in places]).all()
