"""Poses as pictures, one for every frame of the video: the video with the keypoints on it, and the
skeletons from the front and from the side, upright where a level world is known.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.poses.side_colours import side_colour
from anatomy_tf.poses.writers.y_up import PEOPLE_APART, TO_Y_UP, above_floor
from anatomy_tf.video.decoding import Video, pictures_at

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

_PAPER, _PLAIN, _FLOOR = "#ffffff", "#22252b", "#c4c8d0"
_SPARE = 1.1
_FAINT = 0.3
"""A score below which a keypoint is not drawn on the video."""


def pose_frames(poses: PoseData, side: int) -> Generator[npt.NDArray[np.uint8], None, None]:
    """`(height, width, 3)` pictures, red, green, blue.

    Args:
      side: pixels of the longer side of the video in them.
    """
    from PIL import Image, ImageDraw

    width, height = poses.resolution
    shrunk = side / max(width, height)
    size = (max(2, round(width * shrunk)), max(2, round(height * shrunk)))
    upright = height > width
    panel = (size[1] // 2 if upright else side // 2,) * 2
    whole = (size[0] + panel[0], size[1]) if upright else (side, size[1] + panel[1])
    beside = [(size[0], 0), (size[0], panel[1])]
    below = [(0, size[1]), (panel[0], size[1])]
    row_of = {(p, f): i for i, (p, f) in enumerate(zip(poses.person, poses.frame, strict=True))}
    people = poses.people
    views = [_View(poses, len(people), horizontal, panel[0]) for horizontal in (0, 2)]
    with contextlib.closing(_backgrounds(poses, size)) as backgrounds:
        for frame, background in enumerate(backgrounds):
            rows = [row_of.get((person, frame)) for person in people]
            pen = ImageDraw.Draw(background)
            for row in rows:
                if row is not None:
                    points = poses.keypoints[row].astype(np.float64) * shrunk
                    _draw(pen, points, poses, poses.scores[row] >= _FAINT, side / 200)
            result = Image.new("RGB", whole, _PAPER)
            result.paste(background, (0, 0))
            for view, corner in zip(views, beside if upright else below, strict=True):
                result.paste(view.picture(rows), corner)
            yield np.asarray(result)


class _View:
    """The skeletons, seen along an axis, with everybody's root in the middle."""

    def __init__(self, poses: PoseData, people: int, horizontal: int, side: int):
        self._poses, self._people, self._side = poses, people, side
        points = above_floor(poses) * TO_Y_UP  # y down and z forward, as pictures have it
        points -= points[:, [poses.skeleton.root]] * [1, 0, 1]
        self._seen = points[..., [horizontal, 1]]
        self._low, self._high = float(self._seen[..., 1].min()), float(self._seen[..., 1].max())
        if poses.world is not None:
            self._high = max(self._high, 0.0)  # the floor
        across = PEOPLE_APART * (people - 1) + 2 * float(np.abs(self._seen[..., 0]).max())
        self._scale = side / (_SPARE * max(across, self._high - self._low, 1.0))

    def picture(self, rows: list[int | None]) -> Image:
        """Everybody's pose, of those who have one."""
        from PIL import Image, ImageDraw

        picture = Image.new("RGB", (self._side, self._side), _PAPER)
        pen = ImageDraw.Draw(picture)
        middle = (self._low + self._high) / 2
        floor = self._side / 2 + self._scale * (self._high - middle)
        pen.line([(0, floor), (self._side, floor)], _FLOOR, 1)
        for place, row in enumerate(rows):
            if row is None:
                continue
            points = self._seen[row].copy()
            points[:, 0] += PEOPLE_APART * (place - (self._people - 1) / 2)
            points[:, 1] -= middle
            shown = np.ones(len(points), bool)
            _draw(pen, self._side / 2 + self._scale * points, self._poses, shown, self._side / 110)
        return picture


def _draw(
    pen: ImageDraw,
    points: npt.NDArray[np.float64],
    poses: PoseData,
    shown: npt.NDArray[np.bool_],
    thick: float,
) -> None:
    skeleton = poses.skeleton
    for near, far in skeleton.bones.tolist():
        if shown[near] and shown[far]:
            ends = [tuple(points[near]), tuple(points[far])]
            pen.line(ends, side_colour(far, skeleton), max(2, round(thick)))
    for joint in np.flatnonzero(shown).tolist():
        x, y = points[joint]
        pen.ellipse([x - thick, y - thick, x + thick, y + thick], side_colour(joint, skeleton))


def _backgrounds(poses: PoseData, size: tuple[int, int]) -> Generator[Image, None, None]:
    """The video's pictures in that size, or a plain ground where there is no video."""
    from PIL import Image

    if poses.video is None:
        for _ in range(poses.num_frames):
            yield Image.new("RGB", size, _PLAIN)
        return
    video = Video(poses.video.path)
    with contextlib.closing(pictures_at(video, poses.video.times)) as pictures:
        for picture in pictures:
            yield Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR)
