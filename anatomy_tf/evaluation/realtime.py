"""Real-time lifting (section IV-E): error against the number of length frames (fig. 7), and speed
(table VII).
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.evaluate import evaluate
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.inference.stream import Streamer
from anatomy_tf.models.length_frames import LengthFrames
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.models.lifter_stream import LifterStream

COUNTED_MODES = ("random", "firstframes", "consecutive")
FRAMES_A_ROUND = 50


def errors_by_count(
    model: AnatomyLifter,
    baseline: AnatomyLifter,
    clips: Sequence[Clip],
    counts: Sequence[int],
    data: str,
) -> dict:
    """MPJPE in mm by mode and number of frames; of `all` frames and of the `baseline`; and the
    `protocol`.

    Raises:
      InputError: a model that is not causal or of the wrong kind; see also `evaluate`.
    """
    _check(model, baseline)
    choices = {mode: [LengthFrames(mode, m) for m in counts] for mode in COUNTED_MODES}

    def error(lifter: ClipLifter) -> float:
        return evaluate(lifter, clips, data)["mpjpe_mm"]

    everything = evaluate(ClipLifter(model, length_frames=LengthFrames("all")), clips, data)
    return {
        "counts": list(counts),
        **{
            mode: [error(ClipLifter(model, length_frames=choice)) for choice in of_mode]
            for mode, of_mode in choices.items()
        },
        "all": everything["mpjpe_mm"],
        "baseline": error(ClipLifter(baseline)),
        "protocol": everything["protocol"],
    }


def relative_speeds(
    model: AnatomyLifter, baseline: AnatomyLifter, count: int, rounds: int = 20
) -> dict[str, dict[str, float]]:
    """Milliseconds a frame, and speed relative to the baseline, of every way to lift frame by
    frame.

    All ways take turns, `FRAMES_A_ROUND` frames each; a way's figure is the median over the rounds,
    `spread_ms` half of the distance between the quartiles. The first `count` frames are not timed:
    lengths are settled by then. `random, lifted anew` is what the paper measures: `count` frames of
    the past go through the length network for every frame. The others lift a frame at most once.
    """
    _check(model, baseline)
    ways = {
        "baseline": Streamer(baseline).push,
        "random, lifted anew": _lifting_anew(model, count),
        **{
            mode: Streamer(model, length_frames=LengthFrames(mode, count)).push
            for mode in (*COUNTED_MODES, "all")
        },
    }
    rng = np.random.default_rng(0)
    joints = model.skeleton.num_joints
    keypoints = rng.normal(scale=0.2, size=(count + FRAMES_A_ROUND, joints, 2)).astype(np.float32)
    visibility = np.ones(keypoints.shape[:-1], np.float32)
    for push in ways.values():
        for frame in range(len(keypoints)):
            push(keypoints[frame], visibility[frame])
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, push in ways.items():
            start = time.perf_counter()
            for frame in range(FRAMES_A_ROUND):
                push(keypoints[frame], visibility[frame])
            times[name].append(1000 * (time.perf_counter() - start) / FRAMES_A_ROUND)
    medians = {name: statistics.median(values) for name, values in times.items()}
    return {
        name: {
            "frame_ms": medians[name],
            "spread_ms": float(np.subtract(*np.percentile(times[name], [75, 25]))) / 2,
            "relative_speed": medians["baseline"] / medians[name],
        }
        for name in ways
    }


def _lifting_anew(model: AnatomyLifter, count: int) -> Callable:
    """Frame by frame as published: every frame draws `count` of the past and lifts them all."""
    stream = LifterStream(model, LengthFrames("firstframes", 1))
    state = stream.initial_state(1)
    rng = np.random.default_rng(0)
    past = []

    @tf.function(reduce_retracing=True, autograph=False)
    def step(keypoints, visibility, drawn, state):
        outputs, state = stream.step(keypoints, visibility, state)
        lengths = model.length_model(drawn)["lengths"]
        return model.joint_head(outputs["directions"], lengths), state

    def push(keypoints, visibility):
        nonlocal state
        past.append(keypoints)
        drawn = rng.choice(len(past), min(count, len(past)), replace=False)
        drawn = np.stack([past[frame] for frame in drawn])[np.newaxis]
        joints, state = step(keypoints[None, None], visibility[None, None], drawn, state)
        return joints.numpy()[0, 0]

    return push


def _check(model: AnatomyLifter, baseline: AnatomyLifter) -> None:
    if not (model.causal and baseline.causal):
        raise InputError("real time needs causal models; one of these reads frames to come")
    if model.person_frame or baseline.person_frame:
        raise InputError("real time is compared between models with keypoints on the screen")
    if not model.frame_network or baseline.frame_network:
        raise InputError("expected a model with bone lengths, and a baseline without")
