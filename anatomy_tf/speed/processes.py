"""What only a process of its own can show: how long it takes to start, and how much memory it
needs.
"""

from __future__ import annotations

import multiprocessing
import pathlib
import re
import subprocess
import sys
import time

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.speed.subjects import Size, Subject
from anatomy_tf.speed.timing import Way

TENSORFLOW = "TensorFlow"


def startup_subject(size: Size, folder: pathlib.Path) -> Subject:
    """Fresh processes that import TensorFlow, or import the package and load a model; the model
    goes to `folder`.
    """
    path = folder / "startup.keras"
    AnatomyLifter(filter_widths=size.filter_widths, channels=size.channels).save(path)

    def starting(code: str) -> Way:
        def start() -> int:
            subprocess.run([sys.executable, "-c", code], check=True, stderr=subprocess.DEVNULL)
            return 1

        return start

    load = f"from anatomy_tf.models.lifter import load_lifter; load_lifter({str(path)!r})"
    ways = {"package and model": starting(load), TENSORFLOW: starting("import tensorflow")}
    return Subject(f"start-up, {size}", "starts/s", ways, peer=TENSORFLOW)


def measure_memory(size: Size, frames: int) -> dict[str, float]:
    """Of lifting a clip of `frames` random frames: GiB of the process before, GiB more meanwhile,
    and seconds.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_lift_long_clip, (size, frames))


def _lift_long_clip(size: Size, frames: int) -> dict[str, float]:
    lift = ClipLifter(AnatomyLifter(filter_widths=size.filter_widths, channels=size.channels))
    lift(_random_clip(size.window))
    clip = _random_clip(frames)
    before, start = memory_gib(), time.perf_counter()
    lift(clip)
    seconds = time.perf_counter() - start
    return {
        "frames": frames,
        "process_gib": before,
        "more_gib": memory_gib() - before,
        "seconds": seconds,
    }


def _random_clip(frames: int) -> Clip:
    rng = np.random.default_rng(0)
    return Clip(
        name="random",
        subject="nobody",
        action="none",
        skeleton=H36M_17,
        resolution=(1000, 1000),
        fps=50,
        keypoints=rng.uniform(0, 1000, (frames, 17, 2)).astype(np.float32),
        visibility=np.ones((frames, 17), np.float32),
    )


def memory_gib(kind: str = "VmHWM") -> float:
    """A line of what Linux says of this process or of the machine: `VmHWM`, the most memory that
    the process had so far (`getrusage` would give that of the one that started it); `RssFile`, what
    it has of files now; `MemAvailable`, what the machine has left.
    """
    files = [pathlib.Path("/proc") / name for name in ("self/status", "meminfo")]
    if not files[0].is_file():
        raise InputError("memory is measured on Linux only")
    texts = "".join(file.read_text() for file in files)
    return int(re.search(rf"^{kind}:\s+(\d+)", texts, re.MULTILINE)[1]) / 2**20
