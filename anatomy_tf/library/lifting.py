"""A library's files, from what is in them to poses: the same for a plain loop and for Beam."""

from __future__ import annotations

import dataclasses
import hashlib
import pathlib
from collections.abc import Sequence
from typing import Any

from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.errors import InputError
from anatomy_tf.library.entries import Entry
from anatomy_tf.library.results import DETECTIONS, output_path
from anatomy_tf.poses.formats import check_pose_file
from anatomy_tf.poses.pose_lifter import MAX_GAP, PoseLifter, load
from anatomy_tf.poses.result import Poses
from anatomy_tf.shipped import model_path
from anatomy_tf.video.people_in_video import MOST_PEOPLE, detect_people
from anatomy_tf.world.placing import DEFAULT_WORLD


@dataclasses.dataclass(frozen=True)
class LiftSettings:
    """What is done to every file of a library.

    Attributes:
      model: its name, or its file or folder, which all workers have to see.
      outputs: the endings of what is written, of `FORMATS` without the dot, and `detections`.
      format, resolution, fps: of detections, as in `read_detections`; an entry's own win.
      person, max_gap, focal, height, world: as in `PoseLifter.lift_detections`.
      most_people: who are followed in a video at a time.
      flip, repair_swaps: as in `PoseLifter`.
    """

    model: str
    outputs: tuple[str, ...] = ("npz",)
    format: str = "auto"
    resolution: tuple[int, int] | None = None
    fps: float | None = None
    person: str = "largest"
    most_people: int = MOST_PEOPLE
    max_gap: float = MAX_GAP
    focal: float | None = None
    height: float | None = None
    world: bool = True
    flip: bool = True
    repair_swaps: bool = True

    def check(self, folder: pathlib.Path | str) -> None:
        """Before the work.

        Raises:
          InputError: there is no such model, outputs that are not known, not possible or cannot be
            written to the folder.
        """
        model_path(self.model)
        for ending in self.outputs:
            if ending != DETECTIONS:
                check_pose_file(output_path(folder, "video", ending))
        if "steps.csv" in self.outputs and not self.world:
            raise InputError("steps.csv: not without the world (--noworld)")

    def record(self) -> dict[str, Any]:
        """All of it, with the model by what is in its file."""
        path = model_path(self.model)
        file = path / "model.keras" if path.is_dir() else path
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        return dataclasses.asdict(self) | {"model": digest}

    def lifter(self) -> PoseLifter:
        """The model, ready to lift."""
        return load(self.model, flip=self.flip, repair_swaps=self.repair_swaps)


def read_entry(entry: Entry, settings: LiftSettings) -> Detections:
    """Who is in the video, found in it or read from what a detector wrote.

    Raises:
      InputError: as `detect_people` and `read_detections`.
    """
    fps = entry.fps or settings.fps
    if entry.is_video:
        return detect_people(entry.path, most_people=settings.most_people, fps=fps)
    resolution = entry.resolution or settings.resolution
    return read_detections(entry.path, settings.format, resolution, fps)


def lift_batch(
    lifter: PoseLifter, batch: Sequence[tuple[Entry, Detections]], settings: LiftSettings
) -> list[Poses | Exception]:
    """The poses in every video of the batch, or what is wrong with it; those of similar length are
    lifted together.
    """
    lifted: dict[int, Poses | Exception] = {}
    heights = [entry.height or settings.height for entry, _ in batch]
    for height in set(heights):
        rows = [row for row, one in enumerate(heights) if one == height]
        how = _how(settings, height)
        found = _lift_alike(lifter, [batch[row][1] for row in rows], how)
        lifted |= dict(zip(rows, found, strict=True))
    return [lifted[row] for row in range(len(batch))]


def _lift_alike(
    lifter: PoseLifter, videos: Sequence[Detections], how: dict[str, Any]
) -> list[Poses | Exception]:
    """All at once, or one by one where that fails: no file's fault costs the others."""
    try:
        return [*lifter.lift_many(videos, **how)]
    except Exception as error:
        if len(videos) == 1:
            return [error]
        return [_lift_alike(lifter, [video], how)[0] for video in videos]


def reason(error: Exception) -> str:
    """Why a file could not be lifted, in a line."""
    text = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())


def _how(settings: LiftSettings, height: float | None) -> dict[str, Any]:
    return {
        "person": settings.person,
        "max_gap": settings.max_gap,
        "focal": settings.focal,
        "height": height,
        "world": DEFAULT_WORLD if settings.world else None,
    }
