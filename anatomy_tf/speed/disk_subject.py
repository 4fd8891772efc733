"""Training batches out of frames in memory, and out of the same frames on disk."""

from __future__ import annotations

import multiprocessing
import pathlib
import time
from collections.abc import Iterator

import numpy as np

from anatomy_tf.data.batches.frame_table import build_frame_table
from anatomy_tf.data.batches.frame_table_on_disk import frame_table_on_disk
from anatomy_tf.data.batches.pipeline import Sampling, training_dataset
from anatomy_tf.data.clip import Clip
from anatomy_tf.geometry.camera import Camera
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.speed.processes import memory_gib
from anatomy_tf.speed.subjects import Size

_CLIP_FRAMES = 5000
_COPIES = 6
"""Of a clip's frames, while a table in memory is made: mirrored, joined, and on TensorFlow's side.
"""
_BYTES_A_FRAME = 4 * (2 + 1 + 3) * 17 + 4 * 3 * 16


def measure_disk(
    size: Size, frames: int, rounds: int, seconds: float, folder: pathlib.Path
) -> dict[str, dict[str, float]]:
    """By way: seconds until the first batch; GiB of the process in all, and of it what the system
    can take away because it is on disk too; and examples a second, with their ratio to those in
    memory. Each way has a process of its own, and they take turns.

    Args:
      frames: of the made-up clips; mirrored copies come on top. Where memory has no room for the
        table and what making it takes, it is measured on disk only.
    """
    in_memory = _COPIES * frames * _BYTES_A_FRAME / 2**30 < memory_gib("MemAvailable")
    ways = {"on disk": str(folder), **({"in memory": None} if in_memory else {})}
    context = multiprocessing.get_context("spawn")
    pools = {name: context.Pool(1) for name in ways}
    try:
        figures = {
            name: pools[name].apply(_build, (size, frames, where)) for name, where in ways.items()
        }
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, pool in pools.items():
                rates[name].append(pool.apply(_draw, (seconds,)))
        for name, pool in pools.items():
            figures[name] |= pool.apply(_memory)
            figures[name]["examples_per_second"] = float(np.median(rates[name]))
    finally:
        for pool in pools.values():
            pool.terminate()
    if in_memory:
        peer = figures["in memory"]["examples_per_second"]
        for figure in figures.values():
            figure["ratio"] = figure["examples_per_second"] / peer
    return figures


def format_disk(figures: dict[str, dict[str, float]], size: Size, frames: int) -> str:
    """A table for Markdown, a line a way."""
    stored = frames * _BYTES_A_FRAME / 2**30
    lines = [
        f"{frames:,} frames ({stored:.2f} GiB) and their mirror images, {size}, "
        f"batch {size.batch_size}",
        "| frames | GiB at most | of it on disk too | s to first batch | examples/s | ratio |",
        "| -- | -: | -: | -: | -: | -: |",
    ]
    for name, figure in figures.items():
        ratio = f"{figure['ratio']:.2f}" if "ratio" in figure else ""
        lines.append(
            f"| {name} | {figure['most_gib']:.2f} | {figure['file_gib']:.2f} | "
            f"{figure['seconds']:.0f} | {figure['examples_per_second']:,.0f} | {ratio} |"
        )
    return "\n".join(lines)


_state: dict[str, Iterator] = {}
"""The batches of a process that measures one way."""


def _build(size: Size, frames: int, folder: str | None) -> dict[str, float]:
    start = time.perf_counter()
    clips = made_up_clips(frames)
    if folder is None:
        table = build_frame_table(clips)
    else:
        table = frame_table_on_disk(clips, pathlib.Path(folder))
    sampling = Sampling(size.sampled_frames, batch_size=size.batch_size)
    _state["batches"] = iter(training_dataset(table, sampling, size.window, causal=False))
    del table
    next(_state["batches"])
    return {"seconds": time.perf_counter() - start}


def _draw(seconds: float) -> float:
    done, start = 0, time.perf_counter()
    while done == 0 or time.perf_counter() - start < seconds:
        done += len(next(_state["batches"])[0]["keypoints"])
    return done / (time.perf_counter() - start)


def _memory() -> dict[str, float]:
    return {"most_gib": memory_gib("VmHWM"), "file_gib": memory_gib("RssFile")}


def made_up_clips(frames: int) -> Iterator[Clip]:
    """People who stand before a camera, seen anywhere; clip after clip, as they are asked for."""
    rng = np.random.default_rng(0)
    keypoints = rng.uniform(0, 1000, (_CLIP_FRAMES, 17, 2)).astype(np.float32)
    joints = rng.normal(0, 0.5, (_CLIP_FRAMES, 17, 3)).astype(np.float32) + [0, 0, 5]
    visibility = np.ones((_CLIP_FRAMES, 17), np.float32)
    for first in range(0, frames, _CLIP_FRAMES):
        count = min(_CLIP_FRAMES, frames - first)
        yield Clip(
            name=f"clip{first}",
            subject="nobody",
            action="none",
            skeleton=H36M_17,
            resolution=(1000, 1000),
            fps=50,
            keypoints=keypoints[:count],
            visibility=visibility[:count],
            joints=joints[:count].astype(np.float32),
            camera=Camera((1000, 1000), (1150, 1150), (500, 500)),
        )
