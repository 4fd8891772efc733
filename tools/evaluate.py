"""Errors of a finished model, by action and averaged over actions, as a table and as JSON.

Example:

    python tools/evaluate.py --model=saved_models/cmu_27f --data=cmu --flip --json=errors.json
"""

from __future__ import annotations

from absl import flags

from anatomy_tf.command_line import run_tool
from anatomy_tf.data import sources
from anatomy_tf.evaluation.evaluate import evaluate
from anatomy_tf.evaluation.report import format_report, write_report
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.lifter import ASSEMBLIES, load_lifter

FLAGS = flags.FLAGS

flags.DEFINE_string("model", None, "A .keras file, or a folder with model.keras.", required=True)
flags.DEFINE_enum("data", "cmu", sources.NAMES, "What data to evaluate on.")
flags.DEFINE_string("data_dir", None, "Folder of the data, instead of the shipped one.")
flags.DEFINE_list("subjects", None, "Subjects, instead of the test subjects of the data.")
flags.DEFINE_boolean("flip", False, "Average with the result for the mirrored clip.")
flags.DEFINE_enum("assembly", None, ASSEMBLIES, "How lengths and directions make joints.")
flags.DEFINE_string("json", None, "File for the report.")


def main() -> None:
    lifter = ClipLifter(load_lifter(FLAGS.model), flip=FLAGS.flip, assembly=FLAGS.assembly)
    source = sources.open_source(FLAGS.data, FLAGS.data_dir)
    clips = source.clips(FLAGS.subjects or source.test_subjects)
    report = evaluate(lifter, clips, sources.label(FLAGS.data, FLAGS.data_dir))
    print(format_report(report))
    if FLAGS.json:
        write_report(report, FLAGS.json)


if __name__ == "__main__":
    run_tool(main, __doc__)
