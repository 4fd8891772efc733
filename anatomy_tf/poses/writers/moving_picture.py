"""Poses as a video (`.mp4`) or a moving picture (`.gif`): see `pose_frames`."""

from __future__ import annotations

import itertools
import math
import pathlib

from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.poses.writers.pose_frames import pose_frames
from anatomy_tf.video.encoding import write_mp4

_SIDE, _SMALL_SIDE = 720, 360
"""Pixels of the video's longer side in it."""
_SLOW_FPS = 12.5
_LONGEST_GIF = 60.0


def write(poses: PoseData, path: pathlib.Path) -> None:
    """Writes an `.mp4` with a picture for every frame of the video, at its rate."""
    write_mp4(pose_frames(poses, _SIDE), poses.fps, path)


def write_gif(poses: PoseData, path: pathlib.Path) -> None:
    """Writes a `.gif` in the video's time: small, with fewer pictures, of the first minute."""
    from PIL import Image

    step = max(1, math.ceil(poses.fps / _SLOW_FPS - 1e-6))
    last = min(poses.num_frames, math.ceil(_LONGEST_GIF * poses.fps))
    pictures = [
        Image.fromarray(picture).quantize(96, dither=Image.Dither.NONE)
        for picture in itertools.islice(pose_frames(poses, _SMALL_SIDE), 0, last, step)
    ]
    first, *others = pictures
    duration = round(1000 * step / poses.fps)
    first.save(path, "GIF", save_all=True, append_images=others, duration=duration, loop=0)
