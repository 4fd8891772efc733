"""What is likely wrong with data: findings of the checks in `joint_checks` and `keypoint_checks`.

The limits lie far from what the shipped motion capture shows: a finding is worth a look, but
finding nothing proves nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.detections.clips import clips_from_detections
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.inspection import joint_checks, keypoint_checks
from anatomy_tf.data.inspection.keypoint_checks import Suspicion
from anatomy_tf.data.joint_order import check_joint_order
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17

CHECKS: tuple[Callable[[Clip], Suspicion | None], ...] = (
    joint_checks.units_of_joints,
    joint_checks.up_in_world,
    joint_checks.mirrored_body,
    joint_checks.bones,
    joint_checks.reprojection,
    keypoint_checks.units_of_keypoints,
    keypoint_checks.up_in_image,
    keypoint_checks.swapping_sides,
    keypoint_checks.frozen_frames,
    keypoint_checks.outside_image,
    keypoint_checks.missing_keypoints,
)


@dataclasses.dataclass(frozen=True)
class Finding:
    """Something suspicious.

    Args:
      check: what was checked.
      where: the first clip that shows it, and how many do.
      seen: what was seen there.
      cause: what it is likely to come from.
      severity: `fatal` where nothing good can come of it, `warning` where it is worth a look.
    """

    check: str
    where: str
    seen: str
    cause: str
    severity: str = "warning"

    def __str__(self) -> str:
        return f"{self.where}: {self.seen}. Likely: {self.cause}"


def inspect_clips(
    clips: Sequence[Clip], checks: Sequence[Callable[[Clip], Suspicion | None]] = CHECKS
) -> list[Finding]:
    """What the checks suspect: a finding for every likely cause, however many clips show it."""
    findings = []
    for check in checks:
        by_cause: dict[str, list[tuple[str, Suspicion]]] = {}
        for clip in clips:
            suspicion = check(clip)
            if suspicion:
                by_cause.setdefault(suspicion.cause, []).append((clip.name, suspicion))
        for hits in by_cause.values():
            name, worst = max(hits, key=lambda hit: hit[1].fatal)
            where = f"{name} ({len(hits)} of {len(clips)} clips)"
            findings.append(_finding(check.__name__, where, worst))
    return findings


def inspect_detections(detections: Detections) -> tuple[list[Clip], list[Finding]]:
    """Clips of everyone who is found in 10 frames or more, or of all if nobody is, and what all
    checks suspect of them.

    What the file does not tell is a finding, and taken to be 50 frames per second, and an image
    that the keypoints fill.
    """
    source = detections.source
    findings = [
        Finding(name, source, f"does not tell its {name}", f"a format without it; give {flag}")
        for name, flag in (("fps", "--fps"), ("resolution", "--resolution=WxH"))
        if getattr(detections, name) is None
    ]
    try:
        points = detections.keypoints, detections.scores
        check_joint_order(*points, detections.joint_names, H36M_17, source)
    except InputError as error:
        seen, cause = str(error).removeprefix(f"{source}: "), "the names of another keypoint set"
        findings.append(Finding("joint_order", source, seen, cause, "fatal"))
    extent = np.clip(np.ceil(detections.keypoints.max(axis=(0, 1))), 1, 2**31).astype(int).tolist()
    try:
        people = clips_from_detections(
            detections,
            person="all",
            fps=detections.fps or 50.0,
            resolution=detections.resolution or tuple(extent),
        )
    except InputError as error:
        return [], [*findings, Finding("clips", source, str(error), "nobody in it for long enough")]
    clips = [person.clip for person in people]
    return clips, findings + inspect_clips(clips)


def _finding(check: str, where: str, suspicion: Suspicion) -> Finding:
    severity = "fatal" if suspicion.fatal else "warning"
    return Finding(check, where, suspicion.seen, suspicion.cause, severity)
