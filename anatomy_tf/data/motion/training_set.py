"""Captured motions -> a mocap folder: synthetic actors before cameras, seen by a simulated
detector.
"""

from __future__ import annotations

import dataclasses
import pathlib
import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.motion.actors import draw_lengths, retarget
from anatomy_tf.data.motion.capture_cameras import draw_cameras, share_in_image, step_back
from anatomy_tf.data.motion.captured import Captured
from anatomy_tf.data.motion.frames import FPS, pieces
from anatomy_tf.data.motion.simulated_detector import simulate_detections
from anatomy_tf.data.sets.mocap_folder_writer import write_mocap_folder
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import Camera
from anatomy_tf.skeleton import H36M_17

_SEEN = 0.5
"""Share of the joints that every given camera has to see of a take."""


@dataclasses.dataclass(frozen=True)
class Staging:
    """What is made of every motion.

    Args:
      actors_per_motion: how many actors, each with bones of their own, do it.
      cameras: of every take, or None: four are drawn for each.
      test_share: of the motions; the rest is for training.
      test_motions: numbers of the motions for test, instead of a share that is drawn.
      longest_seconds, shortest_seconds: longer motions are cut into takes, shorter ones are left
        out.
      seed: what everything random follows from.
    """

    actors_per_motion: int = 2
    cameras: tuple[Camera, ...] | None = None
    test_share: float = 0.15
    test_motions: tuple[int, ...] | None = None
    longest_seconds: float = 30.0
    shortest_seconds: float = 1.0
    seed: int = 0


@dataclasses.dataclass(frozen=True)
class Take:
    """An actor before cameras.

    Args:
      motion: number of the motion, which no other split has.
      subject, name, action: of the clips.
      joints: `(T, 17, 3)` float32 metres in world space, z up.
      cameras: what sees them.
      seed: what the detector's errors follow from.
    """

    motion: int
    subject: str
    name: str
    action: str
    joints: np.ndarray
    cameras: tuple[Camera, ...]
    seed: tuple[int, ...]

    def clips(self) -> Iterator[Clip]:
        """What a detector makes of every camera's view."""
        for number, camera in enumerate(self.cameras):
            rng = np.random.default_rng((*self.seed, number))
            points = camera.world_to_camera(self.joints)
            keypoints, scores = simulate_detections(points, camera, rng)
            yield Clip(
                name=f"{self.subject}/{self.name}/{number}",
                subject=self.subject,
                action=self.action,
                skeleton=H36M_17,
                resolution=camera.resolution,
                fps=FPS,
                keypoints=keypoints,
                visibility=scores,
                joints=self.joints,
                camera=camera,
                keypoints_from="simulated detections",
            )


def write_training_set(
    folder: pathlib.Path | str,
    motions: Sequence[Captured],
    staging: Staging,
    report: Callable[[str], None] = print,
) -> None:
    """Writes a mocap folder in which no motion is in both training and test.

    Args:
      report: gets a line on everything left out, and one on what was written.

    Raises:
      InputError: too few motions to split, none that can be used, or a folder that cannot be
        written.
    """
    takes = [
        take
        for number, motion in enumerate(motions)
        for take in stage(motion, number, staging, report)
    ]
    test_motions = _test_motions(sorted({take.motion for take in takes}), staging)
    splits = {True: {}, False: {}}
    for take in takes:
        splits[take.motion in test_motions][take.subject] = None
    clips = (clip for take in takes for clip in take.clips())
    write_mocap_folder(folder, clips, list(splits[False]), list(splits[True]))
    frames = sum(len(take.joints) for take in takes)
    report(
        f"wrote {folder}: {len(takes)} takes, {frames / FPS / 60:.1f} minutes; "
        f"{len(splits[False])} actors for training, {len(splits[True])} for test"
    )


def stage(
    motion: Captured, number: int, staging: Staging, report: Callable[[str], None] = print
) -> list[Take]:
    """The takes of one motion, which is the `number`-th; everything random follows from that and
    the seed.
    """
    longest, shortest = (
        max(2, round(seconds * FPS))
        for seconds in (staging.longest_seconds, staging.shortest_seconds)
    )
    spans = [pieces(len(segment), longest, shortest) for segment in motion.segments]
    for segment, span in zip(motion.segments, spans, strict=True):
        if not span:
            seconds = f"{len(segment) / FPS:.1f} s " if len(spans) > 1 else ""
            limit = f"{staging.shortest_seconds:g} s"
            report(f"{motion.name}: {seconds}left out, shorter than {limit}")
    takes = []
    for copy in range(staging.actors_per_motion):
        subject = f"A{number * staging.actors_per_motion + copy + 1:03d}"
        lengths = draw_lengths(np.random.default_rng((staging.seed, number, copy)))
        parts = [
            part
            for segment, span in zip(motion.segments, spans, strict=True)
            if span
            for joints in [retarget(segment, lengths, FPS)]
            for part in map(joints.__getitem__, span)
        ]
        for index, part in enumerate(parts):
            seed = (staging.seed, number, copy, index)
            name = re.sub(r"[^A-Za-z0-9-]+", "_", motion.name) or "motion"
            if len(parts) > 1:
                name = f"{name}_{index + 1:02d}"
            rng = np.random.default_rng(seed)
            placed = _placed(part, rng).astype(np.float32)
            if staging.cameras is None:
                cameras = tuple(step_back(camera, placed) for camera in draw_cameras(rng))
            else:
                cameras = staging.cameras
                seen = min(share_in_image(camera, placed) for camera in cameras)
                if seen < _SEEN:
                    report(f"{subject}/{name}: left out, a camera sees {seen:.0%} of the joints")
                    continue
            takes.append(Take(number, subject, name, motion.action, placed, cameras, seed))
    return takes


def _placed(joints: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turned about the vertical by any angle, with the middle of the way over the origin."""
    angle = rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    placed = joints.copy()
    placed[..., :2] = joints[..., :2] @ turn
    way = placed[:, H36M_17.root, :2]
    placed[..., :2] -= (way.min(axis=0) + way.max(axis=0)) / 2
    return placed


def _test_motions(numbers: Sequence[int], staging: Staging) -> set[int]:
    if not numbers:
        raise InputError("there is no motion to make a training set of")
    if staging.test_motions is not None:
        return set(staging.test_motions)
    if not staging.test_share:
        return set()
    if len(numbers) < 2:
        raise InputError(
            "one motion cannot be split into training and test; give more, or --test_share=0"
        )
    count = min(len(numbers) - 1, max(1, round(staging.test_share * len(numbers))))
    return set(np.random.default_rng(staging.seed).permutation(numbers)[:count].tolist())
