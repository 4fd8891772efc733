"""Flagfiles, saved poses and videos."""

import pathlib

import numpy as np

from anatomy_tf.flagfiles import read_flags
from anatomy_tf.geometry.bone_vectors import bones_of_joints
from anatomy_tf.poses.result import Poses, read_poses
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.video.decoding import Video
from tests.fuzz.of_motion import real_motion
from tests.fuzz.reader import Reader
from tests.video.videos import grey_pictures, write_video


def _write_flags(folder: pathlib.Path) -> None:
    (folder / "run.cfg").write_text("# a run\n--epochs=3\n--flagfile=more.cfg\n--data=cmu\n")
    (folder / "more.cfg").write_text("// more\n--batch_size=8\n--channels=16\n")


def _write_poses(name: str):
    def write(folder: pathlib.Path) -> None:
        joints = real_motion()[:6]
        joints = joints - joints[:, :1]
        directions, lengths = bones_of_joints(joints, H36M_17)
        count = len(joints)
        Poses(
            skeleton=H36M_17,
            fps=50.0,
            num_frames=count,
            resolution=(640, 480),
            person=np.zeros(count, np.int32),
            frame=np.arange(count, dtype=np.int32),
            joints=joints,
            directions=directions,
            lengths=lengths,
            keypoints=joints[..., :2] * 100 + 200,
            scores=np.ones((count, 17), np.float32),
        ).save(folder / name)

    return write


def _read_video(folder: pathlib.Path) -> None:
    (path,) = folder.iterdir()
    for number, _ in enumerate(Video(path).frames()):
        if number == 30:
            break


READERS = [
    Reader("others/flagfiles", _write_flags, lambda folder: read_flags(folder / "run.cfg")),
    *(
        Reader(
            f"others/poses_{kind}",
            _write_poses(f"a.{kind}"),
            lambda f, n=f"a.{kind}": read_poses(f / n),
        )
        for kind in ("npz", "json", "csv")
    ),
    *(
        Reader(
            f"others/video_{kind}",
            lambda folder, kind=kind: write_video(folder / f"a.{kind}", grey_pictures(5)),
            _read_video,
        )
        for kind in ("mp4", "mkv", "avi")
    ),
]
