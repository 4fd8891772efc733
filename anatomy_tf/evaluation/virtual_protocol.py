"""The project's own protocol: test subjects seen by some hundred cameras and detectors, all of them
made up, and the same for everyone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from anatomy_tf.data.batches.draws import Draws
from anatomy_tf.data.batches.frame_table import as_tensors
from anatomy_tf.data.batches.motion_table import build_motion_table
from anatomy_tf.data.batches.variations import MotionRows
from anatomy_tf.data.batches.virtual_examples import virtual_examples
from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import Camera
from anatomy_tf.geometry.screen import screen_to_pixels
from anatomy_tf.geometry.stature import stature_weights
from anatomy_tf.skeleton import Skeleton

CAMERAS = 300
FRAMES = 200
"""Of a clip, at most; four seconds at 50 frames a second."""
SHORTEST = 100
"""Shorter takes are left out."""
SEED = 20_261
_AT_ONCE = 20
_LONGER_SIDE = 1920


@dataclasses.dataclass(frozen=True)
class VirtualClip:
    """A clip in the space of its camera, which may move.

    The clip's camera has the focal length as far as it is known.

    Attributes:
      facts: how hard it is.
      up: `(T, 3)` unit vectors in camera space, which way is up.
      swapped: `(T, J)` where the detector took a joint for that of the other side.
    """

    clip: Clip
    facts: dict[str, float]
    up: np.ndarray
    swapped: np.ndarray


def virtual_clips(
    clips: Sequence[Clip],
    cameras: int = CAMERAS,
    seed: int = SEED,
    still: bool = False,
    frames: int = FRAMES,
) -> list[VirtualClip]:
    """The takes of `clips`, one after the other, each time with another camera, detector, and body.

    Args:
      cameras: how many.
      still: cameras on a tripod that see the actors' own proportions and ways.
      frames: of a clip, at most.

    Raises:
      InputError: no take is long enough.
    """
    table = build_motion_table(clips, flip=False)
    takes = np.flatnonzero(table.count >= SHORTEST)
    if not len(takes):
        raise InputError(f"virtual cameras: no take of {SHORTEST} frames or more to see")
    rng = np.random.default_rng(seed)
    chosen = takes[np.arange(cameras) % len(takes)]
    length = np.minimum(table.count[chosen], frames)
    start = rng.integers(0, table.count[chosen] - length + 1)
    offsets = np.minimum(np.arange(frames), length[:, np.newaxis] - 1)
    rows = table.first[chosen][:, np.newaxis] + start[:, np.newaxis] + offsets
    tensors = as_tensors(table)
    made = []
    for first in range(0, cameras, _AT_ONCE):
        # As many at a time for any number of cameras, so that the first ones do not change with it.
        here = rows[np.minimum(np.arange(first, first + _AT_ONCE), cameras - 1)]
        draws = Draws(tf.constant([seed, first], tf.int32), _AT_ONCE)
        seen = virtual_examples(
            *(tensors, draws, MotionRows(tf.constant(here, tf.int32))),
            *(frames // 2, frames, still),
        )
        seen = {name: value.numpy() for name, value in seen.items()}
        for number in range(first, min(first + _AT_ONCE, cameras)):
            of_clip = {name: value[number - first] for name, value in seen.items()}
            take = clips[table.source[chosen[number]]]
            made.append(_clip(number, take, of_clip, length[number]))
    return made


def _clip(number: int, take: Clip, seen: dict[str, np.ndarray], length: int) -> VirtualClip:
    half_height = float(seen["half_height"])
    width = round(_LONGER_SIDE / max(1.0, half_height))
    resolution = (width, round(width * half_height))
    root = seen["root"][:length, :, np.newaxis]
    joints = np.swapaxes(seen["joints"][:length] + root, 1, 2)
    keypoints, visibility = seen["keypoints"][:length], seen["visibility"][:length]
    exact = np.swapaxes(seen["exact"][:length], 1, 2)
    pixels = float(seen["focal"]) * width / 2
    clip = Clip(
        name=f"camera {number}",
        subject=take.subject,
        action=take.action,
        skeleton=take.skeleton,
        resolution=resolution,
        fps=50.0,
        keypoints=screen_to_pixels(keypoints, resolution).astype(np.float32),
        visibility=visibility,
        joints=joints.astype(np.float32),
        camera=Camera(resolution, (pixels, pixels), (resolution[0] / 2, resolution[1] / 2)),
        keypoints_from="made-up detections",
    )
    facts = _facts(seen, keypoints, visibility, exact, root, length, take.skeleton)
    return VirtualClip(clip, facts, seen["axes"][:length, :, 2], seen["swapped"][:length])


def _facts(seen, keypoints, visibility, exact, root, length: int, skeleton: Skeleton) -> dict:
    distance = float(np.linalg.norm(root, axis=1).mean())
    longer = max(1.0, float(seen["half_height"]))
    stature = float(seen["lengths"] @ stature_weights(skeleton))
    height = float(seen["true_focal"]) * stature / distance
    straight = np.linalg.norm(keypoints - exact, axis=-1)
    crossed = np.linalg.norm(keypoints - exact[:, skeleton.flip_joints], axis=-1)
    sided = [*skeleton.left, *skeleton.right]
    swapped = straight[:, sided].mean(axis=1) > crossed[:, sided].mean(axis=1)
    return {
        "pitch (degrees)": float(np.degrees(np.arcsin(-seen["axes"][:length, 2, 2])).mean()),
        "lens (degrees)": float(np.degrees(2 * np.arctan(longer / seen["true_focal"]))),
        "distance (m)": distance,
        "stature (m)": stature,
        "noise (% of height)": float(100 * np.median(straight) / height),
        "missing (% of joints)": float(100 * (visibility == 0).mean()),
        "swapped (% of frames)": float(100 * swapped.mean()),
    }
