"""A library of clips: the tool's pipeline beside a plain loop over the files."""

from __future__ import annotations

import multiprocessing
import os
import pathlib
import time
from collections.abc import Sequence

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.detections.arrays import detections_of_arrays
from anatomy_tf.data.detections.plain import write_plain_npz
from anatomy_tf.data.keypoint_sets import KEYPOINT_SETS
from anatomy_tf.library.entries import Entry, entries_of_patterns
from anatomy_tf.library.lifting import LibrarySettings, lift_batch, read_entry
from anatomy_tf.library.results import write_lists, write_result

_SECONDS = (1, 1.5, 2, 3, 4.5)
_SET = "human36m17"
PLAIN_LOOP = "plain loop"


def measure_library(
    clips: Sequence[Clip], videos: int, model: str, workers: int, rounds: int, folder: pathlib.Path
) -> dict[str, dict[str, float]]:
    """`videos` files of 1 to 4.5 seconds, cut out of `clips`, from detections to `.npz`: by way,
    frames a second and CPU milliseconds a frame, and how many times those of a plain loop they are.

    Each way starts in a process of its own, which has TensorFlow and Beam loaded; loading the
    model, and starting workers, belong to it. They take turns.
    """
    frames = write_library(clips, videos, folder / "library")
    ways = {PLAIN_LOOP: 0, "Beam": 1, f"Beam, {workers} processes": workers}
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for number in range(rounds):
        for way, processes in enumerate(ways.values()):
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                target = folder / f"lifted{number}_{way}"
                took = pool.apply(lift_library, (folder / "library", target, model, processes))
            seconds[[*ways][way]].append(took)
    figures = {}
    for name, took in seconds.items():
        wall, cpu = np.median(took, axis=0).tolist()
        figures[name] = {"frames_per_second": frames / wall, "cpu_ms": 1000 * cpu / frames}
    plain = figures[PLAIN_LOOP]
    for figure in figures.values():
        figure["ratio"] = figure["frames_per_second"] / plain["frames_per_second"]
        figure["cpu_ratio"] = figure["cpu_ms"] / plain["cpu_ms"]
    return figures


def format_library(figures: dict[str, dict[str, float]], videos: int, model: str) -> str:
    """A table for Markdown, a line a way."""
    lines = [
        f"a library of {videos} files, {model}",
        "| way | frames/s | ratio | CPU ms a frame | ratio |",
        "| -- | -: | -: | -: | -: |",
    ]
    for name, figure in figures.items():
        lines.append(
            f"| {name} | {figure['frames_per_second']:.0f} | {figure['ratio']:.2f} | "
            f"{figure['cpu_ms']:.2f} | {figure['cpu_ratio']:.2f} |"
        )
    return "\n".join(lines)


def lift_library(
    library: pathlib.Path, target: pathlib.Path, model: str, processes: int
) -> tuple[float, float]:
    """Lifts all files of the folder, by Beam with so many processes, or in a plain loop with 0;
    gives seconds, and those of CPUs, of processes that were started too.
    """
    from anatomy_tf.library.pipeline import run_library

    entries = entries_of_patterns([str(library / "*.npz")])
    settings = LibrarySettings(model)
    options = ["--direct_running_mode=multi_processing", f"--direct_num_workers={processes}"]
    start, used = time.perf_counter(), _cpu_seconds()
    if processes:
        run_library(entries, target, settings, options if processes > 1 else [])
    else:
        plain_loop(entries, target, settings)
    return time.perf_counter() - start, _cpu_seconds() - used


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def plain_loop(entries: Sequence[Entry], folder: pathlib.Path, settings: LibrarySettings) -> None:
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
