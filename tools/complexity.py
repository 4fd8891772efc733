"""What models cost: parameters, FLOPs as the paper estimates them (table III), multiplies really
done, and speed.

Example:

    python tools/complexity.py --json=complexity.json
    python tools/complexity.py --model=saved_models/cmu_27f
    python tools/complexity.py --training --noself_pairs

Without --model and --filter_widths, it is the paper's four: 9, 27, 81 and 243 frames.
"""

from __future__ import annotations

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
import dataclasses
from collections.abc import Iterator

from absl import flags

from anatomy_tf.choices import ASSEMBLIES, LENGTH_NETWORKS, VISIBILITY
from anatomy_tf.command_line import run_tool, whole_numbers
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.complexity import (
    CLIP_FRAMES,
    count_multiplies,
    count_parameters,
    measure_speeds,
    paper_flops,
)
from anatomy_tf.evaluation.error_report import format_protocol, write_report
from anatomy_tf.evaluation.training_cost import Machines, step_cost
from anatomy_tf.files import check_output_file
from anatomy_tf.models.lifter import AnatomyLifter, load_lifter
from anatomy_tf.training.choices import LENGTH_PASSES

FLAGS = flags.FLAGS
SAMPLED_FRAMES = 50
SETTINGS = (
    *("filter_widths", "channels", "causal", "sub_networks", "visibility", "long_skips"),
    *("length_network", "assembly", "self_pairs"),
)
COUNTS_NOTE = """\
parameters: trainable ones, those of the joint shifts included
by window, clip, stream: multiplies for one frame of joints, from given bone lengths
lengths: multiplies of the length network for one frame that bone lengths are taken from"""
SPEEDS_NOTE = f"""\
fps: frames a second, median (quartiles); of {CLIP_FRAMES}-frame clips with their bone lengths,
     and of windows one by one from given bone lengths"""

flags.DEFINE_string("model", None, "Name of a shipped model, or its file or folder.")
flags.DEFINE_list("filter_widths", None, "Odd widths of the convolutions over time.")
flags.DEFINE_integer("channels", 1024, "Channels of every hidden layer.", lower_bound=1)
flags.DEFINE_boolean("causal", False, "Read no frame after the current one.")
flags.DEFINE_integer("sub_networks", 2, "Direction sub-networks.", lower_bound=1, upper_bound=3)
flags.DEFINE_enum("visibility", "attention", VISIBILITY, "How visibility scores enter.")
flags.DEFINE_boolean("long_skips", True, "Sub-networks read the one below, and train one by one.")
flags.DEFINE_enum("length_network", "attention", LENGTH_NETWORKS, "How frames give bone lengths.")
flags.DEFINE_enum("assembly", "released", ASSEMBLIES, "How joints come about.")
flags.DEFINE_boolean("self_pairs", True, "Joint shifts of the paper's models: 17 more pairs.")
flags.DEFINE_boolean("training", False, "What training steps on many devices cost, instead.")
flags.DEFINE_enum("length_pass", "exact", LENGTH_PASSES, "Of the training steps.")
flags.DEFINE_integer("batch_size", 1024, "Of the training steps, on all devices.", lower_bound=1)
flags.DEFINE_float("tflops", 40, "What a device computes in a second, in 10^12 FLOPs.", 1e-3)
flags.DEFINE_float("gbytes", 10, "What a device sends in a second, in 10^9 bytes.", 1e-3)
flags.DEFINE_float("latency_us", 50, "A sum over all devices of next to nothing, in 10^-6 s.", 0)
flags.DEFINE_boolean("measure", True, "Measure the speed, some seconds a model.")
flags.DEFINE_string("json", None, "File for all numbers.")


def main() -> None:
    check_output_file(FLAGS.json)
    if FLAGS.training:
        _print_steps(list(_models()))
        return
    costs = [_costs_of(model) for model in _models()]
    _print_table(costs)
    if FLAGS.json:
        write_report({"models": costs}, FLAGS.json)


def _models() -> Iterator[AnatomyLifter]:
    if FLAGS.model:
        for name in SETTINGS:
            if FLAGS[name].present:
                raise InputError(f"--{name}: a finished model brings its own")
        yield load_lifter(FLAGS.model)
        return
    settings = {name: FLAGS[name].value for name in SETTINGS}
    sizes = [[3] * stages for stages in (2, 3, 4, 5)]
    if FLAGS.filter_widths is not None:
        sizes = [whole_numbers("filter_widths", FLAGS.filter_widths)]
    for filter_widths in sizes:
        yield AnatomyLifter(**settings | {"filter_widths": filter_widths})


def _costs_of(model: AnatomyLifter) -> dict:
    directions, lengths = paper_flops(model)
    costs = {
        "model": {name: getattr(model, name) for name in SETTINGS},
        "window_frames": model.receptive_field,
        "parameters": count_parameters(model),
        "paper_flops": {"directions": directions, "lengths": lengths},
        "multiplies": dataclasses.asdict(count_multiplies(model)),
    }
    if FLAGS.measure:
        costs["frames_per_second"] = measure_speeds(model)
    return costs


def _print_table(costs: list[dict]) -> None:
    rows = [["model", "parameters", "paper FLOPs", "by window", "by clip", "by stream", "lengths"]]
    if FLAGS.measure:
        rows[0] += ["clip fps", "window fps"]
    for cost in costs:
        flops, multiplies = cost["paper_flops"], cost["multiplies"]
        row = [f"{cost['window_frames']} frames", f"{cost['parameters']:,}"]
        row.append(" + ".join(_millions(number) for number in flops.values() if number))
        row += [_millions(number) if number else "-" for number in multiplies.values()]
        for speed in cost.get("frames_per_second", {}).values():
            quartiles = f"({speed['lower_quartile']:.0f}-{speed['upper_quartile']:.0f})"
            row.append(f"{speed['median']:.0f} {quartiles}")
        rows.append(row)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
    settings = {name: costs[0]["model"][name] for name in SETTINGS[1:]}
    print(f"({format_protocol(settings)})")
    print(COUNTS_NOTE)
    if FLAGS.measure:
        print(SPEEDS_NOTE)


def _print_steps(models: list[AnatomyLifter]) -> None:
    """Counts of a step, and estimates for several numbers of devices."""
    machines = Machines(1e12 * FLAGS.tflops, 1e9 * FLAGS.gbytes, 1e-6 * FLAGS.latency_us)
    numbers = (1, 8, 64)
    print("     model  GFLOPs/example  MB/step  sums   ms/step (and share of it that is compute)")
    print(" " * 43 + "".join(f"{n} devices".rjust(15) for n in numbers))
    for model in models:
        cost = step_cost(model, SAMPLED_FRAMES, FLAGS.length_pass)
        seconds = [cost.seconds(FLAGS.batch_size, n, machines) for n in numbers]
        shown = (
            f"{1000 * one:8.1f} ({100 * seconds[0] / n / one:3.0f}%)"
            for n, one in zip(numbers, seconds, strict=True)
        )
        sent = (cost.gradient_bytes + cost.statistics_bytes) / 1e6
        print(
            f"{model.receptive_field:3} frames  {2 * cost.multiplies / 1e9:14.2f}  {sent:7.1f}  "
            f"{cost.sums:4}  {''.join(shown)}"
        )


def _millions(number: int) -> str:
    return f"{number // 10_000 / 100:.2f}M"  # cut off, as in the paper


if __name__ == "__main__":
    run_tool(main, __doc__)
