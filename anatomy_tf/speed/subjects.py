"""What is measured: every subject gives its ways to work, and what an item costs in multiplies."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from anatomy_tf.choices import MODES
from anatomy_tf.data.batches.frame_table import build_frame_table
from anatomy_tf.data.batches.motion_table import build_motion_table
from anatomy_tf.data.batches.pipeline import Sampling, training_dataset
from anatomy_tf.data.clip import Clip
from anatomy_tf.evaluation.complexity import count_multiplies
from anatomy_tf.evaluation.training_cost import training_multiplies
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.inference.stream import Streamer
from anatomy_tf.models.length_frames import LengthFrames
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.speed.peer import Peer
from anatomy_tf.speed.timing import Way
from anatomy_tf.training.choices import LOSS_WEIGHTS
from anatomy_tf.training.trainer import build_trainer

PEER = "reference"
TRAINING_WAYS = {
    "exact": ("exact", "float32", False),
    "fast": ("fast", "float32", False),
    "fast, bfloat16": ("fast", "bfloat16", False),
    "the same, shared": ("fast", "bfloat16", True),
}
"""Length pass, precision, and whether the examples of a clip share their samples."""
BASELINE_WAYS = {name: ("exact", name, False) for name in ("float32", "bfloat16")}
"""Those of a model without bone lengths."""


@dataclasses.dataclass(frozen=True)
class Size:
    """Of the models and batches that are measured; with `sampled_frames` 0, of a model without bone
    lengths.
    """

    filter_widths: tuple[int, ...]
    channels: int
    batch_size: int = 256
    sampled_frames: int = 50

    @property
    def window(self) -> int:
        return int(np.prod(self.filter_widths))

    def __str__(self) -> str:
        return f"{self.window} frames, {self.channels} channels"


@dataclasses.dataclass(frozen=True)
class Subject:
    """Several ways to do the same.

    Attributes:
      title: what is done, and of which size.
      unit: what is counted.
      ways: the ways by name.
      multiplies: of an item, by way; in matrix products and convolutions.
      peer: the way that all are compared with, if it is there.
    """

    title: str
    unit: str
    ways: dict[str, Way]
    multiplies: dict[str, float] = dataclasses.field(default_factory=dict)
    peer: str = PEER


def data_subject(clips: Sequence[Clip], size: Size, reference: Peer | None) -> Subject:
    """Training batches without any training."""

    def drawing(batches) -> Way:
        def draw() -> int:
            inputs, _ = next(batches)
            return len(inputs["keypoints"])

        return draw

    ways = {"pipeline": drawing(iter(_dataset(clips, size)))}
    if size.sampled_frames:
        # All their bodies are made up, so that there is one of each.
        sampling = Sampling(size.sampled_frames, augmentation_degree=0, batch_size=size.batch_size)
        table = build_motion_table(clips)
        virtual = training_dataset(table, sampling, size.window, causal=False)
        ways["virtual cameras"] = drawing(iter(virtual))
    if reference:
        ways[PEER] = reference.training_batches(
            clips, size.filter_widths, size.batch_size, size.sampled_frames
        )
    title = f"input pipeline, {size.window} frames, L = {size.sampled_frames}"
    return Subject(f"{title}, batch {size.batch_size}", "examples/s", ways)


def train_subject(clips: Sequence[Clip], size: Size, reference: Peer | None) -> Subject:
    """Whole training steps, with their data."""
    ways, multiplies = {}, {}
    training_ways = TRAINING_WAYS if size.sampled_frames else BASELINE_WAYS
    for name, (length_pass, precision, shared) in training_ways.items():
        lifter = _lifter(size, reference)
        ways[name] = _training(lifter, clips, size, length_pass, precision, shared)
        if not shared:  # how many sets of frames a batch has is left to chance
            multiplies[name] = training_multiplies(lifter, size.sampled_frames, length_pass)
    if reference:
        ways[PEER] = reference.training_steps(
            clips, size.filter_widths, size.channels, size.batch_size, size.sampled_frames
        )
        multiplies[PEER] = next(iter(multiplies.values()))
    title = f"training, {size}, L = {size.sampled_frames}, batch {size.batch_size}"
    return Subject(title, "examples/s", ways, multiplies)


def clip_subject(clip: Clip, size: Size, reference: Peer | None) -> Subject:
    """A whole clip, its bone lengths included."""
    lifter = _lifter(size, reference)

    def lifting(flip: bool) -> Way:
        lift = ClipLifter(lifter, flip=flip)
        return lambda: len(lift(clip)["joints"])

    cost = count_multiplies(lifter)
    ways = {"whole clip": lifting(flip=False), "with test-time flip": lifting(flip=True)}
    multiplies = {"whole clip": cost.clip + cost.lengths}
    multiplies["with test-time flip"] = 2 * multiplies["whole clip"]
    if reference:
        ways[PEER] = reference.lifting(clip, size.filter_widths, size.channels, size.sampled_frames)
    return Subject(f"a clip of {len(clip)} frames, {size}", "frames/s", ways, multiplies)


def stream_subject(clip: Clip, size: Size, streams: int) -> Subject:
    """Frame by frame, with every choice of the frames for the bone lengths; `streams` people in one
    call.
    """
    lifter = AnatomyLifter(filter_widths=size.filter_widths, channels=size.channels, causal=True)
    cost = count_multiplies(lifter)
    keypoints, visibility = clip.screen_keypoints(), clip.visibility

    def streaming(streamer: Streamer) -> Way:
        frame = 0

        def push() -> int:
            nonlocal frame
            frame = (frame + 1) % len(clip)
            people = (keypoints[frame], visibility[frame])
            streamer.push(*(np.repeat(values[np.newaxis], streams, axis=0) for values in people))
            return streams

        return push

    ways = {
        mode: streaming(Streamer(lifter, streams, length_frames=LengthFrames(mode)))
        for mode in MODES
    }
    every_frame = cost.stream + cost.lengths
    multiplies = {"all": every_frame, "consecutive": every_frame, "firstframes": cost.stream}
    title = f"frame by frame, {size}, {streams} streams"
    return Subject(title, "frames/s", ways, multiplies)


def with_frames(clip: Clip, frames: int) -> Clip:
    """The clip over and over, up to `frames`."""
    wrapped = np.arange(frames) % len(clip)
    return dataclasses.replace(
        clip,
        keypoints=clip.keypoints[wrapped],
        visibility=clip.visibility[wrapped],
        joints=clip.joints[wrapped],
    )


def _lifter(size: Size, reference: Peer | None) -> AnatomyLifter:
    """The paper's model, or that of the peer."""
    arguments = reference.lifter_arguments if reference else {}
    return AnatomyLifter(filter_widths=size.filter_widths, channels=size.channels, **arguments)


def _dataset(clips: Sequence[Clip], size: Size, shared: bool = False) -> tf.data.Dataset:
    sampling = Sampling(size.sampled_frames, shared=shared, batch_size=size.batch_size)
    return training_dataset(build_frame_table(clips), sampling, size.window, causal=False)


def _training(
    lifter: AnatomyLifter,
    clips: Sequence[Clip],
    size: Size,
    length_pass: str,
    precision: str,
    shared: bool,
) -> Way:
    how = {"length_pass": length_pass, "precision": precision}
    trainer = build_trainer(lifter, LOSS_WEIGHTS["released"], **how)
    train_step = tf.function(trainer.train_step, autograph=False)
    batches = iter(_dataset(clips, size, shared))

    def step() -> int:
        train_step(next(batches))["loss"].numpy()
        return size.batch_size

    return step
