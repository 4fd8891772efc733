"""What the readers of all formats share: people are added frame by frame, checked, and made
`Detections`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.errors import InputError

MAX_FRAMES = 10_000_000
"""Two days at 60 frames per second; a larger number is a mistake that others would allocate memory
for.
"""
_MAX_PIXEL = 1e6


class Gathering:
    """The people of a video, as a reader comes across them.

    A person none of whose keypoints was found is left out. Scores above 1 count as 1.

    Args:
      source: how messages call the file.
      resolution, fps: what the user says, or None; a file that says otherwise is refused.
      negative_is_missing: a negative score means "not found" (networks whose scores are unbounded)
        instead of a mistake.
    """

    def __init__(
        self,
        source: str,
        resolution: tuple[int, int] | None = None,
        fps: float | None = None,
        negative_is_missing: bool = False,
    ):
        self.source = source
        self.resolution = resolution
        self.fps = fps
        self._negative_is_missing = negative_is_missing
        self._joint_names: tuple[str, ...] | None = None
        self._frames: list[np.ndarray] = []
        self._keypoints: list[np.ndarray] = []
        self._scores: list[np.ndarray] = []
        self._tracks: list[np.ndarray] = []

    def file_says(self, resolution: tuple[int, int] | None = None, fps: float | None = None):
        """Notes what the file says.

        Raises:
          InputError: the user said otherwise.
        """
        for name, told in (("resolution", resolution), ("fps", fps)):
            given = getattr(self, name)
            if told is not None and given not in (None, told):
                raise InputError(f"{self.source}: {name} is {told} in the file, but {given} given")
            setattr(self, name, given if told is None else told)

    def add(
        self,
        frame: int,
        joint_names: tuple[str, ...],
        keypoints: np.ndarray,
        scores: np.ndarray,
        track: int = -1,
    ):
        """Adds a person with keypoints `(J, 2)` and scores `(J,)`; raises as `add_people`."""
        self.add_people([frame], joint_names, keypoints[np.newaxis], scores[np.newaxis], [track])

    def add_people(
        self,
        frames: Sequence[int] | np.ndarray,
        joint_names: tuple[str, ...],
        keypoints: np.ndarray,
        scores: np.ndarray,
        tracks: Sequence[int] | np.ndarray,
    ):
        """Adds `N` people: frames `(N,)`, finite keypoints `(N, J, 2)`, scores `(N, J)`, tracks
        `(N,)`.

        Raises:
          InputError: a frame number out of reach, or another keypoint set than before.
        """
        if len(frames) and max(frames) >= MAX_FRAMES:
            raise InputError(f"{self.source}: frame {max(frames)}: no video has that many")
        if self._joint_names not in (None, joint_names):
            raise InputError(
                f"{self.source}: frame {min(frames)} has {len(joint_names)} keypoints a person, "
                f"others before {len(self._joint_names)}"
            )
        self._joint_names = joint_names
        self._frames.append(np.asarray(frames, np.int64))
        self._keypoints.append(np.asarray(keypoints))
        self._scores.append(np.asarray(scores))
        self._tracks.append(np.asarray(tracks, np.int64))

    def detections(self, num_frames: int = 0) -> Detections:
        """All of them.

        Args:
          num_frames: of the video, where the file tells.

        Raises:
          InputError: nobody; frames out of order; a track twice in a frame; values no detection
            has.
        """
        if not self._frames:
            raise InputError(f"{self.source}: there is nobody in any frame")
        frame, track = np.concatenate(self._frames), np.concatenate(self._tracks)
        keypoints, scores = np.concatenate(self._keypoints), np.concatenate(self._scores)
        if (np.diff(frame) < 0).any():
            at = np.flatnonzero(np.diff(frame) < 0)[0]
            raise InputError(f"{self.source}: frame {frame[at + 1]} comes after frame {frame[at]}")
        self._refuse(
            (scores < 0).any(axis=1) & (not self._negative_is_missing), frame, "a score is below 0"
        )
        self._refuse(
            (np.abs(keypoints) > _MAX_PIXEL).any(axis=(1, 2)),
            frame,
            "a keypoint is a million pixels away",
        )
        scores = np.clip(scores, 0, 1).astype(np.float32)
        found = scores > 0
        keypoints = np.where(found[..., np.newaxis], keypoints, 0).astype(np.float32)
        self._refuse(_repeated(frame, track), frame, "one person, by its number, is there twice")
        somebody = found.any(axis=1)
        return Detections(
            source=self.source,
            joint_names=self._joint_names,
            num_frames=max(num_frames, int(frame.max(initial=-1)) + 1),
            frame=frame[somebody],
            track=track[somebody],
            keypoints=keypoints[somebody],
            scores=scores[somebody],
            resolution=self.resolution,
            fps=self.fps,
        )

    def _refuse(self, wrong: np.ndarray, frame: np.ndarray, reason: str) -> None:
        if wrong.any():
            raise InputError(f"{self.source}: frame {frame[wrong.argmax()]}: {reason}")


def _repeated(frame: np.ndarray, track: np.ndarray) -> np.ndarray:
    """`(N,)`: whether the track was there before in the same frame; frames ascend."""
    order = np.lexsort((track, frame))
    same = (np.diff(frame[order]) == 0) & (np.diff(track[order]) == 0) & (track[order][1:] >= 0)
    repeated = np.zeros(len(frame), bool)
    repeated[order[1:]] = same
    return repeated
