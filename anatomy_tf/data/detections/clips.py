"""From what a detector found in a video to clips of one person each, as the models take them."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.frame_rate import resample_clip
from anatomy_tf.data.detections.gaps import fill_gaps, pieces
from anatomy_tf.data.detections.people import choose_people, others_than
from anatomy_tf.data.detections.tracking import PATIENCE, track_people
from anatomy_tf.data.keypoint_sets import convert
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17, Skeleton

_HIGHEST_FPS = 10_000
_LONGEST_GAP = 60  # seconds
_OF_SHORT = "without motion around it, depth is less certain"


@dataclasses.dataclass(frozen=True)
class PersonClip:
    """A clip of one person, and where in the video it is.

    Args:
      clip: the person's keypoints; visibility 0 is where they were filled in.
      person: the person's number.
      first_frame, frames: where the clip starts in the video, and how many of its frames it covers.
        The clip has as many, or fewer or more if it was brought to another frame rate;
        `frame_rate.to_original_rate` maps results back.
    """

    clip: Clip
    person: int
    first_frame: int
    frames: int


def clips_from_detections(
    detections: Detections,
    skeleton: Skeleton = H36M_17,
    person: str | int = "largest",
    max_gap_seconds: float = 0.5,
    fps: float | None = None,
    target_fps: float | None = None,
    resolution: tuple[int, int] | None = None,
    min_frames: int = 10,
    focal_length: float | None = None,
    note: Callable[[str], object] = lambda line: None,
) -> list[PersonClip]:
    """Clips of the chosen people, in the order of people and frames; every clip is without gaps.

    Args:
      detections: everyone in the video.
      skeleton: what joints the clips have.
      person: who: see `people.choose_people`.
      max_gap_seconds: gaps up to this long are filled, with visibility 0; longer ones split the
        clip.
      fps, resolution: of the video, instead of what the detections say.
      target_fps: frame rate of the clips, instead of the video's.
      min_frames: pieces in which the person was found in fewer frames are left out, unless there
        are no others: of an image, or a few frames, all are taken.
      focal_length: of the camera in pixels, where it is known.
      note: called with a line about who is left out and every piece that is left out or short, and
        with what the detections' reader noted.

    Raises:
      InputError: fps, resolution or gap is not known or impossible, there is no such person, or
        nothing is left.
    """
    fps = _known(detections, "fps", fps, "--fps")
    resolution = _known(detections, "resolution", resolution, "--resolution=WxH")
    if not 0 < fps <= _HIGHEST_FPS:
        raise InputError(f"{detections.source}: {fps:g} frames per second cannot be")
    check_gap(max_gap_seconds)
    max_gap = int(max_gap_seconds * fps + 1e-6)
    tracks = track_people(detections, patience=max(PATIENCE, max_gap))
    stem = pathlib.Path(detections.source).stem
    clips: list[PersonClip] = []
    short: list[tuple[str, PersonClip]] = []
    chosen = choose_people(detections, tracks, person)
    if others := others_than(tracks, chosen):
        note(f"{detections.source}: {others}")
    for number in chosen:
        frames, keypoints, scores = _found(detections, tracks == number, skeleton)
        for start, stop in pieces(frames, detections.num_frames, max_gap):
            here = (frames >= start) & (frames < stop)
            visibility = _spread(scores[here], frames[here] - start, stop - start)
            sparse = _spread(keypoints[here], frames[here] - start, stop - start)
            clip = Clip(
                name=f"{stem}/{number}/{start}",
                subject=f"person {number}",
                action=stem,
                skeleton=skeleton,
                resolution=resolution,
                fps=fps,
                keypoints=fill_gaps(sparse, visibility, skeleton, max_gap),
                visibility=visibility,
                focal_length=focal_length,
            )
            if target_fps is not None:
                clip = resample_clip(clip, target_fps)
            piece = PersonClip(clip, number, start, stop - start)
            if here.sum() >= min_frames:
                clips.append(piece)
            else:
                where = f"person {number}, frames {start} to {stop - 1}"
                short.append((f"{where}: found in {here.sum()}, fewer than {min_frames}", piece))
    if not clips and not short:
        raise InputError(
            f"{detections.source}: no clip can be made: none of the skeleton's joints was found"
        )
    for line in detections.notes:
        note(f"{detections.source}: {line}")
    for line, _ in short:
        note(f"{detections.source}: {line}; {'left out' if clips else _OF_SHORT}")
    return clips or [piece for _, piece in short]


def check_gap(seconds: float) -> None:
    """Raises an InputError for a gap that is not filled, since nobody can know what was in it."""
    if not 0 <= seconds <= _LONGEST_GAP:
        raise InputError(f"a gap of {seconds:g} seconds: not from 0 to {_LONGEST_GAP}")


def _known(detections: Detections, field: str, given, flag: str):
    value = getattr(detections, field) if given is None else given
    if value is None:
        raise InputError(f"{detections.source} does not tell its {field}: give it with {flag}")
    return value


def _found(
    detections: Detections, rows: np.ndarray, skeleton: Skeleton
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The `M` frames in which any of the skeleton's joints was found, `(M, J, 2)` keypoints,
    `(M, J)` scores.
    """
    try:
        keypoints, scores = convert(
            detections.keypoints[rows],
            detections.scores[rows],
            detections.joint_names,
            skeleton.joint_names,
        )
    except InputError as error:
        raise InputError(f"{detections.source}: {error}") from error
    some = scores.any(axis=1)
    return detections.frame[rows][some], keypoints[some], scores[some]


def _spread(values: np.ndarray, places: np.ndarray, frames: int) -> np.ndarray:
    """`values` at their places in an array of `frames`, 0 elsewhere."""
    spread = np.zeros((frames, *values.shape[1:]), np.float32)
    spread[places] = values
    return spread
