"""Joints that jump as no person can: rest poses before a motion, glitches in it, wrong rates."""

from __future__ import annotations

import numpy as np

from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17

_FASTEST = {"knee": 11.0, "ankle": 22.0, "elbow": 14.0, "wrist": 26.0}
"""Metres per second relative to the pelvis, which no person reaches."""
_FASTEST_OTHER = 12.0
_FASTEST_PELVIS = 9.0
_BEFORE, _AFTER = 2, 3
"""Frames on both sides of a jump, which it has bent."""
_LEAD_IN_SECONDS = 1.0
_FEW_JUMPS, _MOST_JUMPS = 3, 0.1
"""Steps from frame to frame, and their share."""
_HURRIED = {"knee": 8.0, "ankle": 10.5, "elbow": 8.0, "wrist": 11.0}
"""Metres per second that no more than one in twenty steps of running, dancing, or fighting people
exceeds.
"""
_SLOWEST_RATE = 10.0


class Jumps:
    """Where a motion is none.

    Args:
      name: of the motion, for messages.
      joints: `(T, 17, 3)` metres of `H36M_17`.
      fps: frames per second.
    """

    def __init__(self, name: str, joints: np.ndarray, fps: float):
        relative = joints - joints[:, H36M_17.root, np.newaxis]
        speeds = np.linalg.norm(np.diff(relative, axis=0), axis=-1) * fps
        way = np.diff(joints[:, H36M_17.root], axis=0)
        speeds[:, H36M_17.root] = np.linalg.norm(way, axis=-1) * fps
        limits = [_FASTEST.get(_part(joint), _FASTEST_OTHER) for joint in H36M_17.joint_names]
        limits[H36M_17.root] = _FASTEST_PELVIS
        self._name, self._fps, self._frames = name, fps, len(joints)
        self._speeds, self._excess = speeds, speeds / limits
        self._steps = np.flatnonzero((self._excess > 1).any(axis=1))

    def lead_in(self) -> int:
        """How many frames at the start are a rest pose, from which the person jumps into the
        motion.
        """
        early = self._steps[self._steps < self._fps * _LEAD_IN_SECONDS]
        return int(early[-1]) + 1 if len(early) else 0

    def segments(self, keep_lead_in: bool = False) -> tuple[list[slice], str]:
        """What is between the jumps, and a note on where they are; without the lead-in, or with
        it and the jump behind it.

        Raises:
          InputError: there are so many that not some frames but the rate or the unit is wrong, or
            nothing is between them.
        """
        if len(self._steps) > max(_FEW_JUMPS, _MOST_JUMPS * self._frames):
            raise InputError(
                f"{self._name}: joints jump as no person can in {len(self._steps)} of "
                f"{self._frames} frames ({self._fastest(self._steps)}); {self._fps:.4g} frames per "
                "second, the unit, or the mapping is wrong: give --bvh_fps or --amc_fps, --unit, "
                "--mapping"
            )
        first = self.lead_in()
        steps = self._steps[self._steps >= first]
        starts = [0 if keep_lead_in else first, *(steps + 1 + _AFTER)]
        stops = [*(steps + 1 - _BEFORE), self._frames]
        segments = [slice(int(a), int(b)) for a, b in zip(starts, stops, strict=True) if b - a > 1]
        if not segments:
            raise InputError(f"{self._name}: there is no motion between joints that jump")
        if not len(steps):
            return segments, ""
        places = 1 + np.count_nonzero(np.diff(steps) > 1)
        return segments, f"split at {places} jumps that no person can do ({self._fastest(steps)})"

    def hurry(self) -> str:
        """A finding where people do not move so fast for so long, or the rate is none of a
        capture; empty otherwise.
        """
        for number, joint in enumerate(H36M_17.joint_names):
            limit = _HURRIED.get(_part(joint))
            usual = np.percentile(self._speeds[:, number], 95) if limit else 0
            if limit and usual > limit:
                return (
                    f"check the rate: {joint} moves at {usual:.0f} m/s and more in 5 % of the "
                    "frames, as hardly anybody does"
                )
        if self._fps < _SLOWEST_RATE:
            return f"check the rate: no motion is captured at {self._fps:.3g} fps"
        return ""

    def _fastest(self, steps: np.ndarray) -> str:
        step = steps[self._excess[steps].max(axis=1).argmax()]
        joint = self._excess[step].argmax()
        name, speed = H36M_17.joint_names[joint], self._speeds[step, joint]
        return f"{name} at {speed:.0f} m/s after frame {step + 1}"


def _part(joint: str) -> str:
    return joint.rpartition("_")[2]
