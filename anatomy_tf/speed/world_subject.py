"""What a level world costs beside lifting, over whole clips and frame by frame."""

from __future__ import annotations

import itertools

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.speed.subjects import Subject
from anatomy_tf.world.live import LiveWorld
from anatomy_tf.world.placing import DEFAULT_WORLD, place
from anatomy_tf.world.swaps import find_swaps
from anatomy_tf.world.track import Track

_LIVE_FRAMES = 100


def world_subject(clip: Clip, lifter: ClipLifter) -> Subject:
    """Lifting a clip, looking for swaps in it, placing it, and placing it live."""
    joints = lifter(clip)["joints"].astype(np.float64)
    rays = clip.screen_keypoints().astype(np.float64) / clip.screen_focal()
    track = Track(clip.skeleton, clip.fps, joints, rays, clip.visibility.astype(np.float64))
    live = LiveWorld(clip.skeleton, clip.fps)
    frames = itertools.cycle(zip(track.joints, track.rays, track.scores, strict=True))

    def push() -> int:
        for frame in itertools.islice(frames, _LIVE_FRAMES):
            live.push(*frame)
        return _LIVE_FRAMES

    def all_frames(work) -> int:
        work()
        return len(clip)

    ways = {
        "lift": lambda: all_frames(lambda: lifter(clip)),
        "find swaps": lambda: all_frames(lambda: find_swaps(track, track.path())),
        "place in a world": lambda: all_frames(lambda: place([track], DEFAULT_WORLD)),
        "place live": push,
    }
    return Subject(f"a level world, {len(clip)} frames", "frames/s", ways)
