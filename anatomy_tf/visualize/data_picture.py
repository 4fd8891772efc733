"""Pictures of data as it is: keypoints in the image, joints in the world."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.inspection.joint_checks import world_is_camera
from anatomy_tf.poses.side_colours import MIDDLE
from anatomy_tf.visualize.figure import figure_file
from anatomy_tf.visualize.pose_picture import draw_bones

_CLIPS, _COLUMNS = 3, 5


def draw_clips(clips: Sequence[Clip], path: pathlib.Path | str) -> None:
    """Draws frames of up to three clips, spread over all of them: left is red, right is blue.

    A row has the keypoints in the frame of the image, with crosses where none was found. Where
    there are 3D joints, a second row has them from the side: the world's x and z, or x and y where
    the world is camera space.

    Args:
      clips: one or more.

    Raises:
      InputError: as `figure_file`.
    """
    chosen = [clips[i] for i in sorted(set(_spread(len(clips), _CLIPS)))]
    rows = sum(1 if clip.joints is None else 2 for clip in chosen)
    with figure_file(path, size=(2.5 * _COLUMNS, 2.6 * rows)) as figure:
        grid = iter(figure.subplots(rows, _COLUMNS, squeeze=False))
        for clip in chosen:
            frames = _spread(len(clip), _COLUMNS)
            for axis, frame in zip(next(grid), frames, strict=True):
                axis.set_title(f"{clip.name}, frame {frame}", fontsize=7)
                _draw_keypoints(axis, clip, frame)
            if clip.joints is not None:
                points = clip.joints[:, :, [0, 1 if world_is_camera(clip) else 2]]
                for axis, frame in zip(next(grid), frames, strict=True):
                    _draw_joints(axis, clip, points[frame])


def _spread(count: int, chosen: int) -> list[int]:
    return np.linspace(0, count - 1, chosen).round().astype(int).tolist()


def _draw_keypoints(axis, clip: Clip, frame: int) -> None:
    width, height = clip.resolution
    keypoints = clip.keypoints[frame]
    draw_bones(axis, keypoints, clip.skeleton)
    missing = keypoints[clip.visibility[frame] == 0]
    axis.plot(*missing.T, "x", color=MIDDLE, markersize=4)
    axis.set(xlim=(0, width), ylim=(height, 0), xticks=[0, width], yticks=[0, height])
    axis.tick_params(labelsize=6)
    axis.set_aspect("equal")


def _draw_joints(axis, clip: Clip, points: np.ndarray) -> None:
    vertical = 1 if world_is_camera(clip) else 2
    draw_bones(axis, points, clip.skeleton)
    axis.set_xlabel("x, m", fontsize=6)
    axis.set_ylabel(f"{'xyz'[vertical]}, m", fontsize=6)
    axis.tick_params(labelsize=6)
    axis.set_aspect("equal", adjustable="datalim")
    if vertical == 1:
        axis.invert_yaxis()
