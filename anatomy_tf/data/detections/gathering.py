"""What the readers of all formats share: people are added frame by frame, checked, and made
`Detections`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from anatomy_tf.data.detections.detections import FARTHEST_PIXEL, Detections, was_found
from anatomy_tf.data.detections.keypoint_order import SETS_BY_NUMBER, tell_apart
from anatomy_tf.data.detections.shares import to_pixels
from anatomy_tf.data.keypoint_sets import KEYPOINT_SETS
from anatomy_tf.errors import InputError

MAX_FRAMES = 10_000_000
"""Two days at 60 frames per second; a larger number is a mistake that others would allocate memory
for.
"""
_LOWEST_SCORE = -1  # heatmaps give scores a little below 0 where nothing is
_SAME_FPS = 1e-3  # 29.97 is 30000/1001


class Gathering:
    """The people of a video, as a reader comes across them.

    What was not found may come as NaN, as (0, 0), or with a score up to 0; a person none of whose
    keypoints was found is left out. Scores above 1 count as 1. Where all scores are NaN, there are
    none, and they count as 1.

    Args:
      source: how messages call the file.
      resolution, fps: what the user says, or None; a file that says otherwise is refused.
      unbounded_scores: scores may be far below 0, as those of SimCC networks.
      shares: the format has keypoints as shares of the image, 0 to 1.
      centred: the format may have them as shares from -1 to 1.
    """

    def __init__(
        self,
        source: str,
        resolution: tuple[int, int] | None = None,
        fps: float | None = None,
        unbounded_scores: bool = False,
        shares: bool = False,
        centred: bool = False,
    ):
        self.source = source
        self.resolution = resolution
        self.fps = fps
        self._lowest_score = -np.inf if unbounded_scores else _LOWEST_SCORE
        self._shares, self._centred = shares, centred
        self._sets: tuple[tuple[str, ...], ...] = ()
        self._notes: list[str] = []
        self._frames: list[Sequence[int] | np.ndarray] = []
        self._keypoints: list[np.ndarray] = []
        self._scores: list[np.ndarray] = []
        self._tracks: list[Sequence[int] | np.ndarray] = []

    def note(self, line: str) -> None:
        """Notes what the reader noticed or repaired."""
        self._notes.append(line)

    def file_says(
        self, resolution: tuple[int, int] | None = None, fps: float | None = None
    ) -> None:
        """Notes what the file says; a frame rate within 0.1 % of the user's is the same.

        Raises:
          InputError: the user said otherwise.
        """
        if fps is not None and self.fps not in (None, fps):
            if abs(fps - self.fps) > _SAME_FPS * self.fps:
                raise InputError(f"{self.source}: fps is {fps} in the file, but {self.fps} given")
            self.note(f"{self.fps:.10g} fps given, {fps:.10g} in the file: the file's are taken")
        if resolution is not None and self.resolution not in (None, resolution):
            raise InputError(
                f"{self.source}: resolution is {resolution} in the file, "
                f"but {self.resolution} given"
            )
        self.fps = self.fps if fps is None else fps
        self.resolution = self.resolution if resolution is None else resolution

    def add(
        self,
        frame: int,
        keypoints: np.ndarray,
        scores: np.ndarray,
        track: int = -1,
        joint_names: tuple[str, ...] | None = None,
    ) -> None:
        """Adds a person with keypoints `(J, 2)` and scores `(J,)`; raises as `add_people`."""
        self.add_people([frame], keypoints[np.newaxis], scores[np.newaxis], [track], joint_names)

    def add_people(
        self,
        frames: Sequence[int] | np.ndarray,
        keypoints: np.ndarray,
        scores: np.ndarray,
        tracks: Sequence[int] | np.ndarray,
        joint_names: tuple[str, ...] | None = None,
    ) -> None:
        """Adds `N` people: frames `(N,)`, keypoints `(N, J, 2)`, scores `(N, J)`, tracks `(N,)`.

        Args:
          joint_names: what the keypoints are; None where their number has to tell.

        Raises:
          InputError: a frame number out of reach, a number of keypoints that no set has, or another
            keypoint set than before.
        """
        if max(frames, default=0) >= MAX_FRAMES:
            raise InputError(f"{self.source}: frame {max(frames)}: no video has that many")
        sets = SETS_BY_NUMBER.get(keypoints.shape[1]) if joint_names is None else (joint_names,)
        if sets is None:
            known = ", ".join(map(str, SETS_BY_NUMBER))
            raise InputError(
                f"{self.source}: frame {min(frames)}: {keypoints.shape[1]} keypoints, "
                f"which is none of {known}"
            )
        if self._sets not in ((), sets):
            raise InputError(
                f"{self.source}: frame {min(frames)} has {keypoints.shape[1]} keypoints a person, "
                f"others before {len(self._sets[0])}"
            )
        self._sets = sets
        self._frames.append(frames)
        self._keypoints.append(keypoints[:, : len(sets[0])])
        self._scores.append(scores[:, : len(sets[0])])
        self._tracks.append(tracks)

    def detections(self, num_frames: int = 0) -> Detections:
        """All of them, in the order of the frames.

        Args:
          num_frames: of the video, where the file tells.

        Raises:
          InputError: nobody; values no detection has.
        """
        if not self._frames:
            raise InputError(f"{self.source}: there is nobody in any frame")
        frame, track = (
            np.fromiter(chain.from_iterable(values), np.int64)
            for values in (self._frames, self._tracks)
        )
        keypoints, scores = np.concatenate(self._keypoints), np.concatenate(self._scores)
        if (np.diff(frame) < 0).any():
            order = np.argsort(frame, kind="stable")
            frame, track, keypoints, scores = (v[order] for v in (frame, track, keypoints, scores))
        self._refuse((scores < self._lowest_score).any(axis=1), frame, "a score is far below 0")
        if np.isnan(scores).all():
            scores = np.ones_like(scores)
        found = was_found(keypoints, scores)
        keypoints, said = to_pixels(
            keypoints, found, self.resolution, self.source, self._shares, self._centred
        )
        keypoints = np.where(found[..., np.newaxis], keypoints, 0)
        self._refuse(
            (np.abs(keypoints) > FARTHEST_PIXEL).any(axis=(1, 2)),
            frame,
            "a keypoint is a million pixels away",
        )
        joint_names = self._told_apart(keypoints, found)
        kept = found.any(axis=1) & ~self._doubled(frame, track, keypoints)
        return Detections(
            source=self.source,
            joint_names=joint_names,
            num_frames=max(num_frames, int(frame.max(initial=-1)) + 1),
            frame=frame[kept],
            track=track[kept],
            keypoints=keypoints[kept].astype(np.float32),
            scores=np.where(found, np.clip(scores, 0, 1), 0)[kept].astype(np.float32),
            resolution=self.resolution,
            fps=self.fps,
            notes=tuple([*self._notes, said] if said else self._notes),
        )

    def _told_apart(self, keypoints: np.ndarray, found: np.ndarray) -> tuple[str, ...]:
        joint_names, clear = tell_apart(keypoints, found, self._sets)
        if not clear or joint_names != self._sets[0]:
            sets = {names: name for name, names in KEYPOINT_SETS.items()}
            why = "goes by the poses" if clear else "the poses do not tell"
            others = " or ".join(sets[names] for names in self._sets)
            self.note(f"keypoints taken as {sets[joint_names]}, of {others}: {why}")
        return joint_names

    def _doubled(self, frame: np.ndarray, track: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
        """`(N,)`: who is there twice, with one number and the same keypoints; frames ascend."""
        order = np.lexsort((track, frame))
        same = (np.diff(frame[order]) == 0) & (np.diff(track[order]) == 0) & (track[order][1:] >= 0)
        first, second = order[:-1][same], order[1:][same]
        equal = (keypoints[first] == keypoints[second]).all(axis=(1, 2))
        doubled = np.zeros(len(frame), bool)
        doubled[second[equal]] = True
        if equal.any():
            at = second[equal][0]
            self.note(f"{equal.sum()} people written twice count once, first in frame {frame[at]}")
        if not equal.all():
            at = second[~equal][0]
            self.note(
                f"number {track[at]} is there twice in frame {frame[at]}: numbers are left aside, "
                "people are followed by their boxes"
            )
        return doubled

    def _refuse(self, wrong: np.ndarray, frame: np.ndarray, reason: str) -> None:
        if wrong.any():
            raise InputError(f"{self.source}: frame {frame[wrong.argmax()]}: {reason}")
