"""Clips in which a detector took left for right, put right."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.detections.clips import PersonClip
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.inference.lifted_track import lifted_track
from anatomy_tf.world.contact import runs
from anatomy_tf.world.swaps import find_swaps

Bools = npt.NDArray[np.bool_]
Outputs = dict[str, np.ndarray]
_SHOWN = 5


def lift_repaired(
    lifter: ClipLifter, clips: list[Clip], parts: list[PersonClip]
) -> tuple[list[Outputs], list[PersonClip], list[str]]:
    """What `lifter` gives for the clips after keypoints that were taken for those of the other side
    are exchanged: clips in which there are some are lifted twice.

    Args:
      clips: of the `parts`, at the rate of the model.

    Returns:
      The outputs, the parts with their keypoints put right, and a line about each such part, empty
      for others.
    """
    outputs, parts = lifter.lift_many(clips), list(parts)
    lines = [""] * len(parts)
    again: dict[int, Clip] = {}
    for number, (clip, output) in enumerate(zip(clips, outputs, strict=True)):
        track = lifted_track(clip, output["joints"])
        swapped = find_swaps(track, track.path())
        if not swapped.any():
            continue
        part = parts[number]
        places = np.rint(np.linspace(0, len(swapped) - 1, part.frames)).astype(int)
        parts[number] = dataclasses.replace(part, clip=_exchanged(part.clip, swapped[places]))
        again[number] = _exchanged(clip, swapped)
        lines[number] = f"person {part.person}: {_line(swapped[places], part.first_frame)}"
    for number, output in zip(again, lifter.lift_many(list(again.values())), strict=True):
        outputs[number] = output
    return outputs, parts, lines


def _exchanged(clip: Clip, swapped: Bools) -> Clip:
    flip = clip.skeleton.flip_joints
    return dataclasses.replace(
        clip,
        keypoints=np.where(swapped[..., np.newaxis], clip.keypoints[:, flip], clip.keypoints),
        visibility=np.where(swapped, clip.visibility[:, flip], clip.visibility),
    )


def _line(swapped: Bools, first_frame: int) -> str:
    found = (runs(np.asarray(swapped.any(axis=1))) + first_frame).tolist()
    shown = ", ".join(f"{start} to {stop - 1}" for start, stop in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more times" if len(found) > _SHOWN else ""
    return f"left and right were taken for each other, and are put right: frames {shown}{more}"
