r"""3D poses of the people in videos, out of the files that a 2D detector wrote about them.

Examples:

    python tools/lift.py --detections=alphapose-results.json --resolution=1920x1080 --fps=30 \
        --output=poses.json
    python tools/lift.py --model=cmu_27f --detections=walk.json,run.json \
        --resolution=1920x1080 --fps=30 --output_dir=poses --outputs=npz,bvh

docs/detections.md says which tools' files are read, docs/people_and_gaps.md how people are chosen
and gaps filled.
"""

from __future__ import annotations

import pathlib
import sys

from absl import flags

from anatomy_tf.command_line import image_size, run_tool
from anatomy_tf.data.detections.reading import FORMATS, read_detections
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.screen import focal_of_view
from anatomy_tf.poses.formats import check_pose_file
from anatomy_tf.poses.pose_lifter import MAX_GAP, load

FLAGS = flags.FLAGS

flags.DEFINE_string("model", "any_81f", "A model's name, or its file or folder.")
flags.DEFINE_list(
    "detections", None, "The detector's files or folders, a video each.", required=True
)
flags.DEFINE_enum("format", "auto", FORMATS, "What wrote them.")
flags.DEFINE_string("resolution", None, "Of the video, WxH in pixels, if the file does not tell.")
flags.DEFINE_float("fps", None, "Frames per second of the video, if the file does not tell.", 0)
flags.DEFINE_string("person", "largest", "Whom to lift: largest, most_confident, all, or a number.")
flags.DEFINE_float("max_gap", MAX_GAP, "Gaps of up to so many seconds are filled.", 0)
flags.DEFINE_float("focal", None, "Focal length in pixels; without, it is guessed.")
flags.DEFINE_float("fov", None, "Degrees over the longer side of the image, for --focal.")
flags.DEFINE_float("height", None, "Of the person in metres, by which lengths are made right.")
flags.DEFINE_boolean("flip", True, "Average with the result for the mirrored clip.")
flags.DEFINE_string("output", None, "File for the poses of one video; its ending is the format.")
flags.DEFINE_string("output_dir", None, "Folder for the poses of all videos, instead of --output.")
flags.DEFINE_list(
    "outputs", ["npz"], "What --output_dir gets: npz, json, csv, html, bvh, trc, c3d."
)


def main() -> None:
    if FLAGS.focal is not None and FLAGS.fov is not None:
        raise InputError("give either --focal or --fov")
    targets = _targets()
    size = image_size("resolution", FLAGS.resolution)
    lifter = load(FLAGS.model, flip=FLAGS.flip)
    failed = False
    for source, paths in targets.items():
        try:
            detections = read_detections(source, FLAGS.format, size, FLAGS.fps)
            poses = lifter.lift_detections(
                detections,
                person=FLAGS.person,
                max_gap=FLAGS.max_gap,
                focal=_focal(detections.resolution),
                height=FLAGS.height,
            )
            print("\n".join(poses.notes))
            for path in paths:
                poses.save(path)
                print(f"wrote {path}", flush=True)
        except InputError as error:
            if len(targets) == 1:
                raise
            failed = True
            print(f"left out: {error}", file=sys.stderr)
    if failed:
        raise InputError("not all videos could be lifted")


def _focal(resolution: tuple[int, int] | None) -> float | None:
    """The focal length in pixels that the flags tell of a video."""
    if FLAGS.fov is None or resolution is None:
        return FLAGS.focal
    return focal_of_view(FLAGS.fov, resolution)


def _targets() -> dict[str, list[pathlib.Path]]:
    """For every file of detections, where its poses go."""
    if (FLAGS.output is None) == (FLAGS.output_dir is None):
        raise InputError("give either --output or --output_dir")
    if FLAGS.output and len(FLAGS.detections) > 1:
        raise InputError("--output is for one video; give --output_dir for several")
    if FLAGS.output:
        check_pose_file(FLAGS.output)
        return {FLAGS.detections[0]: [pathlib.Path(FLAGS.output)]}
    folder = pathlib.Path(FLAGS.output_dir)
    targets = {
        source: [folder / f"{pathlib.Path(source).stem}.{ending}" for ending in FLAGS.outputs]
        for source in FLAGS.detections
    }
    paths = [path for video in targets.values() for path in video]
    for path in paths:
        check_pose_file(path)
    if len(set(paths)) < len(FLAGS.detections) * len(FLAGS.outputs):
        raise InputError("--detections: two files have the same name, and so would their poses")
    return targets


if __name__ == "__main__":
    run_tool(main, __doc__)
