"""What a level world costs beside lifting, over whole clips and frame by frame."""

from __future__ import annotations

import itertools

from anatomy_tf.data.clip import Clip
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.inference.lifted_track import lifted_track
from anatomy_tf.speed.subjects import Subject
from anatomy_tf.world.live import LiveWorld
from anatomy_tf.world.placing import DEFAULT_WORLD, place
from anatomy_tf.world.swaps import find_swaps

_LIVE_FRAMES = 100


def world_subject(clip: Clip, lifter: ClipLifter) -> Subject:
    """Lifting a clip, looking for swaps in it, placing it, and placing it live."""
    track = lifted_track(clip, lifter(clip)["joints"])
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
