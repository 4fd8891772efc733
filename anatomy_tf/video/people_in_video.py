"""The 2D detector that ships: from a video file to the keypoints of its people."""

from __future__ import annotations

import pathlib
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.source_video import SourceVideo
from anatomy_tf.data.keypoint_sets import COCO_17, COCO_23
from anatomy_tf.errors import InputError
from anatomy_tf.video.decoding import Video
from anatomy_tf.video.even_steps import EvenSteps, even_steps
from anatomy_tf.video.feet import FootReader
from anatomy_tf.video.following import Followers
from anatomy_tf.video.movenet import KeypointReader, PeopleFinder

MOST_PEOPLE = 6
"""As many as the detector finds in a picture."""

Progress = Callable[[int, "int | None"], None]
"""Is told how many pictures are done, and of about how many."""

Row = tuple[int, int, npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""A picture's number, a person's, keypoints and scores."""


class DetectionInterrupted(KeyboardInterrupt):
    """Ctrl-C while people were looked for.

    Attributes:
      detections: what was found before.
    """

    def __init__(self, detections: Detections):
        super().__init__()
        self.detections = detections


def detect_people(
    path: pathlib.Path | str,
    *,
    most_people: int = MOST_PEOPLE,
    feet: bool = False,
    fps: float | None = None,
    progress: Progress | None = None,
) -> Detections:
    """Finds the people in a video and follows them: COCO's 17 keypoints of each, by MoveNet.

    One picture is in memory at a time. Frames are at even steps of time, by the pictures' own
    times.

    Args:
      most_people: who are followed at a time, 1 to 6.
      feet: COCO's 23 keypoints, of which heels and big toes are by BlazePose.
      fps: pictures a second, whatever the file says; for slow motion.

    Raises:
      InputError: the file is no video, there is nobody in it, or a package or file is missing.
      DetectionInterrupted: Ctrl-C, after somebody was found.
    """
    video = Video(path)
    read_feet = FootReader() if feet else None
    followers = Followers(PeopleFinder(), KeypointReader(), most_people)
    times: list[float] = []
    rows: list[Row] = []
    try:
        for shown in video.frames():
            for person in followers.step(shown):
                found = (person.keypoints, person.scores)
                if read_feet:
                    found = read_feet(shown.picture, *found)
                rows.append((len(times), person.number, *found))
            times.append(shown.time)
            if progress:
                progress(len(times), video.expected_frames)
    except KeyboardInterrupt as stop:
        whole = [row for row in rows if row[0] < len(times)]
        if not whole:
            raise
        raise DetectionInterrupted(_detections(video, whole, times, fps)) from stop
    if not rows:
        raise InputError(f"{path}: nobody was found in its {len(times)} pictures")
    return _detections(video, rows, times, fps)


def _detections(video: Video, rows: list[Row], times: list[float], fps: float | None) -> Detections:
    """What was found in the pictures at those times, at even steps."""
    picture, track, keypoints, scores = (np.array(column) for column in zip(*rows, strict=True))
    steps = even_steps(np.array(times), fps)
    frame, track, keypoints, scores = _at_steps(steps, picture, track, keypoints, scores)
    notes = (*video.notes, *([steps.note] if steps.note else []))
    return Detections(
        source=str(video.path),
        joint_names=COCO_17 if keypoints.shape[1] == len(COCO_17) else COCO_23,
        num_frames=len(steps.times),
        frame=frame,
        track=track,
        keypoints=keypoints,
        scores=scores,
        resolution=video.resolution,
        fps=steps.fps,
        notes=notes,
        video=SourceVideo(video.path, steps.times),
    )


def _at_steps(
    steps: EvenSteps,
    picture: npt.NDArray[np.int64],
    track: npt.NDArray[np.int64],
    keypoints: npt.NDArray[np.float32],
    scores: npt.NDArray[np.float32],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What was found in pictures, at the frames: on the line between the pictures around."""
    columns = []
    for number in np.unique(track):
        rows = np.flatnonzero(track == number)
        row_of = np.full(int(picture.max()) + 2, -1)
        row_of[picture[rows]] = rows
        last = len(row_of) - 1  # of a picture in which nobody is any more
        before, after = (row_of[np.minimum(p, last)] for p in (steps.before, steps.after))
        both = (before >= 0) & (after >= 0)
        first, second, weight = before[both], after[both], steps.weight[both]
        share = weight[:, np.newaxis, np.newaxis].astype(np.float32)
        columns.append(
            (
                steps.frames[both],
                np.full(both.sum(), number),
                keypoints[first] + share * (keypoints[second] - keypoints[first]),
                np.minimum(scores[first], scores[second]),
            )
        )
    frame, track, keypoints, scores = (np.concatenate(c) for c in zip(*columns, strict=True))
    order = np.lexsort((track, frame))
    return frame[order], track[order], keypoints[order], scores[order]
