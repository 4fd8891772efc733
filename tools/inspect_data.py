"""What is in a data set or in a file of detections, and what looks wrong with it.

Examples:

    python tools/inspect_data.py --data=cmu --subjects=A10,A11 --picture=cmu.png
    python tools/inspect_data.py --detections=alphapose-results.json --fps=30 --resolution=1920x1080

Findings are no failure: the exit code is 0 whenever the data could be read.
"""

from __future__ import annotations

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
import dataclasses

from absl import flags

from anatomy_tf.command_line import image_size, run_tool
from anatomy_tf.data import sources
from anatomy_tf.data.detections.reading import FORMATS, read_detections
from anatomy_tf.data.inspection.findings import inspect_clips, inspect_detections
from anatomy_tf.data.inspection.summary import format_summary, summarise_clips, summarise_detections
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.error_report import write_report
from anatomy_tf.files import check_output_file
from anatomy_tf.visualize.data_picture import draw_clips
from anatomy_tf.visualize.figure import check_figure_file

FLAGS = flags.FLAGS

flags.DEFINE_enum("data", None, sources.NAMES, "A data set to look into, or:")
flags.DEFINE_string("detections", None, "A file or folder that a 2D tool wrote.")
flags.DEFINE_string("data_dir", None, "Folder of the data, instead of the shipped one.")
flags.DEFINE_list("subjects", None, "Subjects, instead of all of the data.")
flags.DEFINE_enum("format", "auto", FORMATS, "What wrote the detections.")
flags.DEFINE_float("fps", None, "Frames per second of the video, if the file does not tell.")
flags.DEFINE_string("resolution", None, "WxH of the video in pixels, if the file does not tell.")
flags.DEFINE_string("json", None, "File for the summary and the findings.")
flags.DEFINE_string("picture", None, "File for a picture of some frames, .png or .svg.")


def main() -> None:
    if (FLAGS.data is None) == (FLAGS.detections is None):
        raise InputError("give either --data or --detections")
    if FLAGS.picture:
        check_figure_file(FLAGS.picture)
    check_output_file(FLAGS.json)
    if FLAGS.data:
        source = sources.open_source(FLAGS.data, FLAGS.data_dir)
        subjects = FLAGS.subjects or [*source.train_subjects, *source.test_subjects]
        clips = sources.read_clips(source, subjects, "detected")
        summary, findings = summarise_clips(clips), inspect_clips(clips)
    else:
        resolution = image_size("resolution", FLAGS.resolution)
        detections = read_detections(FLAGS.detections, FLAGS.format, resolution, FLAGS.fps)
        summary = summarise_detections(detections)
        clips, findings = inspect_detections(detections)
    print(format_summary(summary))
    print("\n".join(["findings:", *map(str, findings)]) if findings else "nothing suspicious found")
    if FLAGS.json:
        report = summary | {"findings": [dataclasses.asdict(finding) for finding in findings]}
        write_report(report, FLAGS.json)
    if FLAGS.picture:
        if not clips:
            raise InputError(f"--picture: {FLAGS.detections} has nobody long enough to draw")
        draw_clips(clips, FLAGS.picture)
        print(f"wrote {FLAGS.picture}")


if __name__ == "__main__":
    run_tool(main, __doc__)
