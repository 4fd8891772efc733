"""A library of clips: the tool's pipeline beside a plain loop over the files."""

from __future__ import annotations

import itertools
import pathlib
from collections.abc import Sequence

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.detections.arrays import detections_of_arrays
from anatomy_tf.data.detections.plain import write_plain_npz
from anatomy_tf.data.keypoint_sets import KEYPOINT_SETS
from anatomy_tf.library.entries import Entry, entries_of_patterns
from anatomy_tf.library.lifting import LiftSettings, lift_batch, read_entry
from anatomy_tf.library.results import write_lists, write_result
from anatomy_tf.speed.subjects import Subject
from anatomy_tf.speed.timing import Way

_SECONDS = (1, 1.5, 2, 3, 4.5)
_SET = "human36m17"
PLAIN_LOOP = "plain loop"


def library_subject(
    clips: Sequence[Clip], videos: int, model: str, workers: int, folder: pathlib.Path
) -> Subject:
    """`videos` files of 1 to 4.5 seconds, cut out of `clips`, from detections to `.npz`.

    A way lifts them all, from the start: loading the model, and starting processes, belong to it.
    """
    from anatomy_tf.library.pipeline import run_library

    frames = write_library(clips, videos, folder / "library")
    entries = entries_of_patterns([str(folder / "library" / "*.npz")])
    settings = LiftSettings(model)
    number = itertools.count()

    def into_a_new_folder(lift) -> Way:
        def work() -> int:
            lift(folder / f"lifted{next(number)}")
            return frames

        return work

    def several(processes: int):
        options = ["--direct_running_mode=multi_processing", f"--direct_num_workers={processes}"]
        return lambda target: run_library(entries, target, settings, options)

    ways = {
        PLAIN_LOOP: lambda target: plain_loop(entries, target, settings),
        "Beam": lambda target: run_library(entries, target, settings),
        f"Beam, {workers} processes": several(workers),
    }
    title = f"a library of {videos} files with {frames:,} frames, {model}"
    ways = {name: into_a_new_folder(lift) for name, lift in ways.items()}
    return Subject(title, "frames/s", ways, peer=PLAIN_LOOP)


def plain_loop(entries: Sequence[Entry], folder: pathlib.Path, settings: LiftSettings) -> None:
    """What the pipeline does, one file after another."""
    lifter, record = settings.lifter(), settings.record()
    outcomes = []
    for entry in entries:
        detections = read_entry(entry, settings)
        (poses,) = lift_batch(lifter, [(entry, detections)], settings)
        if isinstance(poses, Exception):
            raise poses
        outcomes.append(write_result(folder, entry, detections, poses, settings.outputs, record))
    write_lists(folder, outcomes)


def write_library(clips: Sequence[Clip], videos: int, folder: pathlib.Path) -> int:
    """Files of detections, from different places of the clips; gives their frames in all."""
    assert clips[0].skeleton.num_joints == len(KEYPOINT_SETS[_SET])
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    total = 0
    for number in range(videos):
        clip = clips[number % len(clips)]
        frames = min(round(_SECONDS[number % len(_SECONDS)] * clip.fps), len(clip))
        start = rng.integers(len(clip) - frames + 1)
        part = slice(start, start + frames)
        detections = detections_of_arrays(
            clip.keypoints[part], clip.visibility[part], clip.resolution, clip.fps, _SET
        )
        write_plain_npz(folder / f"clip{number:04}.npz", detections)
        total += frames
    return total
