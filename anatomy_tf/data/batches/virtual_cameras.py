"""A camera for every example: any side, height, lens and distance, held by hand or on a tripod."""

from __future__ import annotations

import dataclasses
import math

import tensorflow as tf

from anatomy_tf.data.batches.draws import Draws
from anatomy_tf.geometry.person_frame import looking_at

LOWEST_PITCH, HIGHEST_PITCH = math.radians(-20), math.radians(50)
ROLL_SD = math.radians(10)
NARROWEST_LENS, WIDEST_LENS = math.radians(30), math.radians(100)
"""Angle over the longer side of the image."""
NEAREST, FARTHEST = 1.5, 10.0
"""Metres from camera to root."""

_QUARTER_TURNS = 0.12
_SHAPES, _SHAPE_SHARES = (9 / 16, 16 / 9, 4 / 3, 1.0), (0.45, 0.4, 0.1, 0.05)
"""Width by height of the images: upright phones, films, and the rest."""
_FOLLOWING, _PANNING, _SHAKING = 0.5, 0.25, 0.4
_PAN = 0.15
_SHAKE = 0.012
_OFF_MIDDLE, _FAR_OFF_MIDDLE, _FAR_OFF = 0.5, 1.0, 0.2
_CROPPED, _LARGEST = 0.15, 1.0
"""Share of the cameras that may be so near that most of the person is outside the image; of the
others, how many times the longer half of the image the person fills at most, from the root.
"""
_LOWEST_CAMERA = 0.1
_WAY = 0.6
"""Share of the camera's distance that the person moves at most."""
_GUESSED = 0.5
_FOCAL_SD, _GUESSED_FOCAL_SD = 0.05, 0.25
_NEAREST_JOINT = 0.2


@dataclasses.dataclass(frozen=True)
class Views:
    """What `B` cameras see in `F` frames each.

    Attributes:
      axes: `(B, F, 3, 3)`, rows: right, down and forward of the camera in the world.
      root: `(B, F, 3)` metres from the camera to the root, along these axes.
      focal: `(B,)` focal length in screen units, and
      told_focal: what of it is known.
      half_height: `(B,)` of the image, in screen units; half the width is 1.
    """

    axes: tf.Tensor
    root: tf.Tensor
    focal: tf.Tensor
    told_focal: tf.Tensor
    half_height: tf.Tensor


def draw_views(
    draws: Draws, roots, now: int, window: int, stature, fps: float = 50.0, still: bool = False
) -> Views:
    """Cameras for people whose roots are at `(B, F, 3)` metres, z up.

    Frame `now` is the current one of a window of the first `window` frames; the other frames are
    drawn over the clip. `stature (B,)` in metres. Cameras that are `still` stand on a tripod, so
    far away that people need not go less far than they did.
    """
    frames = roots.shape[1]
    half_height = _shape_of_image(draws)
    longer = tf.maximum(half_height, 1.0)
    focal = longer / tf.tan(draws.uniform(NARROWEST_LENS, WIDEST_LENS) / 2)
    distance = draws.log_uniform(NEAREST, FARTHEST)
    whole = focal * 0.6 * stature / (_LARGEST * longer)
    distance = tf.where(draws.chance(_CROPPED), distance, tf.maximum(distance, whole))

    moved = roots - roots[:, now : now + 1]
    if still:
        distance = tf.maximum(distance, tf.reduce_max(tf.norm(moved, axis=-1), axis=1) / _WAY)
    root, moved = roots[:, now], _kept_near(moved, _WAY * distance, window)
    pitch = draws.uniform(LOWEST_PITCH, HIGHEST_PITCH)
    yaw = draws.uniform(0.0, 2 * math.pi)
    side = [tf.cos(pitch) * tf.cos(yaw), tf.cos(pitch) * tf.sin(yaw), tf.sin(pitch)]
    camera = distance[:, tf.newaxis] * tf.stack(side, axis=-1)
    floor = _LOWEST_CAMERA - root[:, 2]
    camera = tf.concat([camera[:, :2], tf.maximum(camera[:, 2], floor)[:, tf.newaxis]], axis=-1)

    following = tf.where(draws.chance(_FOLLOWING), draws.uniform(0.5, 1.0), 0.0)
    reach = tf.where(draws.chance(_FAR_OFF), _FAR_OFF_MIDDLE, _OFF_MIDDLE)
    image = tf.stack([tf.ones_like(half_height), half_height], axis=-1)
    off = draws.uniform(-1.0, 1.0, (2,)) * reach[:, tf.newaxis] * image / focal[:, tf.newaxis]
    times = (tf.cast(tf.minimum(tf.range(frames), window), tf.float32) - now) / fps
    pan = tf.where(draws.chance(_PANNING)[:, tf.newaxis], draws.normal(_PAN, (2,)), 0.0)
    shake = tf.where(draws.chance(_SHAKING), draws.uniform(0.2, 1.0) * _SHAKE, 0.0)
    if still:
        following, pan, shake = (tf.zeros_like(x) for x in (following, pan, shake))
    place = off[:, tf.newaxis] + pan[:, tf.newaxis] * times[:, tf.newaxis]
    place += shake[:, tf.newaxis, tf.newaxis] * _wobble(draws, times)
    roll = draws.normal(ROLL_SD)
    quarters = tf.floor(draws.uniform(1.0, 4.0)) * (math.pi / 2)
    roll += tf.where(draws.chance(_QUARTER_TURNS), quarters, 0.0)

    error = tf.where(draws.chance(_GUESSED), _GUESSED_FOCAL_SD, _FOCAL_SD) * draws.normal()
    told = focal * tf.exp(tf.clip_by_value(error, -0.6, 0.6))
    axes, root = _axes(camera, moved, following, place, roll)
    return Views(axes, root, focal, told, half_height)


