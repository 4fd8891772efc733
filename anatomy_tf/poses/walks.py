"""The steps of the people in a level world."""

from __future__ import annotations

from collections.abc import Iterator

from anatomy_tf.poses.pose_data import PoseData
from anatomy_tf.world.steps import Step, steps_of, walk_of


def steps_by_person(poses: PoseData) -> dict[int, list[Step]]:
    """The steps of everybody, with frames counted from the start of the video; of poses in a
    world.
    """
    assert poses.world is not None
    steps: dict[int, list[Step]] = {person: [] for person in poses.people}
    for rows in poses.unbroken():
        joints, stands = poses.world.joints[rows].astype(float), poses.world.stands[rows]
        first = int(poses.frame[rows.start])
        steps[int(poses.person[rows.start])] += [
            step._replace(frame=step.frame + first)
            for step in steps_of(joints, stands, poses.fps, poses.skeleton)
        ]
    return steps


def walk_notes(poses: PoseData) -> Iterator[str]:
    """A line about everybody who walks."""
    for person, steps in steps_by_person(poses).items():
        walk = walk_of(steps)
        if walk is not None:
            uneven = walk.asymmetry[0]
            yield (
                f"person {person}: {walk.steps} steps, {walk.cadence:.0f} a minute, "
                f"{walk.length:.2f} m long, {walk.speed:.2f} m/s"
                + (f"; left and right differ by {uneven:.0%} in length" if uneven >= 0 else "")
            )
