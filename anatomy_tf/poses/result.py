"""What lifting a video gives: the poses of its people, and what can be asked of them."""

from __future__ import annotations

import dataclasses
import os
import pathlib

import numpy as np
import numpy.typing as npt

from anatomy_tf.errors import InputError
from anatomy_tf.poses.formats import read_pose_data, write_poses
from anatomy_tf.poses.pose_data import PoseData


class Poses(PoseData):
    """`N` poses, person by person and in the order of the frames; the fields are those of
    `PoseData`.
    """

    @property
    def people(self) -> list[int]:
        """The numbers of the people, in the order of the poses."""
        return list(dict.fromkeys(self.person.tolist()))

    def of_person(self, person: int) -> Poses:
        """The poses of one person; raises an InputError where there are none."""
        rows = self.person == person
        if not rows.any():
            known = ", ".join(map(str, self.people))
            raise InputError(f"poses: there is no person {person}; there are {known}")
        by_pose = ("person", "frame", "joints", "directions", "lengths", "keypoints", "scores")
        return dataclasses.replace(self, **{name: getattr(self, name)[rows] for name in by_pose})

    def per_frame(self) -> npt.NDArray[np.float32]:
        """`(T, P, J, 3)` joints of every frame of the video and all `people`; NaN where there is no
        pose.
        """
        people = self.people
        shape = (self.num_frames, len(people), *self.joints.shape[1:])
        joints = np.full(shape, np.nan, np.float32)
        column = {person: i for i, person in enumerate(people)}
        joints[self.frame, [column[person] for person in self.person.tolist()]] = self.joints
        return joints

    def save(self, path: str | os.PathLike[str]) -> list[pathlib.Path]:
        """Writes the poses to a file; its ending says the format.

        Raises:
          InputError: there is no such format, or the file cannot be written.
        """
        return write_poses(self, path)


def read_poses(path: str | os.PathLike[str]) -> Poses:
    """Reads poses that `Poses.save` wrote.

    From `.npz` and `.json` they come back as they were. A `.csv` has no directions and lengths of
    bones, which are then those between the joints, and does not say what made the poses.

    Raises:
      InputError: the file is missing, damaged, or of a format that is not read.
    """
    data = read_pose_data(path)
    return Poses(**{field.name: getattr(data, field.name) for field in dataclasses.fields(data)})
