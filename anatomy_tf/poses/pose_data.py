"""The poses of the people in a video, as files hold them."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from anatomy_tf.data.checks import check_shape
from anatomy_tf.data.detections.source_video import SourceVideo
from anatomy_tf.errors import InputError
from anatomy_tf.poses.world import World
from anatomy_tf.skeleton import Skeleton

Array = npt.NDArray[np.generic]
SomePoses = TypeVar("SomePoses", bound="PoseData")


@dataclasses.dataclass(frozen=True, kw_only=True)
class PoseData:
    """`N` poses, person by person and in the order of the frames.

    Args:
      skeleton: what the `J` joints and `K` bones are.
      fps: frames per second of the video.
      num_frames: of the video.
      resolution: (width, height) of the image in pixels.
      person, frame: `(N,)` whose pose it is, and in which frame of the video, counted from 0.
      joints: `(N, J, 3)` metres, relative to the root; camera space, x right, y down, z forward.
      directions: `(N, K, 3)` unit vectors of the bones, from the joint nearer to the root.
      lengths: `(N, K)` metres, of the bones.
      keypoints: `(N, J, 2)` pixels, as the model was given them.
      scores: `(N, J)` their scores, 0 to 1; 0 where nothing was seen and the place was filled in.
      made_by: what made the poses: the model's name, the settings, the version.
      notes: what was found, left out and filled in, and what looks wrong; a line each.
      flip_distance: `(N, J)` metres by which the lift of the mirrored video puts the joints
        elsewhere, where there was one; it is not kept in files.
      world: where the poses stand in a level world, if that was found out.
      video: the video itself, which some formats show; it is not kept in files of poses.

    Raises:
      InputError: a wrong shape, no pose, or values that are not finite.
    """

    skeleton: Skeleton
    fps: float
    num_frames: int
    resolution: tuple[int, int]
    person: Array
    frame: Array
    joints: Array
    directions: Array
    lengths: Array
    keypoints: Array
    scores: Array
    made_by: Mapping[str, object] = dataclasses.field(default_factory=dict)
    notes: tuple[str, ...] = ()
    flip_distance: npt.NDArray[np.float32] | None = None
    world: World | None = None
    video: SourceVideo | None = None

    def __post_init__(self) -> None:
        count = len(self.joints) if np.ndim(self.joints) else 0
        if not count:
            raise InputError("poses: there is none")
        joints, bones = self.skeleton.num_joints, self.skeleton.num_bones
        shapes = {
            **{"person": (), "frame": ()},
            **{"joints": (joints, 3), "directions": (bones, 3), "lengths": (bones,)},
            **{"keypoints": (joints, 2), "scores": (joints,)},
        }
        if self.flip_distance is not None:
            shapes["flip_distance"] = (joints,)
        for field, tail in shapes.items():
            values = np.asarray(getattr(self, field))
            check_shape(values, (count, *tail), f"poses: {field}")
            if values.dtype.kind not in "iuf" or not np.isfinite(values).all():
                raise InputError(f"poses: {field} holds what is no finite number")
        if not (np.isfinite(self.fps) and self.fps > 0 and min(self.resolution) > 0):
            raise InputError("poses: fps and resolution must be positive")
        if self.frame.min() < 0 or self.frame.max() >= self.num_frames:
            raise InputError(f"poses: frames lie outside of the {self.num_frames} of the video")
        if self.world is not None:
            self.world.check(count, self.skeleton)

    def __len__(self) -> int:
        return len(self.joints)

    @property
    def people(self) -> list[int]:
        """The numbers of the people, in the order of the poses."""
        return list(dict.fromkeys(self.person.tolist()))

    def unbroken(self) -> Iterator[slice]:
        """Rows of one person in frames that follow each other, in order."""
        ends = (np.diff(self.person) != 0) | (np.diff(self.frame) != 1)
        edges = [0, *(np.flatnonzero(ends) + 1).tolist(), len(self)]
        return (slice(start, stop) for start, stop in itertools.pairwise(edges))

    def of_person(self: SomePoses, person: int) -> SomePoses:
        """The poses of one person; raises an InputError where there are none."""
        rows = self.person == person
        if not rows.any():
            known = ", ".join(map(str, self.people))
            raise InputError(f"poses: there is no person {person}; there are {known}")
        by_pose = ["person", "frame", "joints", "directions", "lengths", "keypoints", "scores"]
        if self.flip_distance is not None:
            by_pose.append("flip_distance")
        return dataclasses.replace(
            self,
            world=None if self.world is None else self.world.of_rows(rows),
            **{name: getattr(self, name)[rows] for name in by_pose},
        )

    @property
    def filled(self) -> npt.NDArray[np.bool_]:
        """`(N, J)`: nothing was seen, and the keypoint's place was filled in."""
        return self.scores == 0
