"""What lifting a video gives: the poses of its people, and what can be asked of them."""

from __future__ import annotations

import dataclasses
import os
import pathlib

import numpy as np
import numpy.typing as npt

from anatomy_tf.poses.formats import read_pose_data, write_poses
from anatomy_tf.poses.pose_data import PoseData


class Poses(PoseData):
    """`N` poses, person by person and in the order of the frames; the fields are those of
    `PoseData`.
    """

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

        A format of one person gets a file for each of several: `walk.bvh` becomes
        `walk_person0.bvh`, `walk_person3.bvh`, with the people's numbers.

        Returns:
          The files that were written.

        Raises:
          InputError: there is no such format, it cannot hold these poses, or a file cannot be
            written; then there is none.
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
