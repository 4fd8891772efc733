r"""Real-time lifting: error against the number of frames for the bone lengths, and the speed of
every way to choose them.

Example:

    python tools/realtime.py --model=runs/cmu_causal --baseline=runs/cmu_causal_baseline \
        --plot=realtime.png

Without models, only the speeds are measured, of untrained ones of the size that --filter_widths and
--channels say (by default the paper's).
"""

from __future__ import annotations

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
from absl import flags

from anatomy_tf.command_line import run_tool, whole_numbers
from anatomy_tf.data import sources
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.error_report import format_protocol, write_report
from anatomy_tf.evaluation.realtime import COUNTED_MODES, errors_by_count, relative_speeds
from anatomy_tf.files import check_output_file
from anatomy_tf.models.lifter import AnatomyLifter, load_lifter
from anatomy_tf.visualize.figure import check_figure_file
from anatomy_tf.visualize.realtime_chart import draw_realtime

FLAGS = flags.FLAGS

flags.DEFINE_string("model", None, "A causal model: name of a shipped one, file or folder.")
flags.DEFINE_string("baseline", None, "A causal model of the baseline (--assembly=joints).")
flags.DEFINE_enum("data", "cmu", sources.NAMES, "What data to evaluate on.")
flags.DEFINE_string("data_dir", None, "Folder of the data, instead of the shipped one.")
flags.DEFINE_list("counts", ["1", "2", "5", "10", "20", "50", "100", "200"], "Values of M to try.")
flags.DEFINE_integer("speed_count", 50, "M for the speeds.", 1, 10_000)
flags.DEFINE_integer("rounds", 20, "Of the speeds, whose ways take turns.", lower_bound=1)
flags.DEFINE_list("filter_widths", ["3", "3", "3", "3"], "Of the untrained models.")
flags.DEFINE_integer("channels", 1024, "Of the untrained models.", lower_bound=1)
flags.DEFINE_string("plot", None, "File for the plot, .png or .svg.")
flags.DEFINE_string("json", None, "File for all numbers.")


def main() -> None:
    if bool(FLAGS.model) != bool(FLAGS.baseline):
        raise InputError("--model and --baseline: give both, or none")
    if FLAGS.plot and not FLAGS.model:
        raise InputError("--plot needs trained models: give --model and --baseline")
    if FLAGS.plot:
        check_figure_file(FLAGS.plot)
    check_output_file(FLAGS.json)
    counts = whole_numbers("counts", FLAGS.counts)
    results = {}
    if FLAGS.model:
        model, baseline = load_lifter(FLAGS.model), load_lifter(FLAGS.baseline)
        source = sources.open_source(FLAGS.data, FLAGS.data_dir)
        results["errors"] = errors_by_count(
            model,
            baseline,
            source.clips(source.test_subjects),
            counts,
            sources.label(FLAGS.data, FLAGS.data_dir),
        )
        _print_errors(results["errors"])
        if FLAGS.plot:
            draw_realtime(results["errors"], FLAGS.plot)
    else:
        size = {
            "filter_widths": whole_numbers("filter_widths", FLAGS.filter_widths),
            "channels": FLAGS.channels,
            "causal": True,
        }
        model = AnatomyLifter(**size)
        baseline = AnatomyLifter(
            **size, assembly="joints", sub_networks=1, visibility="none", joint_shifts=False
        )
    results["speeds"] = relative_speeds(model, baseline, FLAGS.speed_count, FLAGS.rounds)
    _print_speeds(results["speeds"], model)
    if FLAGS.json:
        write_report(results, FLAGS.json)


def _print_errors(errors: dict) -> None:
    print("MPJPE in mm by M, the number of frames for the bone lengths")
    print(f"{'M':>6}" + "".join(f"{mode:>13}" for mode in COUNTED_MODES))
    for row, count in enumerate(errors["counts"]):
        print(f"{count:>6}" + "".join(f"{errors[mode][row]:>13.1f}" for mode in COUNTED_MODES))
    print(f"all frames so far {errors['all']:.1f}, baseline {errors['baseline']:.1f}")
    print(f"({format_protocol(errors['protocol'])})\n")


def _print_speeds(speeds: dict, model: AnatomyLifter) -> None:
    print(f"frame by frame, {model.receptive_field} frames, {model.channels} channels,", end=" ")
    print(f"M = {FLAGS.speed_count}, median of rounds that take turns")
    print(f"{'':22}{'ms a frame':>16}{'relative speed':>16}")
    for name, speed in speeds.items():
        cell = f"{speed['frame_ms']:.2f} ± {speed['spread_ms']:.2f}"
        print(f"{name:22}{cell:>16}{speed['relative_speed']:>16.2f}")


if __name__ == "__main__":
    run_tool(main, __doc__)
