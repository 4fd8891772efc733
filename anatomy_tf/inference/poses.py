"""3D poses of the people in a video, out of their detections, and the file they are kept in."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Sequence

import numpy as np

from anatomy_tf.data.detections.clips import PersonClip
from anatomy_tf.data.detections.frame_rate import to_original_rate
from anatomy_tf.files import replacing
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.skeleton import Skeleton


@dataclasses.dataclass(frozen=True)
class Poses:
    """`N` poses, person by person and in the order of the frames.

    Attributes:
      skeleton: what the joints are.
      fps: of the video.
      person, frame: `(N,)` whose pose it is, and in which frame of the video, counted from 0.
      joints: `(N, J, 3)` metres, relative to the root; camera space, x right, y down, z forward.
    """

    skeleton: Skeleton
    fps: float
    person: np.ndarray
    frame: np.ndarray
    joints: np.ndarray


def lift_people(lifter: ClipLifter, people: Sequence[PersonClip], fps: float) -> Poses:
    """Lifts clips that `clips_from_detections` made, which may have another frame rate than the
    video's `fps`.

    Raises:
      InputError: the clips' joints are not the model's.
    """
    joints = [to_original_rate(lifter(person.clip)["joints"], person.frames) for person in people]
    return Poses(
        skeleton=lifter.model.skeleton,
        fps=fps,
        person=np.concatenate([np.full(part.frames, part.person, np.int32) for part in people]),
        frame=np.concatenate(
            [np.arange(part.frames, dtype=np.int32) + part.first_frame for part in people]
        ),
        joints=np.concatenate(joints),
    )


def write_poses(poses: Poses, path: pathlib.Path | str) -> None:
    """Writes an .npz file without pickles: the fields of `Poses`, with `joint_names` and `parents`
    for the skeleton.

    Raises:
      InputError: the file cannot be written.
    """
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file,
            joint_names=np.array(poses.skeleton.joint_names),
            parents=np.array(poses.skeleton.parents, np.int32),
            fps=poses.fps,
            person=poses.person,
            frame=poses.frame,
            joints=poses.joints,
        )
