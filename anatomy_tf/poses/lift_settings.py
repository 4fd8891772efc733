"""What is asked for of videos and files that are to be lifted."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable
from typing import Any

from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.screen import check_view, focal_of_view
from anatomy_tf.poses.formats import check_pose_file
from anatomy_tf.poses.lift_people import check_choice
from anatomy_tf.poses.pose_lifter import MAX_GAP, PoseLifter, check_focal_of_video, load
from anatomy_tf.video.of_detections import read_detections_of_video
from anatomy_tf.video.people_in_video import MOST_PEOPLE, Progress, detect_people
from anatomy_tf.world.placing import DEFAULT_WORLD, WorldSettings


@dataclasses.dataclass(frozen=True)
class LiftSettings:
    """How every video is lifted.

    Attributes:
      model: its name, or its file or folder.
      format, resolution: of detections, as in `read_detections`.
      fps: of videos and detections, whatever the file says.
      person, max_gap, focal, height, world: as in `PoseLifter.lift_detections`.
      fov: degrees over the longer side of the image, instead of `focal`.
      most_people, feet: as in `detect_people`.
      flip, repair_swaps: as in `PoseLifter`.

    Raises:
      InputError: what suits no video, so that it is said before the first one is read.
    """

    model: str = "any_81f"
    format: str = "auto"
    resolution: tuple[int, int] | None = None
    fps: float | None = None
    person: str = "largest"
    most_people: int = MOST_PEOPLE
    feet: bool = False
    max_gap: float = MAX_GAP
    focal: float | None = None
    fov: float | None = None
    height: float | None = None
    world: WorldSettings | None = DEFAULT_WORLD
    flip: bool = True
    repair_swaps: bool = True

    def __post_init__(self) -> None:
        check_choice(self.person, self.max_gap, self.height)
        if self.fov is not None:
            if self.focal is not None:
                raise InputError("give either a focal length or a field of view")
            check_view(self.fov)

    def check_outputs(self, paths: Iterable[pathlib.Path]) -> None:
        """Before the work that ends in files of poses.

        Raises:
          InputError: as `check_pose_file`, or without the world there is nothing for a file.
        """
        for path in paths:
            check_pose_file(path)
            if self.world is None and path.name.endswith(".steps.csv"):
                raise InputError("steps.csv: not without the world (--noworld)")

    def lifter(self) -> PoseLifter:
        """The model, ready to lift."""
        return load(self.model, flip=self.flip, repair_swaps=self.repair_swaps)

    def find_people(
        self, video: pathlib.Path | str, progress: Progress | None = None
    ) -> Detections:
        """Who is in a video.

        Raises:
          InputError, DetectionInterrupted: as `detect_people`; or a focal length that no lens has
            that took it.
        """
        check_focal_of_video(video, self.focal)
        return detect_people(
            video,
            most_people=self.most_people,
            feet=self.feet,
            fps=self.fps,
            progress=progress,
        )

    def read(self, path: pathlib.Path | str, video: pathlib.Path | None = None) -> Detections:
        """Who is in what a detector wrote, about a video where that is there.

        Raises:
          InputError: as `read_detections`, or as `read_detections_of_video`.
        """
        if video is not None:
            return read_detections_of_video(path, video, self.format, self.fps)
        return read_detections(path, self.format, self.resolution, self.fps)

    def focal_of(self, resolution: tuple[int, int] | None) -> float | None:
        """The focal length in pixels of a video, where it is known."""
        if self.fov is None or resolution is None:
            return self.focal
        return focal_of_view(self.fov, resolution)

    def arguments(self, resolution: tuple[int, int] | None) -> dict[str, Any]:
        """Those of `PoseLifter.lift_detections` and `lift_many` for videos of one size."""
        return {
            "person": self.person,
            "max_gap": self.max_gap,
            "focal": self.focal_of(resolution),
            "height": self.height,
            "world": self.world,
        }
