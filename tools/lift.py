r"""3D poses of the people in a video, out of the file that a 2D detector wrote about it.

Example:

    python tools/lift.py --model=saved_models/cmu_27f --detections=alphapose-results.json \
        --resolution=1920x1080 --fps=30 --output=poses.npz

docs/detections.md says which tools' files are read, docs/people_and_gaps.md how people are chosen
and gaps filled.
"""

from __future__ import annotations

from absl import flags

from anatomy_tf.command_line import image_size, run_tool
from anatomy_tf.data.detections.clips import clips_from_detections
from anatomy_tf.data.detections.reading import FORMATS, read_detections
from anatomy_tf.errors import InputError
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.inference.poses import lift_people, write_poses
from anatomy_tf.models.lifter import load_lifter

FLAGS = flags.FLAGS

flags.DEFINE_string("model", None, "A .keras file, or a folder with model.keras.", required=True)
flags.DEFINE_string("detections", None, "The detector's file or folder.", required=True)
flags.DEFINE_enum("format", "auto", FORMATS, "What wrote it.")
flags.DEFINE_string("resolution", None, "Of the video, WxH in pixels, if the file does not tell.")
flags.DEFINE_float("fps", None, "Frames per second of the video, if the file does not tell.", 0)
flags.DEFINE_string("person", "largest", "Whom to lift: largest, most_confident, all, or a number.")
flags.DEFINE_float("max_gap", 0.5, "Gaps of up to so many seconds are filled.", 0)
flags.DEFINE_float("model_fps", 50, "Frames per second that the model was trained on.", 1)
flags.DEFINE_boolean("flip", True, "Average with the result for the mirrored clip.")
flags.DEFINE_string("output", None, "File for the poses, .npz.", required=True)


def main() -> None:
    if not FLAGS.output.endswith(".npz"):
        raise InputError(f"{FLAGS.output}: poses are written as .npz")
    lifter = ClipLifter(load_lifter(FLAGS.model), flip=FLAGS.flip)
    size = image_size("resolution", FLAGS.resolution)
    detections = read_detections(FLAGS.detections, FLAGS.format, size, FLAGS.fps)
    people = clips_from_detections(
        detections,
        skeleton=lifter.model.skeleton,
        person=FLAGS.person,
        max_gap_seconds=FLAGS.max_gap,
        target_fps=FLAGS.model_fps,
        note=print,
    )
    poses = lift_people(lifter, people, detections.fps)
    write_poses(poses, FLAGS.output)
    for part in people:
        last = part.first_frame + part.frames - 1
        print(f"person {part.person}: frames {part.first_frame} to {last}")
    print(f"wrote {FLAGS.output}")


if __name__ == "__main__":
    run_tool(main, __doc__)
