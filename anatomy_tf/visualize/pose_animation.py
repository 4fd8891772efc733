"""Moving pictures of lifted clips: the keypoints beside the 3D pose, which turns slowly."""

from __future__ import annotations

import math
import pathlib

import numpy as np

from anatomy_tf.data.checks import check_finite, check_shape
from anatomy_tf.errors import InputError
from anatomy_tf.files import check_output_file, replacing
from anatomy_tf.poses.side_colours import LEFT, MIDDLE, RIGHT
from anatomy_tf.skeleton import Skeleton
from anatomy_tf.visualize.figure import check_matplotlib
from anatomy_tf.visualize.pose_picture import TRUTH, draw_bones

_MOST_FPS = 15
_INCHES, _DPI = (5.6, 3.2), 100
_PITCH = math.radians(12)
_SPARE = 0.1  # of the distance from the root to the farthest joint
_TILE, _TILES = 0.4, 2  # metres, and how many from the middle of the floor to its edge


def animate_poses(
    keypoints: np.ndarray,
    joints: np.ndarray,
    skeleton: Skeleton,
    fps: float,
    path: pathlib.Path | str,
    title: str = "",
) -> None:
    """Writes a GIF of a clip in its own time: left is red, right is blue.

    The 3D pose stands on a floor at the height of its lowest joint, and turns about the vertical
    once from the first to the last frame, so that the picture can be repeated without a jump.

    Args:
      keypoints: `(T, J, 2)` pixels of the same joints; the picture follows their root.
      joints: `(T, J, 3)` metres, root-relative, camera space.
      fps: frames per second of the clip; of a fast one every second, third, ... frame is drawn.
      title: stands above the keypoints.

    Raises:
      InputError: another ending than .gif, other shapes, a file that cannot be written, or no
        matplotlib.
    """
    check_animation_file(path)
    check_shape(joints, (len(joints), skeleton.num_joints, 3), "joints")
    check_shape(keypoints, (len(joints), skeleton.num_joints, 2), "keypoints")
    if not len(joints):
        raise InputError("joints: there are no frames to draw")
    for name, values in (("joints", joints), ("keypoints", keypoints)):
        check_finite(values, name)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image

    palette = Image.new("P", (1, 1))
    palette.putpalette(_palette())
    step = math.ceil(fps / _MOST_FPS)
    figure = Figure(figsize=_INCHES, dpi=_DPI)
    canvas = FigureCanvasAgg(figure)
    image_axis, pose_axis = figure.subplots(1, 2)
    figure.subplots_adjust(0.01, 0.01, 0.99, 0.91, 0.02)
    followed = keypoints - keypoints[:, [skeleton.root]]
    reaches = [np.abs(values).max() * (1 + _SPARE) for values in (followed, joints)]
    floor = joints[..., 1].max()
    pictures = []
    for frame in range(0, len(joints), step):
        for axis in (image_axis, pose_axis):
            axis.clear()
        draw_bones(image_axis, followed[frame], skeleton)
        angle = 2 * math.pi * frame / len(joints)
        for line in _floor_lines(floor):
            pose_axis.plot(*_seen(line, angle).T, color=TRUTH, linewidth=0.8)
        draw_bones(pose_axis, _seen(joints[frame], angle), skeleton)
        titles = (title or "keypoints", "3D pose")
        for axis, words, reach in zip((image_axis, pose_axis), titles, reaches, strict=True):
            axis.set_title(words, fontsize=9)
            axis.set(xlim=(-reach, reach), ylim=(reach, -reach), aspect="equal")
            axis.set(xticks=[], yticks=[])
        canvas.draw()
        picture = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])
        pictures.append(picture.quantize(palette=palette, dither=Image.Dither.NONE))
    with replacing(path) as temporary, temporary.open("wb") as file:
        pictures[0].save(
            file,
            format="GIF",
            save_all=True,
            append_images=pictures[1:],
            duration=round(1000 * step / fps),
            loop=0,
        )


def check_animation_file(path: pathlib.Path | str) -> None:
    """Raises what `animate_poses` would, before long work that ends in a moving picture."""
    check_matplotlib()
    if pathlib.Path(path).suffix.lower() != ".gif":
        raise InputError(f"{path}: moving pictures are .gif")
    check_output_file(path)


def _seen(points: np.ndarray, angle: float) -> np.ndarray:
    """`(N, 3)` points in camera space -> `(N, 2)` from a little above, turned by `angle`."""
    x = points[:, 0] * math.cos(angle) + points[:, 2] * math.sin(angle)
    depth = points[:, 2] * math.cos(angle) - points[:, 0] * math.sin(angle)
    return np.stack([x, points[:, 1] * math.cos(_PITCH) - depth * math.sin(_PITCH)], axis=1)


def _floor_lines(height: float) -> list[np.ndarray]:
    edge = _TILE * _TILES
    lines = []
    for place in np.linspace(-edge, edge, 2 * _TILES + 1):
        lines.append(np.array([[place, height, -edge], [place, height, edge]]))
        lines.append(np.array([[-edge, height, place], [edge, height, place]]))
    return lines


def _palette(shades: int = 16) -> list[int]:
    """Red, green and blue of the colours that lines have where they blend into white."""
    blends = [
        255 + (np.array(list(bytes.fromhex(colour[1:]))) - 255) * share
        for colour in ("#000000", LEFT, RIGHT, MIDDLE, TRUTH)
        for share in np.linspace(0, 1, shades)
    ]
    return np.round(blends).astype(int).ravel().tolist()
