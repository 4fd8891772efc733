"""A finished model, and everything that it can be asked for."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Sequence

import numpy.typing as npt

from anatomy_tf.data.detections.arrays import detections_of_arrays
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.screen import screen_focal
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.inference.live import LiveStream
from anatomy_tf.inference.live_world import WorldStream
from anatomy_tf.models.length_frames import LengthFrames
from anatomy_tf.models.lifter import AnatomyLifter, load_lifter
from anatomy_tf.poses.in_world import in_world
from anatomy_tf.poses.known_height import with_height
from anatomy_tf.poses.lift_people import ChosenPeople, check_choice, choose, lift_people
from anatomy_tf.poses.result import Poses
from anatomy_tf.version import __version__
from anatomy_tf.video.decoding import Video
from anatomy_tf.video.people_in_video import MOST_PEOPLE, detect_people
from anatomy_tf.world.placing import DEFAULT_WORLD, WorldSettings

MAX_GAP = 0.5


class PoseLifter:
    """Lifts what a 2D detector found in videos. May be used from several threads.

    Args:
      model: the model.
      name: how results call it.
      flip: also lift the mirrored clip and average the two; twice the time, and a little better.
      assembly: `kinematic` adds the predicted bones up (eq. 1), so that their lengths are constant,
        whatever the model was trained with; None is the model's own.
      length_frames: which frames give the bone lengths; None is the model's own choice.
      repair_swaps: put right where a detector took left for right.

    Raises:
      InputError: the model cannot be assembled so, or knows no bone lengths.
    """

    def __init__(
        self,
        model: AnatomyLifter,
        name: str,
        flip: bool = True,
        assembly: str | None = None,
        length_frames: LengthFrames | None = None,
        repair_swaps: bool = True,
    ):
        self.model = model
        self.skeleton = model.skeleton
        self._length_frames = length_frames
        self._repair_swaps = repair_swaps
        self._lifter = ClipLifter(model, flip, assembly, length_frames)
        self._made_by = {
            "model": name,
            "model_fps": model.trained_on.get("fps"),
            "keypoint_frame": model.keypoint_frame,
            "flip": flip,
            "assembly": self._lifter.assembly,
            "length_frames": str(self._lifter.length_frames) if model.frame_network else "none",
            "repair_swaps": repair_swaps,
            "anatomy_tf": __version__,
        }

    def lift(
        self,
        keypoints: npt.ArrayLike,
        scores: npt.ArrayLike | None = None,
        *,
        resolution: tuple[int, int],
        fps: float,
        keypoint_set: str,
        max_gap: float = MAX_GAP,
        focal: float | None = None,
        height: float | None = None,
        world: WorldSettings | None = DEFAULT_WORLD,
    ) -> Poses:
        """The poses of the people in a video.

        Args:
          keypoints: `(T, J, 2)` of one person, or `(T, P, J, 2)` of several, in pixels (origin at
            the top left, y down); NaN, or (0, 0), where nothing was seen.
          scores: in the same form without the last axis: 0, not seen, to 1; None is all seen.
          resolution: (width, height) of the image in pixels.
          fps: frames per second of the video.
          keypoint_set: what the `J` keypoints are, of `KEYPOINT_SETS`: `coco17`, `human36m17`, ...
          max_gap: gaps of up to so many seconds are filled; longer ones are in no pose.
          focal: focal length in pixels, which models in the keypoint frame `person` use; None
            guesses it as 0.85 of the image's longer side.
          height: of the person in metres, by which all lengths are made right; None leaves them as
            the model has them, which cannot know it.
          world: what is done to place the poses in a level world; None leaves that out.

        Raises:
          InputError: an array of another shape or without numbers, values that are no pixels or of
            another keypoint set, nobody seen, or an argument out of range.
        """
        detections = detections_of_arrays(keypoints, scores, resolution, fps, keypoint_set)
        return self.lift_detections(
            detections, person="all", max_gap=max_gap, focal=focal, height=height, world=world
        )

    def lift_detections(
        self,
        detections: Detections,
        *,
        person: str | int = "largest",
        max_gap: float = MAX_GAP,
        focal: float | None = None,
        height: float | None = None,
        world: WorldSettings | None = DEFAULT_WORLD,
    ) -> Poses:
        """The poses of the people in a video that a 2D tool wrote a file about.

        Args:
          detections: what `read_detections` gives; it has to tell resolution and frame rate.
          person: whom to lift: `largest`, `most_confident`, `all`, or a number.
          max_gap, focal, height, world: as in `lift`.

        Raises:
          InputError: there is no such person, nothing is found for long enough, keypoints of
            another set than is said, or an argument out of range.
        """
        videos = [detections]
        return self.lift_many(
            videos, person=person, max_gap=max_gap, focal=focal, height=height, world=world
        )[0]

    def lift_video(
        self,
        path: str | os.PathLike[str],
        *,
        person: str | int = "largest",
        most_people: int = MOST_PEOPLE,
        fps: float | None = None,
        max_gap: float = MAX_GAP,
        focal: float | None = None,
        height: float | None = None,
        world: WorldSettings | None = DEFAULT_WORLD,
    ) -> Poses:
        """The poses of the people in a video file, found by the 2D detector that ships.

        Args:
          person: whom to lift: `largest`, `most_confident`, `all`, or a number.
          most_people: who are followed at a time, 1 to 6; fewer are faster.
          fps: pictures a second, whatever the file says; for slow motion.
          max_gap, focal, height, world: as in `lift`.

        Raises:
          InputError: the file is no video, there is nobody in it, the packages of the extra `video`
            are not installed; or as in `lift_detections`.
        """
        check_choice(person, max_gap, height)
        check_focal_of_video(path, focal)
        detections = detect_people(os.fspath(path), most_people=most_people, fps=fps)
        return self.lift_detections(
            detections, person=person, max_gap=max_gap, focal=focal, height=height, world=world
        )

    def lift_many(
        self,
        videos: Sequence[Detections],
        *,
        person: str | int = "largest",
        max_gap: float = MAX_GAP,
        focal: float | None = None,
        height: float | None = None,
        world: WorldSettings | None = DEFAULT_WORLD,
    ) -> list[Poses]:
        """The poses in several videos: what `lift_detections` gives for each, but in batches, which
        is faster for short ones.

        Raises:
          InputError: as `lift_detections`, for any of the videos.
        """
        check_choice(person, max_gap, height)
        chosen = [choose(video, self.skeleton, person, max_gap, focal) for video in videos]
        made_by = self._made_by
        if self.model.person_frame or world is not None:
            made_by = made_by | {"focal": "guessed" if focal is None else focal}
            if focal is None:
                chosen = [_with_guess_said(video) for video in chosen]
        lifted = lift_people(self._lifter, chosen, made_by, self._repair_swaps)
        if height is not None:
            lifted = [with_height(poses, height) for poses in lifted]
        return lifted if world is None else [in_world(poses, world, focal) for poses in lifted]

    def stream(
        self,
        resolution: tuple[int, int],
        keypoint_set: str,
        people: int | None = None,
        focal: float | None = None,
    ) -> LiveStream:
        """Lifts live video frame by frame, without test-time flip.

        Args:
          resolution: (width, height) of the image in pixels.
          keypoint_set: what the keypoints are, of `KEYPOINT_SETS`.
          people: how many people are lifted in one call; None for one, without an axis for it.
          focal: as in `lift`.

        Raises:
          InputError: the model is not causal, or an argument is out of range.
        """
        return LiveStream(self.model, resolution, keypoint_set, people, self._length_frames, focal)

    def stream_in_world(
        self,
        resolution: tuple[int, int],
        keypoint_set: str,
        fps: float,
        focal: float | None = None,
        world: WorldSettings = DEFAULT_WORLD,
    ) -> WorldStream:
        """Lifts live video of one person, and places every frame in a level world.

        Args:
          resolution, keypoint_set, focal: as in `stream`.
          fps: frames per second that are pushed.
          world: as in `lift`.

        Raises:
          InputError: as `stream`, or a frame rate that cannot be.
        """
        live = self.stream(resolution, keypoint_set, focal=focal)
        return WorldStream(live, fps, world)


def check_focal_of_video(path: str | os.PathLike[str], focal: float | None) -> None:
    """Raises an InputError for a focal length that no lens has that took this video, as one in
    millimetres; or as `Video`.
    """
    if focal is None:
        return
    resolution = Video(os.fspath(path)).resolution
    try:
        screen_focal(resolution, focal)
    except InputError as error:
        raise InputError(f"{os.fspath(path)}: {error}") from error


def _with_guess_said(video: ChosenPeople) -> ChosenPeople:
    """With a note on the focal length that is guessed."""
    resolution = video.people[0].clip.resolution
    pixels = screen_focal(resolution) * resolution[0] / 2
    note = f"focal length not given: guessed as {pixels:.0f} pixels"
    return dataclasses.replace(video, notes=(*video.notes, note))


def load(
    model: str | os.PathLike[str],
    *,
    flip: bool = True,
    assembly: str | None = None,
    length_frames: LengthFrames | None = None,
    repair_swaps: bool = True,
) -> PoseLifter:
    """A finished model by its name (`model_names`), or from a `.keras` file or a folder with one.

    Args:
      flip, assembly, length_frames, repair_swaps: as in `PoseLifter`.

    Raises:
      InputError: there is no such model or file, it is damaged, or cannot be used so.
    """
    name = pathlib.Path(model).name
    return PoseLifter(load_lifter(model), name, flip, assembly, length_frames, repair_swaps)
