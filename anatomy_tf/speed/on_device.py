"""What TFLite files of finished models cost and lose: size, error, memory and time, beside the
Keras model.
"""

from __future__ import annotations

import dataclasses
import itertools
import pathlib
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.evaluate import errors_of
from anatomy_tf.export.tflite.tflite_file import write_tflite
from anatomy_tf.export.tflite.tflite_lifter import TfliteLifter, load_interpreter
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.inference.stream import Streamer
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.speed.timing import Way, measure_rates

KERAS = "Keras"
THREADS = (1, 2)

_MEMORY_PROGRAM = pathlib.Path(__file__).with_name("interpreter_memory.py")


@dataclasses.dataclass(frozen=True)
class TfliteFiles:
    """One model in one precision: for clips of any length, and of the length that
    is timed at most.
    """

    any_length: pathlib.Path
    fixed_length: pathlib.Path


def write_files(
    model: AnatomyLifter,
    folder: pathlib.Path,
    precisions: Sequence[str],
    frames: int,
    calibration: Sequence[Clip],
) -> dict[str, TfliteFiles]:
    """The files of a model by precision; raises as `write_tflite`, and at once if they could not be
    measured.
    """
    load_interpreter()
    files = {}
    for precision in precisions:
        names = (f"{precision}.tflite", f"{precision}_{frames}.tflite")
        files[precision] = TfliteFiles(*(folder / name for name in names))
        of_all = {"precision": precision, "calibration": calibration}
        write_tflite(model, files[precision].any_length, **of_all)
        write_tflite(model, files[precision].fixed_length, frames=frames, **of_all)
    return files


def measure_on_device(
    model: AnatomyLifter,
    files: Mapping[str, TfliteFiles],
    clip: Clip,
    test_clips: Sequence[Clip],
    rounds: int,
    seconds: float,
) -> dict[str, dict]:
    """Figures by precision, and of the Keras model.

    `bytes` of the file; `rates` of the ways to lift, in frames a second, as the fields of `Rate`;
    and for whole clips (`clip`) and frame by frame (`stream`) `memory` (bytes of a process above
    those with which it begins), `errors` (see `errors_of`) and `differs_mm` (the farthest that a
    joint is from where the Keras model has it).

    Args:
      clip: what is timed.
      test_clips: what errors are computed on.

    Raises:
      InputError: the interpreter is not installed, or this is not Linux, where memory is measured.
    """
    lift = ClipLifter(model)
    expected = [lift(test_clip)["joints"] for test_clip in test_clips]
    errors = errors_of(expected, test_clips, model.skeleton)
    figures, ways = {KERAS: {"clip": {"errors": errors}}}, {KERAS: _keras_ways(model, clip)}
    for precision, of_precision in files.items():
        path = of_precision.any_length
        figures[precision] = {"bytes": path.stat().st_size}
        for way, (signature, joints_of) in _signatures(TfliteLifter(path)).items():
            joints = [joints_of(test_clip) for test_clip in test_clips]
            differences = [
                np.linalg.norm(j - e, axis=-1).max() for j, e in zip(joints, expected, strict=True)
            ]
            figures[precision][way] = {
                "errors": errors_of(joints, test_clips, model.skeleton),
                "differs_mm": 1000 * float(max(differences)),
                "memory": _memory(path, signature, len(clip)),
            }
        ways[precision] = _tflite_ways(of_precision, clip)
    in_turns = {(name, way): work for name in ways for way, work in ways[name].items()}
    for (name, way), rate in measure_rates(in_turns, rounds, seconds).items():
        figures[name].setdefault("rates", {})[way] = dataclasses.asdict(rate)
    return figures


def _signatures(
    lifter: TfliteLifter,
) -> dict[str, tuple[str, Callable[[Clip], np.ndarray]]]:
    """The ways to lift a clip, with the signature and what gives the joints `(T, J, 3)`."""
    ways = {"clip": ("lift", lambda clip: lifter(clip)["joints"])}
    if lifter.causal:
        ways["stream"] = (
            "stream_step",
            lambda clip: np.stack([outputs["joints"] for outputs in lifter.stream(clip)]),
        )
    return ways


def _keras_ways(model: AnatomyLifter, clip: Clip) -> dict[str, Way]:
    lift = ClipLifter(model)
    ways = {"clip": lambda: len(lift(clip)["joints"])}
    if model.causal:
        streamer = Streamer(model)
        frames = itertools.cycle(zip(clip.screen_keypoints(), clip.visibility, strict=True))
        ways["stream"] = lambda: len([streamer.push(*next(frames))])
    return ways


def _tflite_ways(files: TfliteFiles, clip: Clip) -> dict[str, Way]:
    def lifting(path: pathlib.Path, threads: int) -> Way:
        lift = TfliteLifter(path, threads)
        return lambda: len(lift(clip)["joints"])

    def streaming(lifter: TfliteLifter) -> Way:
        frames = itertools.chain.from_iterable(lifter.stream(clip) for _ in itertools.count())
        return lambda: len([next(frames)])

    ways = {}
    for threads in THREADS:
        ways[f"clip, {threads}"] = lifting(files.any_length, threads)
        ways[f"fixed, {threads}"] = lifting(files.fixed_length, threads)
        stepping = TfliteLifter(files.any_length, threads)
        if stepping.causal:
            ways[f"stream, {threads}"] = streaming(stepping)
    return ways


def _memory(path: pathlib.Path, signature: str, frames: int) -> int:
    if not pathlib.Path("/proc/self/status").is_file():
        raise InputError("memory is measured on Linux only")
    command = [sys.executable, str(_MEMORY_PROGRAM), str(path), signature, str(frames)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def format_on_device(models: Mapping[str, Mapping[str, dict]], frames: int) -> str:
    """The figures of models by name (see `measure_on_device`) as one table in Markdown; times are
    medians of calls.

    Two figures in a cell are those of whole clips and of streams, or of 1 and of 2 threads.

    Args:
      frames: of the clip that was timed.
    """
    header = ["model", "precision", "MB", "MPJPE mm", "differs mm", "memory MB", "ms a frame"]
    header += [f"ms, {frames} frames", "ms, fixed size", "frames/s"]
    rows = [header, ["---"] * 2 + ["---:"] * (len(header) - 2)]
    rows += [
        [name, precision, *_cells(figure, frames)]
        for name, figures in models.items()
        for precision, figure in figures.items()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(figure: Mapping, frames: int) -> list[str]:
    ways = [figure[way] for way in ("clip", "stream") if way in figure]
    compared = [of_way for of_way in ways if "memory" in of_way]

    def times(way: str) -> list[float]:
        return [rate["call_p50_ms"] for key, rate in figure["rates"].items() if key.startswith(way)]

    columns = (
        ("{:.2f}", [figure["bytes"] / 1e6] if "bytes" in figure else []),
        ("{:.2f}", [of_way["errors"]["mpjpe_mm"] for of_way in ways]),
        ("{:.3f}", [of_way["differs_mm"] for of_way in compared]),
        ("{:.1f}", [of_way["memory"] / 1e6 for of_way in compared]),
        ("{:.3f}", times("stream")),
        ("{:.1f}", times("clip")),
        ("{:.1f}", times("fixed")),
        ("{:,.0f}", [1000 * frames / time for time in times("clip")]),
    )
    return [" / ".join(map(form.format, values)) for form, values in columns]
