"""3D poses of the people in videos, out of their detections."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from anatomy_tf.data.detections.clips import PersonClip, check_gap, clips_from_detections
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.frame_rate import resample_clip, to_original_rate
from anatomy_tf.data.detections.people import check_person
from anatomy_tf.data.inspection.findings import inspect_clips
from anatomy_tf.data.joint_order import check_joint_order
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bone_vectors import bones_of_joints, unit_vectors
from anatomy_tf.geometry.stature import check_height
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.poses.repair import lift_repaired
from anatomy_tf.poses.result import Poses
from anatomy_tf.skeleton import Skeleton


@dataclasses.dataclass(frozen=True)
class ChosenPeople:
    """The people of a video who are lifted.

    Args:
      people: their clips, at the video's frame rate.
      detections: of the whole video.
      notes: what was found, left out and filled in, and what looks wrong: a line each.
    """

    people: list[PersonClip]
    detections: Detections
    notes: tuple[str, ...]


def check_choice(person: str | int, max_gap: float, height: float | None) -> None:
    """Before a video is read, which takes long.

    Raises:
      InputError: an argument of `PoseLifter.lift_detections` that suits no video.
    """
    check_person(person)
    check_gap(max_gap)
    if height is not None:
        check_height(height)


def choose(
    detections: Detections,
    skeleton: Skeleton,
    person: str | int,
    max_gap: float,
    focal: float | None = None,
) -> ChosenPeople:
    """Who is lifted, and what there is to say about it.

    Args:
      person: who: `largest`, `most_confident`, `all`, or a number.
      max_gap: seconds; gaps up to this long are filled, longer ones split the clip.
      focal: focal length in pixels, where it is known.

    Raises:
      InputError: as `clips_from_detections`; the keypoints are of another set than is said, or
        something else is wrong with them of which nothing good can come.
    """
    source = detections.source
    names = detections.joint_names
    check_joint_order(detections.keypoints, detections.scores, names, skeleton, source)
    notes: list[str] = []
    people = clips_from_detections(
        detections,
        skeleton,
        person,
        max_gap_seconds=max_gap,
        focal_length=focal,
        note=notes.append,
    )
    for part in people:
        frames = f"frames {part.first_frame} to {part.first_frame + part.frames - 1}"
        filled = part.clip.visibility == 0
        whole = int(filled.all(axis=1).sum())
        notes.append(
            f"person {part.person}: {frames}; filled in: {whole} frames, "
            f"{filled.mean():.1%} of the keypoints"
        )
    for finding in inspect_clips([part.clip for part in people]):
        if finding.severity == "fatal":
            raise InputError(str(finding))
        notes.append(f"looks wrong: {finding}")
    return ChosenPeople(people, detections, tuple(notes))


def lift_people(
    lifter: ClipLifter,
    videos: Sequence[ChosenPeople],
    made_by: Mapping[str, object],
    repair_swaps: bool = True,
) -> list[Poses]:
    """The poses in every video, at its own frame rate, whatever the model's is.

    Args:
      lifter: its model is given clips at the rate of its training data, where it tells that.
      made_by: the model's name, and what else is to be kept with the poses.
      repair_swaps: put right where left and right were taken for each other.

    Raises:
      InputError: the clips' joints are not the model's.
    """
    rate = lifter.model.trained_on.get("fps")
    parts = [part for video in videos for part in video.people]
    clips = [part.clip for part in parts]
    if isinstance(rate, (int, float)):
        clips = [resample_clip(clip, float(rate)) for clip in clips]
    if repair_swaps:
        outputs, parts, lines = lift_repaired(lifter, clips, parts)
    else:
        outputs, lines = lifter.lift_many(clips), [""] * len(parts)
    found = iter(zip(parts, outputs, lines, strict=True))
    return [
        _poses(lifter.model.skeleton, video, [next(found) for _ in video.people], made_by)
        for video in videos
    ]


def _poses(
    skeleton: Skeleton,
    video: ChosenPeople,
    found: list[tuple[PersonClip, dict[str, np.ndarray], str]],
    made_by: Mapping[str, object],
) -> Poses:
    columns: dict[str, list[np.ndarray]] = {}
    for part, output, _ in found:
        joints = to_original_rate(output["joints"], part.frames)
        if "directions" in output:
            directions = unit_vectors(to_original_rate(output["directions"], part.frames))
            lengths = output["lengths"]
            if lengths.ndim == 1:
                lengths = np.broadcast_to(lengths, (len(output["joints"]), len(lengths)))
            lengths = to_original_rate(lengths, part.frames)
        else:
            directions, lengths = bones_of_joints(joints, skeleton)
        of_part = {
            "person": np.full(part.frames, part.person, np.int64),
            "frame": np.arange(part.frames, dtype=np.int64) + part.first_frame,
            **{"joints": joints, "directions": directions, "lengths": lengths},
            **{"keypoints": part.clip.keypoints, "scores": part.clip.visibility},
        }
        if "flip_distance" in output:
            of_part["flip_distance"] = to_original_rate(output["flip_distance"], part.frames)
        for name, values in of_part.items():
            columns.setdefault(name, []).append(values)
    clip = video.people[0].clip
    joined = {name: np.concatenate(values) for name, values in columns.items()}
    return Poses(
        skeleton=skeleton,
        fps=clip.fps,
        num_frames=video.detections.num_frames,
        resolution=clip.resolution,
        made_by=made_by,
        notes=(*video.notes, *(line for *_, line in found if line)),
        video=video.detections.video,
        **joined,  # type: ignore[arg-type]
    )
