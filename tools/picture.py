r"""A picture of 3D poses: the keypoints, and the pose from the front and from the side.

Examples:

    python tools/picture.py --model=cmu_27f --clip=A11/salsa_02/1 --output=salsa.png
    python tools/picture.py --poses=walk.json --output=walk.svg
    python tools/picture.py --model=cmu_27f --detections=alphapose-results.json \
        --resolution=1920x1080 --fps=30 --output=walk.gif

A .gif moves: it shows the whole clip, and the pose turns.
"""

from __future__ import annotations

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
import pathlib

import numpy as np
from absl import flags

from anatomy_tf.command_line import image_size, run_tool
from anatomy_tf.data import sources
from anatomy_tf.data.detections.reading import FORMATS, read_detections
from anatomy_tf.errors import InputError
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.lifter import load_lifter
from anatomy_tf.poses.pose_lifter import load
from anatomy_tf.poses.result import Poses, read_poses
from anatomy_tf.visualize.figure import check_figure_file
from anatomy_tf.visualize.pose_animation import animate_poses, check_animation_file
from anatomy_tf.visualize.pose_picture import draw_clip, draw_poses

FLAGS = flags.FLAGS

flags.DEFINE_string("clip", None, "A clip of --data as subject/take/camera, or:")
flags.DEFINE_string("poses", None, "A file of poses, or:")
flags.DEFINE_string("detections", None, "A file or folder that a 2D tool wrote.")
flags.DEFINE_string("model", None, "The model that lifts them: its name, or its file or folder.")
flags.DEFINE_boolean("flip", False, "Average with the result for the mirrored clip.")
flags.DEFINE_enum("data", "cmu", sources.NAMES, "What data the clip is of.")
flags.DEFINE_string("data_dir", None, "Folder of the data, instead of the shipped one.")
flags.DEFINE_enum("format", "auto", FORMATS, "What wrote the detections.")
flags.DEFINE_string("resolution", None, "Of their video, WxH in pixels, if the file does not tell.")
flags.DEFINE_float("fps", None, "Frames per second of it, if the file does not tell.", 0)
flags.DEFINE_integer("person", None, "Whom to draw, by number (default: the first, or largest).")
flags.DEFINE_integer("columns", 6, "Frames to draw, evenly spaced over the clip.", lower_bound=1)
flags.DEFINE_string("output", None, "File for the picture, .png, .svg or .gif.", required=True)


def main() -> None:
    moving = pathlib.Path(FLAGS.output).suffix == ".gif"
    (check_animation_file if moving else check_figure_file)(FLAGS.output)
    given = [name for name in ("clip", "poses", "detections") if FLAGS[name].value is not None]
    if len(given) != 1:
        raise InputError("give one of --clip, --poses and --detections")
    if FLAGS.poses is None and FLAGS.model is None:
        raise InputError(f"--{given[0]}: name a model that lifts it with --model")
    if FLAGS.clip:
        _draw_clip(moving)
    else:
        _draw_poses(moving)
    print(f"wrote {FLAGS.output}")


def _draw_clip(moving: bool) -> None:
    lifter = ClipLifter(load_lifter(FLAGS.model), flip=FLAGS.flip)
    source = sources.open_source(FLAGS.data, FLAGS.data_dir)
    clips = {clip.name: clip for clip in source.clips([FLAGS.clip.split("/")[0]])}
    if FLAGS.clip not in clips:
        raise InputError(f"--clip={FLAGS.clip}: no such clip; one there is {next(iter(clips))}")
    clip = clips[FLAGS.clip]
    joints = lifter(clip)["joints"]
    if moving:
        animate_poses(clip.keypoints, joints, clip.skeleton, clip.fps, FLAGS.output, clip.name)
    else:
        draw_clip(clip, joints, _spread(len(clip)), FLAGS.output, clip.name)


def _draw_poses(moving: bool) -> None:
    poses = _poses()
    person = poses.people[0] if FLAGS.person is None else FLAGS.person
    poses, title = poses.of_person(person), f"person {person}"
    if moving:
        animate_poses(poses.keypoints, poses.joints, poses.skeleton, poses.fps, FLAGS.output, title)
        return
    rows = _spread(len(poses))
    times = poses.frame[rows] / poses.fps
    draw_poses(
        poses.keypoints[rows], poses.joints[rows], poses.skeleton, times, FLAGS.output, title
    )


def _poses() -> Poses:
    if FLAGS.poses:
        return read_poses(FLAGS.poses)
    size = image_size("resolution", FLAGS.resolution)
    detections = read_detections(FLAGS.detections, FLAGS.format, size, FLAGS.fps)
    person = "largest" if FLAGS.person is None else FLAGS.person
    poses = load(FLAGS.model, flip=FLAGS.flip).lift_detections(detections, person=person)
    print("\n".join(poses.notes))
    return poses


def _spread(frames: int) -> np.ndarray:
    return np.linspace(0, frames - 1, FLAGS.columns).round().astype(int)


if __name__ == "__main__":
    run_tool(main, __doc__)
