"""Errors of a finished model, by action and averaged over actions, as a table and as JSON.

Example:

    python tools/evaluate.py --model=saved_models/cmu_27f --data=cmu --flip --json=errors.json

With --cameras=virtual the test subjects are seen by 300 cameras and detectors that are made up, the
same for every model: docs/robustness.md. With --cameras=still they stand on a tripod, and the
errors are those of the level world: docs/world.md.
"""

from __future__ import annotations

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
from absl import flags

from anatomy_tf.choices import ANATOMY_ASSEMBLIES, MODES
from anatomy_tf.command_line import run_tool
from anatomy_tf.data import sources
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.error_report import format_report, write_report
from anatomy_tf.evaluation.of_data import evaluate, evaluate_with_virtual_cameras
from anatomy_tf.evaluation.protocols import format_scores
from anatomy_tf.evaluation.robustness import format_robustness
from anatomy_tf.evaluation.virtual_protocol import CAMERAS
from anatomy_tf.evaluation.world_report import format_world
from anatomy_tf.files import check_output_file
from anatomy_tf.models.length_frames import LengthFrames
from anatomy_tf.visualize.figure import check_figure_file
from anatomy_tf.visualize.robustness_chart import draw_robustness

FLAGS = flags.FLAGS

flags.DEFINE_string("model", None, "Name of a shipped model, or its file or folder.", required=True)
flags.DEFINE_enum("data", "cmu", sources.NAMES, "What data to evaluate on.")
flags.DEFINE_string("data_dir", None, "Folder of the data, instead of the shipped one.")
flags.DEFINE_list("subjects", None, "Subjects, instead of the test subjects of the data.")
flags.DEFINE_enum("keypoints", "detected", sources.KEYPOINTS, "Where keypoints come from.")
flags.DEFINE_enum("cameras", "own", ("own", "virtual", "still"), "Who sees the test subjects.")
flags.DEFINE_integer("num_cameras", CAMERAS, "How many virtual ones.", 1, 100_000)
flags.DEFINE_boolean("flip", False, "Average with the result for the mirrored clip.")
flags.DEFINE_enum("assembly", None, ANATOMY_ASSEMBLIES, "How lengths and directions make joints.")
flags.DEFINE_enum("length_frames", None, MODES, "Frames for the lengths, not the model's choice.")
flags.DEFINE_integer("num_length_frames", 50, "How many, if not all.", 1, 10_000)
flags.DEFINE_list("joints", None, "Names of the joints that count, instead of all.")
flags.DEFINE_string("json", None, "File for the report.")
flags.DEFINE_string("plot", None, "File for a picture of the errors with --cameras=virtual.")


def main() -> None:
    if FLAGS["num_length_frames"].present and not FLAGS.length_frames:
        raise InputError("--num_length_frames: say which with --length_frames")
    length_frames = None
    if FLAGS.length_frames:
        length_frames = LengthFrames(FLAGS.length_frames, FLAGS.num_length_frames)
    check_output_file(FLAGS.json)
    if FLAGS.plot:
        if FLAGS.cameras != "virtual":
            raise InputError("--plot: it is of --cameras=virtual")
        check_figure_file(FLAGS.plot)
    how = {
        "data": FLAGS.data,
        "data_dir": FLAGS.data_dir,
        "subjects": FLAGS.subjects,
        "flip": FLAGS.flip,
        "assembly": FLAGS.assembly,
        "length_frames": length_frames,
    }
    if FLAGS.cameras != "own":
        if FLAGS.joints or FLAGS["keypoints"].present:
            made = f"--cameras={FLAGS.cameras}"
            raise InputError(f"{made}: neither --joints nor --keypoints can be chosen")
        still = FLAGS.cameras == "still"
        report = evaluate_with_virtual_cameras(
            FLAGS.model, cameras=FLAGS.num_cameras, still=still, **how
        )
        print(format_world(report) if still else format_robustness(report))
        if FLAGS.plot:
            draw_robustness(report, FLAGS.plot)
    else:
        report = evaluate(FLAGS.model, keypoints=FLAGS.keypoints, joints=FLAGS.joints, **how)
        print(format_report(report))
    if "data_set_scores" in report:
        print(f"\n{format_scores(report['data_set_scores'])}")
    if FLAGS.json:
        write_report(report, FLAGS.json)


if __name__ == "__main__":
    run_tool(main, __doc__)
