"""A library's files, from what is in them to poses: the same for a plain loop and for Beam."""

from __future__ import annotations

import dataclasses
import hashlib
import pathlib
from collections.abc import Sequence
from typing import Any

from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.errors import InputError
from anatomy_tf.library.entries import Entry
from anatomy_tf.library.results import DETECTIONS, output_path
from anatomy_tf.poses.lift_settings import LiftSettings
from anatomy_tf.poses.pose_lifter import PoseLifter
from anatomy_tf.poses.result import Poses
from anatomy_tf.shipped import model_path


@dataclasses.dataclass(frozen=True)
class LibrarySettings(LiftSettings):
    """What is done to every file of a library, of which an entry's own settings win.

    Attributes:
      model: all workers have to see its file.
      outputs: the endings of what is written, of `FORMATS` without the dot, and `detections`.
    """

    outputs: tuple[str, ...] = ("npz",)

    def check(self, folder: pathlib.Path | str) -> None:
        """Before the work.

        Raises:
          InputError: there is no such model, outputs that are not known, not possible or cannot be
            written to the folder.
        """
        model_path(self.model)
        poses = [ending for ending in self.outputs if ending != DETECTIONS]
        self.check_outputs(output_path(folder, "video", ending) for ending in poses)

    def record(self) -> dict[str, Any]:
        """All of it, with the model by what is in its file."""
        path = model_path(self.model)
        file = path / "model.keras" if path.is_dir() else path
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        return dataclasses.asdict(self) | {"model": digest}

    def of_entry(self, entry: Entry) -> LibrarySettings:
        """Those of one file."""
        own = {name: getattr(entry, name) for name in ("resolution", "fps", "height")}
        return dataclasses.replace(self, **{name: one for name, one in own.items() if one})


def read_entry(entry: Entry, settings: LibrarySettings) -> Detections:
    """Who is in the video, found in it or read from what a detector wrote.

    Raises:
      InputError: as `LiftSettings.find_people` and `LiftSettings.read`.
    """
    own = settings.of_entry(entry)
    return own.find_people(entry.path) if entry.is_video else own.read(entry.path)


def lift_batch(
    lifter: PoseLifter, batch: Sequence[tuple[Entry, Detections]], settings: LibrarySettings
) -> list[Poses | Exception]:
    """The poses in every video of the batch, or what is wrong with it; those of similar length are
    lifted together.
    """
    alike: dict[tuple[tuple[str, Any], ...], list[int]] = {}
    for row, (entry, detections) in enumerate(batch):
        own = settings.of_entry(entry).arguments(detections.resolution)
        alike.setdefault(tuple(own.items()), []).append(row)
    lifted: dict[int, Poses | Exception] = {}
    for how, rows in alike.items():
        found = _lift_alike(lifter, [batch[row][1] for row in rows], dict(how))
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
