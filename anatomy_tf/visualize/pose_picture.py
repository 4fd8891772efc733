"""Pictures of lifted clips: keypoints as the camera has them, and the 3D pose from two sides."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.poses.side_colours import side_colour
from anatomy_tf.skeleton import Skeleton
from anatomy_tf.visualize.figure import figure_file

TRUTH = "#b8bcc4"


def draw_clip(
    clip: Clip, joints: np.ndarray, frames: Sequence[int], path: pathlib.Path | str, title: str = ""
) -> None:
    """Draws some frames of a clip as `draw_poses` does; where it has 3D joints, they stand in grey
    behind the predicted ones.

    Args:
      joints: `(T, J, 3)` predicted metres, root-relative, camera space.
      frames: which frames, a column each.

    Raises:
      InputError: a frame that is not in the clip; see also `figure_file`.
    """
    for frame in frames:
        if not 0 <= frame < len(clip):
            raise InputError(f"clip {clip.name}: no frame {frame}, there are {len(clip)}")
    chosen = list(frames)
    truth = None
    if clip.joints is not None and clip.camera is not None:
        truth = clip.camera_joints()[chosen]
        truth = truth - truth[:, [clip.skeleton.root]]
    times = np.array(chosen) / clip.fps
    draw_poses(clip.keypoints[chosen], joints[chosen], clip.skeleton, times, path, title, truth)


def draw_poses(
    keypoints: np.ndarray,
    joints: np.ndarray,
    skeleton: Skeleton,
    times: Sequence[float] | np.ndarray,
    path: pathlib.Path | str,
    title: str = "",
    truth: np.ndarray | None = None,
) -> None:
    """Draws a column for every pose: its keypoints, and the 3D pose from the front and the side.

    Args:
      keypoints, joints: `(F, J, 2)` pixels, `(F, J, 3)` metres, root-relative, camera space.
      times: `(F,)` seconds.
      path: a file whose ending says the format, .png or .svg.
      truth: `(F, J, 3)`, in grey behind the joints.

    Raises:
      InputError: as `figure_file`.
    """
    with figure_file(path, size=(2.3 * len(joints), 7.4)) as figure:
        figure.suptitle(title, fontsize=11)
        axes = figure.subplots(3, len(joints), squeeze=False)
        views = {1: ("front", 0), 2: ("side", 2)}
        for column, time in enumerate(times):
            axes[0, column].set_title(f"{time:.2f} s", fontsize=9)
            draw_bones(axes[0, column], keypoints[column], skeleton)
            _frame_keypoints(axes[0, column], keypoints[column])
            for row, (_, horizontal) in views.items():
                axis, seen = axes[row, column], [horizontal, 1]
                if truth is not None:
                    draw_bones(axis, truth[column][:, seen], skeleton, TRUTH)
                draw_bones(axis, joints[column][:, seen], skeleton)
                axis.set(xlim=(-1.05, 1.05), ylim=(1.15, -1.0))
        labels = {0: "keypoints"} | {row: f"3D, {name}" for row, (name, _) in views.items()}
        for row, label in labels.items():
            axes[row, 0].set_ylabel(label, fontsize=9)
        for axis in axes.flat:
            axis.set(aspect="equal", xticks=[], yticks=[])


def draw_bones(axis, points: np.ndarray, skeleton: Skeleton, colour: str | None = None) -> None:
    """Draws the `(J, 2)` points' bones into a matplotlib axis, by side unless in one `colour`."""
    for near, far in skeleton.bones:
        side = side_colour(far, skeleton)
        axis.plot(
            *points[[near, far]].T,
            color=colour or side,
            linewidth=3 if colour else 2,
            solid_capstyle="round",
        )


def _frame_keypoints(axis, keypoints: np.ndarray) -> None:
    centre = (keypoints.min(axis=0) + keypoints.max(axis=0)) / 2
    half = 0.6 * np.ptp(keypoints, axis=0).max()
    axis.set(xlim=(centre[0] - half, centre[0] + half), ylim=(centre[1] + half, centre[1] - half))
