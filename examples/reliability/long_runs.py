r"""Memory and speed over long runs: a stream, clips of changing lengths, and a training.

    python examples/reliability/long_runs.py --plot=docs/images/long_runs.png

Models are tiny, so that many frames and steps take little time: what leaks or slows down in the
code around a model does so whatever its size. A stream is compared with the whole clip as it goes.
`--plot` draws what `--output` holds, also of earlier calls; `--parts=` with nothing only draws.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import time

import anatomy_tf.quiet_tensorflow  # noqa: F401  # isort: skip
import keras
import numpy as np
import tensorflow as tf

from anatomy_tf.data.batches.frame_table import build_frame_table
from anatomy_tf.data.batches.pipeline import Sampling
from anatomy_tf.data.clip import Clip
from anatomy_tf.data.sources import open_source
from anatomy_tf.files import replacing
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.inference.stream import Streamer
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.training.choices import LOSS_WEIGHTS
from anatomy_tf.training.loop import train
from anatomy_tf.training.schedules import Schedule

POINTS = 100
"""Of a curve."""
RESOLUTION = (1000, 1000)
_BETWEEN = tf.config.threading.set_inter_op_parallelism_threads


class Curve:
    """Memory and processor time over a long run, and what is told beside them."""

    def __init__(self, total: int):
        self.total = total
        self.points: list[dict] = []
        self._last = (0, time.process_time())

    def look(self, done: int, **values: float) -> bool:
        """Takes a point, if it is time to; gives whether it did."""
        if done % max(self.total // POINTS, 1):
            return False
        before, then = self._last
        self._last = (done, time.process_time())
        each = (self._last[1] - then) / (done - before)
        point = {"done": done, "rss_mib": _resident_mib(), "cpu_ms": 1000 * each, **values}
        self.points.append(point)
        print(json.dumps(point), flush=True)
        return True


def streamed_frames(total: int, portion: int) -> list[dict]:
    """Frames that come one by one, or by `portion`, through one stream; in the end, the last of
    every point against the whole clip.
    """
    model = _model(causal=True)
    stream, lifter, curve = Streamer(model), ClipLifter(model), Curve(total)
    rng = np.random.default_rng(0)
    whole = np.zeros((total, 17, 2), np.float32)
    whole.fill(1)  # has its memory now, and not little by little
    streamed = {}
    for start in range(0, total, portion):
        now = slice(start, min(start + portion, total))
        whole[now] = _moving(np.arange(now.start, now.stop), rng)
        joints = stream.push(whole[now])
        if curve.look(now.stop):
            streamed[now.stop - 1] = joints[-1]
    lifted = lifter(_clip(whole, np.ones((total, 17), np.float32)))["joints"]
    for point, (frame, joints) in zip(curve.points, streamed.items(), strict=True):
        point["micrometres_from_whole_clip"] = 1e6 * float(np.abs(lifted[frame] - joints).max())
    return curve.points


def lifted_clips(total: int) -> list[dict]:
    """Clips of 1 to 400 frames, one after the other, through one `ClipLifter`."""
    lifter, curve, rng = ClipLifter(_model()), Curve(total), np.random.default_rng(0)
    for done in range(1, total + 1):
        frames = int(rng.integers(1, 401))
        keypoints = _moving(np.arange(frames), rng)
        lifter(_clip(keypoints, np.ones((frames, 17), np.float32)))
        curve.look(done)
    return curve.points


def training_steps(total: int, folder: pathlib.Path) -> list[dict]:
    """Steps of a training with all that belongs to it: batches, curves, a checkpoint an epoch."""

    class Watch(keras.callbacks.Callback):
        done = 0

        def on_train_batch_end(self, batch, logs=None):
            self.done += 1
            curve.look(self.done, loss=logs["loss"])

    curve = Curve(total)
    source = open_source("cmu")
    clips = [clip for clip in source.clips(source.test_subjects) if len(clip) > 100][:8]
    epochs = max(total // 400, 1)
    train(
        _model(),
        build_frame_table(clips),
        Sampling(sampled_frames=4, batch_size=8, steps_per_epoch=total // epochs),
        Schedule(epochs=epochs, learning_rate_decay=1.0),
        LOSS_WEIGHTS["released"],
        folder,
        callbacks=[Watch()],
    )
    return curve.points


def _model(causal: bool = False) -> AnatomyLifter:
    return AnatomyLifter(H36M_17, filter_widths=(3, 3), channels=16, causal=causal)


def _clip(keypoints: np.ndarray, scores: np.ndarray) -> Clip:
    pixels = (keypoints + 1) * RESOLUTION[0] / 2
    return Clip("long", "nobody", "walks", H36M_17, RESOLUTION, 50, pixels, scores)


def _moving(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """`(N, 17, 2)` points that swing, each in its way, and tremble."""
    joint = np.arange(17)[:, np.newaxis]
    swing = np.sin(frames[:, np.newaxis, np.newaxis] * (0.03 + 0.01 * joint) + joint)
    points = 0.3 * swing + np.array([0.1, -0.2]) + rng.normal(0, 0.01, (len(frames), 17, 2))
    return points.astype(np.float32)


def _resident_mib() -> float:
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def draw(results: dict, path: pathlib.Path) -> None:
    """A column a part: memory above, time below."""
    from matplotlib.figure import Figure

    titles = {"frames": "streamed frame", "clips": "clip", "steps": "training step"}
    figure = Figure(figsize=(11, 5), layout="constrained")
    axes = figure.subplots(2, len(results), squeeze=False, sharex="col")
    for column, (part, points) in enumerate(results.items()):
        done = [point["done"] for point in points]
        memory, speed = axes[:, column]
        memory.plot(done, [point["rss_mib"] for point in points])
        memory.set(title=f"{done[-1]:,} {titles[part]}s", ylim=(0, None))
        speed.plot(done, [point["cpu_ms"] for point in points])
        speed.set(xlabel=f"{titles[part]}s", ylim=(0, None))
    axes[0, 0].set_ylabel("resident memory (MiB)")
    axes[1, 0].set_ylabel("processor milliseconds each")
    figure.savefig(path, dpi=90)


def main() -> None:
    """Measures, and draws what was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parts", default="frames,clips,steps")
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--portion", type=int, default=1, help="frames that come at a time")
    parser.add_argument("--clips", type=int, default=10_000)
    parser.add_argument("--steps", type=int, default=200_000)
    parser.add_argument("--folder", type=pathlib.Path, default="long_run", help="of the training")
    parser.add_argument("--output", type=pathlib.Path, default="long_runs.json")
    parser.add_argument("--plot", type=pathlib.Path)
    given = parser.parse_args()
    for use in (tf.config.threading.set_intra_op_parallelism_threads, _BETWEEN):
        use(1)  # tiny models gain nothing from more, and other work on the machine disturbs less
    measure = {
        "frames": lambda: streamed_frames(given.frames, given.portion),
        "clips": lambda: lifted_clips(given.clips),
        "steps": lambda: training_steps(given.steps, given.folder),
    }
    for part in filter(None, given.parts.split(",")):
        points = measure[part]()
        results = json.loads(given.output.read_text()) if given.output.is_file() else {}
        with replacing(given.output) as temporary:
            temporary.write_text(json.dumps(results | {part: points}))
    if given.plot:
        draw(json.loads(given.output.read_text()), given.plot)


if __name__ == "__main__":
    main()
