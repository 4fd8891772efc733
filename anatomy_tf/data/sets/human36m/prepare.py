"""Human3.6M as a folder of motion capture, which everything else reads."""

from __future__ import annotations

import collections
import itertools
import pathlib
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.sets.human36m.cameras import cameras_of
from anatomy_tf.data.sets.human36m.community import SharedDetections
from anatomy_tf.data.sets.human36m.takes import FPS, TEST_SUBJECTS, TRAIN_SUBJECTS, Take
from anatomy_tf.data.sets.mocap_folder_writer import write_mocap_folder
from anatomy_tf.data.sets.projected import project_keypoints
from anatomy_tf.skeleton import H36M_17


def write_human36m(
    folder: pathlib.Path | str,
    takes: Mapping[str, Iterable[Take]],
    detections: SharedDetections | None = None,
) -> dict[str, int]:
    """Writes `folder` with the standard split of the subjects that are there, and 15 actions to
    average over.

    Args:
      takes: by subject; not more than one is held at a time.
      detections: where the keypoints come from; without them, they are the joints as the camera
        sees them.

    Returns:
      How many frames each subject has, of all four cameras.

    Raises:
      InputError: what reading the takes raises, detections that are missing, too short or unusable,
        or a folder that is there already or cannot be written.
    """
    frames = collections.Counter()

    def counted() -> Iterator[Clip]:
        for clip in _clips(itertools.chain.from_iterable(takes.values()), detections):
            frames[clip.subject] += len(clip)
            yield clip

    train, test = (
        [subject for subject in split if subject in takes]
        for split in (TRAIN_SUBJECTS, TEST_SUBJECTS)
    )
    write_mocap_folder(folder, counted(), train, test, exact=True)
    return dict(frames)


def _clips(takes: Iterable[Take], detections: SharedDetections | None) -> Iterator[Clip]:
    """For every take four clips, one a camera, named SUBJECT/TAKE/CAMERA."""
    for take in takes:
        for number, camera in enumerate(cameras_of(take.subject)):
            frames = len(take.joints)
            clip = Clip(
                name=f"{take.subject}/{take.name}/{number}",
                subject=take.subject,
                action=take.action,
                skeleton=H36M_17,
                resolution=camera.resolution,
                fps=FPS,
                keypoints=np.zeros((frames, H36M_17.num_joints, 2), np.float32),
                visibility=np.ones((frames, H36M_17.num_joints), np.float32),
                joints=take.joints,
                camera=camera,
            )
            yield detections.seen_in(clip) if detections else project_keypoints(clip)
