"""What a device will be asked, out of training data: the numbers whose ranges int8 has to hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import tensorflow as tf

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import Skeleton

CLIPS, FRAMES, STEPS = 32, 200, 60
"""Clips, and how many frames of each are lifted whole, and frame by frame. Fewer miss rare poses,
whose features are then cut off.
"""


def check_calibration(clips: Sequence[Clip], skeleton: Skeleton) -> None:
    """Raises an InputError if there are no clips, or one is of another skeleton."""
    if not clips:
        raise InputError("int8 needs clips of the training data to calibrate with")
    for clip in clips:
        if clip.skeleton != skeleton:
            raise InputError(
                f"clip {clip.name}: cannot calibrate with its {clip.skeleton.num_joints} joints, "
                "the model has others"
            )


def clip_requests(
    clips: Sequence[Clip], frames: int | None, focal: bool = False
) -> Iterator[dict[str, np.ndarray]]:
    """Inputs of `ClipSignature`, for the beginnings of clips from all over `clips`.

    Args:
      frames: how many the signature takes; None is any number.
      focal: the model reads focal lengths.
    """
    time = frames or FRAMES
    for clip in _spread(clips):
        request = _detections(clip, slice(time), focal)
        count = request["keypoints"].shape[1]
        if frames:
            missing = [(0, 0), (0, frames - count), (0, 0)]
            request["visibility"] = np.pad(request["visibility"], missing)
            request["keypoints"] = np.pad(request["keypoints"], [*missing, (0, 0)])
        yield request | {"frames": np.array([count], np.int32)}


def stream_requests(
    clips: Sequence[Clip],
    step: tf.types.experimental.PolymorphicFunction,
    initial_state: Mapping[str, tf.Tensor],
    focal: bool = False,
) -> Iterator[dict[str, np.ndarray]]:
    """Inputs of `StreamSignature`, for the first frames of clips from all over `clips`.

    Args:
      step: the signature, whose state the next frame's request has.
      focal: the model reads focal lengths.
    """
    for clip in _spread(clips):
        state = dict(initial_state)
        for frame in range(min(STEPS, len(clip))):
            request = _detections(clip, slice(frame, frame + 1), focal)
            yield request | {name: value.numpy() for name, value in state.items()}
            outputs = step(**request, state=state)
            state = {name: outputs[name] for name in state}


def _detections(clip: Clip, frames: slice, focal: bool) -> dict[str, np.ndarray]:
    pixels = np.array([clip.screen_focal() * clip.resolution[0] / 2], np.float32)
    return {
        **({"focal": pixels} if focal else {}),
        "keypoints": clip.keypoints[np.newaxis, frames].astype(np.float32),
        "visibility": clip.visibility[np.newaxis, frames].astype(np.float32),
        "image_size": np.array([clip.resolution], np.float32),
    }


def _spread(clips: Sequence[Clip]) -> list[Clip]:
    """`CLIPS` of the clips, evenly; all if there are fewer."""
    chosen = np.linspace(0, len(clips) - 1, min(CLIPS, len(clips)))
    return [clips[int(i)] for i in chosen]
