"""Compares finished runs: flags that differ, errors by action, time, versions, and their curves.

Example:

    python tools/compare.py --output=runs/compared.md --curves=runs/curves.png runs/a runs/b

Without flags, the table is printed. The ending of --output says the format: .txt, .md or .csv.
"""

from __future__ import annotations

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
from absl import flags

from anatomy_tf.command_line import run_tool
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.comparison import (
    as_text,
    check_table_file,
    comparison_rows,
    read_runs,
    write_table,
)
from anatomy_tf.files import check_output_file
from anatomy_tf.visualize.curves_chart import draw_curves
from anatomy_tf.visualize.figure import check_figure_file

FLAGS = flags.FLAGS
flags.DEFINE_string("output", None, "File for the table, .txt, .md or .csv, beside printing it.")
flags.DEFINE_string("curves", None, "Picture of the curves, .png or .svg.")


def main(*folders: str) -> None:
    if not folders:
        raise InputError("name the folders of the runs, as RUN RUN ...")
    if FLAGS.output:
        check_table_file(FLAGS.output)
        check_output_file(FLAGS.output)
    if FLAGS.curves:
        check_figure_file(FLAGS.curves)
    runs = read_runs(folders)
    rows = comparison_rows(runs)
    if FLAGS.curves:
        draw_curves({run.name: run.folder for run in runs}, FLAGS.curves)
    if FLAGS.output:
        write_table(rows, FLAGS.output)
    print(as_text(rows))


if __name__ == "__main__":
    run_tool(main, __doc__, ["RUN..."])
