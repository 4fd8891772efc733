"""What is in data, in numbers: for a person to read, and for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.tracking import track_people
from anatomy_tf.geometry.camera import project

LOW_SCORE = 0.3
_LISTED = 20


def summarise_clips(clips: Sequence[Clip]) -> dict:
    """Counts, rates, shares of missing and doubtful keypoints, and the bones of every subject in
    mm.
    """
    visibility = np.concatenate([clip.visibility.ravel() for clip in clips])
    summary = {
        "clips": len(clips),
        "frames": sum(map(len, clips)),
        "seconds": round(sum(len(clip) / clip.fps for clip in clips), 2),
        "fps": sorted({float(clip.fps) for clip in clips}),
        "resolutions": sorted({tuple(map(int, clip.resolution)) for clip in clips}),
        "joints": list(clips[0].skeleton.joint_names),
        "missing_percent": _percent(visibility == 0),
        "low_score_percent": _percent((visibility > 0) & (visibility < LOW_SCORE)),
    }
    with_camera = [clip for clip in clips if clip.joints is not None and clip.camera is not None]
    errors = np.concatenate([np.empty(0), *map(reprojection_errors, with_camera)])
    if np.isfinite(errors).any():
        summary["reprojection_px"] = round(float(np.median(errors[np.isfinite(errors)])), 2)
    subjects = {clip.subject: [] for clip in clips}
    for clip in clips:
        subjects[clip.subject].append(clip)
    summary["subjects"] = {subject: _subject(own) for subject, own in subjects.items()}
    return summary


def summarise_detections(detections: Detections) -> dict:
    """Counts, rates, people per frame, who is there how long, and shares of missing and doubtful
    keypoints.
    """
    tracks = track_people(detections)
    frames = detections.frame[tracks >= 0]
    occupied, people = np.unique(frames, return_counts=True)
    counts = dict(zip(*np.unique(people, return_counts=True), strict=True))
    numbers, found = np.unique(tracks[tracks >= 0], return_counts=True)
    often = np.argsort(-found, kind="stable")[:_LISTED]
    return {
        "source": detections.source,
        "keypoints": list(detections.joint_names),
        "frames": detections.num_frames,
        "fps": detections.fps,
        "resolution": detections.resolution and tuple(map(int, detections.resolution)),
        "frames_by_people": {"0": detections.num_frames - len(occupied)}
        | {str(count): int(number) for count, number in counts.items()},
        "people": len(numbers),
        "frames_by_person": {str(numbers[i]): int(found[i]) for i in often},
        "missing_percent": _percent(detections.scores == 0),
        "low_score_percent": _percent((detections.scores > 0) & (detections.scores < LOW_SCORE)),
    } | ({"notes": list(detections.notes)} if detections.notes else {})


def format_summary(summary: dict) -> str:
    """A line for every entry; the bones as a table with a column for every subject."""
    return "\n".join(_lines(summary))


def bone_lengths(clip: Clip) -> np.ndarray:
    """`(T, K)` metres."""
    near, far = clip.skeleton.bones.T
    return np.linalg.norm(clip.joints[:, far] - clip.joints[:, near], axis=-1)


def reprojection_errors(clip: Clip, order: Sequence[int] | None = None) -> np.ndarray:
    """Pixels between the joints, as the camera sees them, and all keypoints found; infinite behind
    the camera.

    Args:
      order: for every keypoint the joint that it is compared with, instead of its own.
    """
    points = clip.camera_joints().astype(np.float64)
    points = points if order is None else points[:, list(order)]
    with np.errstate(all="ignore"):
        seen = np.stack(project(points, clip.camera.intrinsics), axis=-1)
        errors = np.linalg.norm(seen - clip.keypoints, axis=-1)
    in_front = np.isfinite(errors) & (points[..., 2] > 0)
    return np.where(in_front, errors, np.inf)[clip.visibility > 0]


def _subject(clips: Sequence[Clip]) -> dict:
    summary = {"clips": len(clips), "frames": sum(map(len, clips))}
    lengths = [1000 * bone_lengths(clip) for clip in clips if clip.joints is not None]
    if lengths:
        lengths = np.concatenate(lengths)
        names = [clips[0].skeleton.joint_names[far] for far in clips[0].skeleton.bones[:, 1]]
        mean, spread = lengths.mean(axis=0).tolist(), lengths.std(axis=0).tolist()
        summary["bones_mm"] = {
            name: {"mean": round(m, 1), "sd": round(s, 1)}
            for name, m, s in zip(names, mean, spread, strict=True)
        }
    return summary


def _lines(summary: dict) -> Iterator[str]:
    for name, value in summary.items():
        if name != "subjects":
            yield f"{name.replace('_percent', ', %').replace('_', ' '):20}{_plain(value)}"
    for subject, entry in summary.get("subjects", {}).items():
        yield f"{subject:20}{entry['clips']} clips, {entry['frames']} frames"
    bones = {s: e["bones_mm"] for s, e in summary.get("subjects", {}).items() if "bones_mm" in e}
    if bones:
        width = max(12, *(len(subject) + 2 for subject in bones))
        yield "bones, mm (sd)".ljust(20) + "".join(subject.rjust(width) for subject in bones)
        for name in next(iter(bones.values())):
            cells = (f"{own[name]['mean']:.0f} ({own[name]['sd']:.1f})" for own in bones.values())
            yield name.ljust(20) + "".join(cell.rjust(width) for cell in cells)


def _plain(value) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {number}" for name, number in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(element) for element in value)
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return (
        "not known" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    )


def _percent(which: np.ndarray) -> float:
    return round(100 * float(which.mean()), 1)