def camera_joints(joints, views: Views):
    """`(B, F, 3, J)` root-relative joints in the world -> the same in camera space."""
    return _turned(joints, views.axes)


def keypoints_of(joints, views: Views):
    """`(B, F, 3, J)` root-relative joints in the world -> screen coordinates `(B, F, 2, J)`.

    Joints nearer than 0.2 m, or behind the camera, are seen as if there.
    """
    return _projected(joints, views.axes, views.root, views.focal)


def _shape_of_image(draws: Draws):
    """`(B,)` half heights."""
    drawn = draws.uniform()
    half, total = tf.zeros_like(drawn), 0.0
    for shape, share in zip(_SHAPES, _SHAPE_SHARES, strict=True):
        half = tf.where((drawn >= total) & (drawn < total + share), 1 / shape, half)
        total += share
    return tf.where(half > 0, half, 1.0)


def _kept_near(moved, limit, window: int):
    """`(B, F, 3)` ways from the current root, shortened to `(B,)` metres: those in the window all
    alike, so that the person moves evenly.
    """
    far = tf.norm(moved, axis=-1)
    inside = tf.reduce_max(far[:, :window], axis=1, keepdims=True)
    far = tf.concat([tf.repeat(inside, window, axis=1), far[:, window:]], axis=1)
    shorter = tf.minimum(1.0, limit[:, tf.newaxis] / tf.maximum(far, 1e-6))
    return moved * shorter[..., tf.newaxis]


def _wobble(draws: Draws, times):
    """`(B, F, 2)` of a hand that holds a camera: three slow waves of random phase."""
    total = 0.0
    for _ in range(3):
        pace = 2 * math.pi * draws.uniform(0.5, 4.0, (1, 2))
        phase = draws.uniform(0.0, 2 * math.pi, (1, 2))
        total += tf.sin(pace * times[tf.newaxis, :, tf.newaxis] + phase)
    return total / math.sqrt(1.5)


@tf.function(jit_compile=True, autograph=False)
def _axes(camera, moved, following, place, roll):
    """Axes of cameras at `(B, 3)` beside the current root, and the roots from there."""
    ahead = following[:, tf.newaxis, tf.newaxis] * moved - camera[:, tf.newaxis]
    ahead = tf.math.l2_normalize(ahead, axis=-1, epsilon=1e-6)
    x, y, _ = tf.unstack(ahead, axis=-1)
    level = tf.sqrt(tf.maximum(x * x + y * y, 1e-6))
    right = tf.stack([y, -x, tf.zeros_like(x)], axis=-1) / level[..., tf.newaxis]
    down = tf.linalg.cross(ahead, right)
    off = looking_at(place)
    right, down, ahead = (
        off[..., 0, i : i + 1] * right
        + off[..., 1, i : i + 1] * down
        + off[..., 2, i : i + 1] * ahead
        for i in range(3)
    )
    cos, sin = (f(roll)[:, tf.newaxis, tf.newaxis] for f in (tf.cos, tf.sin))
    axes = tf.stack([cos * right + sin * down, cos * down - sin * right, ahead], axis=-2)
    from_camera = moved - camera[:, tf.newaxis]
    return axes, tf.reduce_sum(axes * from_camera[..., tf.newaxis, :], axis=-1)


@tf.function(jit_compile=True, autograph=False)
def _turned(joints, axes):
    x, y, z = tf.unstack(joints[..., tf.newaxis, :, :], axis=-2)
    return axes[..., 0:1] * x + axes[..., 1:2] * y + axes[..., 2:3] * z  # (B, F, 3, J)


@tf.function(jit_compile=True, autograph=False)
def _projected(joints, axes, root, focal):
    placed = _turned(joints, axes) + root[..., tf.newaxis]
    depth = tf.maximum(placed[..., 2:, :], _NEAREST_JOINT)
    return focal[:, tf.newaxis, tf.newaxis, tf.newaxis] * placed[..., :2, :] / depth
