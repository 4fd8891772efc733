"""Trains variants of the model with the same training and seeds, and leaves a table and a plot of
their errors.

Example:

    python tools/ablate.py --flagfile=configs/ablation/cmu_small.cfg --output_dir=runs/ablation

The folder gets a run a variant and seed, and after every run anew table.md, runs.csv and plot.png
of those that are finished. After an interruption, the same command goes on where it stopped.
"""

from __future__ import annotations

import itertools
import pathlib
import re
import shutil
import signal
import subprocess
import sys

from absl import flags

from anatomy_tf.command_line import run_tool, whole_numbers
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.ablation import Result, read_report, read_variant, write_table
from anatomy_tf.files import replacing, writable_folder
from anatomy_tf.training.loop import has_checkpoint
from anatomy_tf.visualize.ablation_chart import draw_ablation
from anatomy_tf.visualize.figure import check_figure_file

FLAGS = flags.FLAGS
TRAIN = pathlib.Path(__file__).parent / "train.py"

flags.DEFINE_string("output_dir", None, "Folder for runs, table and plot.", required=True)
flags.DEFINE_list("rows", None, "Variants: names of flagfiles in --folder.", required=True)
flags.DEFINE_string("folder", "configs/ablation", "Folder of the variants' flagfiles.")
flags.DEFINE_list("seeds", ["0"], "Seeds to train every variant with.")
flags.DEFINE_string("training", None, "Flagfile of the training, put over those of the variants.")
flags.DEFINE_string("data_dir", None, "Folder of the data, instead of what the flagfiles say.")


def main() -> None:
    output_dir = writable_folder(FLAGS.output_dir)
    variants = [read_variant(pathlib.Path(FLAGS.folder) / f"{row}.cfg") for row in FLAGS.rows]
    seeds = whole_numbers("seeds", FLAGS.seeds)
    check_figure_file(output_dir / "plot.png")
    for row in FLAGS.rows:
        _keep_plan(row, output_dir / row)
    results = {variant: Result(variant, {}) for variant in variants}
    # Seed by seed, so that an unfinished table compares all variants already.
    for seed, variant in itertools.product(seeds, variants):
        run_dir = output_dir / variant.name / f"seed_{seed}"
        if not (run_dir / "metrics.json").is_file():
            print(f"{variant.title}, seed {seed}", flush=True)
            _train(variant.name, seed, run_dir)
        results[variant].reports[seed] = read_report(run_dir / "metrics.json")
        finished = [result for result in results.values() if result.reports]
        table = write_table(finished, output_dir)
        draw_ablation(finished, output_dir / "plot.png")
    print(table)


def _train(row: str, seed: int, run_dir: pathlib.Path) -> None:
    command = [sys.executable, str(TRAIN), f"--flagfile={FLAGS.folder}/{row}.cfg"]
    command += [f"--flagfile={FLAGS.training}"] if FLAGS.training else []
    command += [f"--data_dir={FLAGS.data_dir}"] if FLAGS.data_dir else []
    command += [f"--seed={seed}", f"--output_dir={run_dir}"]
    if has_checkpoint(run_dir):
        command.append("--resume")
    elif run_dir.is_dir():
        shutil.rmtree(run_dir)
    # Ctrl-C waits until there is a training to pass it on to; one that is just being started would
    # be left running.
    interrupted = []
    handler = signal.signal(signal.SIGINT, lambda *_: interrupted.append(True))
    # In a session of its own, the training gets Ctrl-C from here alone, and once: it then writes a
    # checkpoint.
    with subprocess.Popen(command, stdout=sys.stderr, start_new_session=True) as training:
        try:
            signal.signal(signal.SIGINT, handler)
            if interrupted:
                raise KeyboardInterrupt
            code = training.wait()
        except KeyboardInterrupt:
            training.send_signal(signal.SIGINT)
            training.wait()
            raise
    if code:
        raise InputError(f"{run_dir}: the training failed; {' '.join(command[1:])}")


def _keep_plan(row: str, row_dir: pathlib.Path) -> None:
    """Refuses to mix runs of different flags in one row."""
    plan = f"--data_dir={FLAGS.data_dir or ''}\n"
    flagfiles = [f"{FLAGS.folder}/{row}.cfg", *([FLAGS.training] if FLAGS.training else [])]
    for flagfile in flagfiles:
        try:
            text = pathlib.Path(flagfile).read_text(encoding="utf-8")
        except OSError as error:
            raise InputError(f"{flagfile}: cannot be read ({error.strerror})") from error
        flagfiles += re.findall(r"^--flagfile=(.+)$", text, re.MULTILINE)
        plan += text
    path = row_dir / "plan.cfg"
    if path.is_file() and path.read_text(encoding="utf-8") != plan:
        raise InputError(f"{path}: the runs in this folder were trained with other flags")
    with replacing(path) as temporary:
        temporary.write_text(plan, encoding="utf-8")


if __name__ == "__main__":
    run_tool(main, __doc__)
