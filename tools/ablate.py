"""Trains variants of the model with the same training and seeds, and leaves a table and a plot of
their errors.

Example:

    python tools/ablate.py --flagfile=configs/ablation/cmu_small.cfg --output_dir=runs/ablation

The folder gets a run a variant and seed, and after every run anew table.md, runs.csv and plot.png
of those that are finished. After an interruption, the same command goes on where it stopped.
"""

from __future__ import annotations

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
import itertools
import os
import pathlib
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence

from absl import flags

from anatomy_tf.command_line import run_tool, whole_numbers
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.ablation import Result, read_report, read_variant, write_table
from anatomy_tf.files import replacing, writable_folder
from anatomy_tf.flagfiles import read_flags
from anatomy_tf.shipped import flagfile_path
from anatomy_tf.training.checkpoints import has_checkpoint
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
    flagfiles = {row: _flagfiles(row) for row in FLAGS.rows}
    variants = [read_variant(row_flagfile) for row_flagfile, *_ in flagfiles.values()]
    flags_of_rows = {row: _flags(paths) for row, paths in flagfiles.items()}
    seeds = whole_numbers("seeds", FLAGS.seeds)
    check_figure_file(pathlib.Path(FLAGS.output_dir) / "plot.png")
    output_dir = writable_folder(FLAGS.output_dir)
    for row, row_flags in flags_of_rows.items():
        _keep_plan(row_flags, output_dir / row)
    results = {variant: Result(variant, {}) for variant in variants}
    # Seed by seed, so that an unfinished table compares all variants already.
    for seed, variant in itertools.product(seeds, variants):
        run_dir = output_dir / variant.name / f"seed_{seed}"
        if not (run_dir / "metrics.json").is_file():
            print(f"{variant.title}, seed {seed}", flush=True)
            _train(flagfiles[variant.name], seed, run_dir)
        results[variant].reports[seed] = read_report(run_dir / "metrics.json")
        finished = [result for result in results.values() if result.reports]
        table = write_table(finished, output_dir)
        draw_ablation(finished, output_dir / "plot.png")
    print(table)


def _flagfiles(row: str) -> list[pathlib.Path]:
    """The row's flagfile, and that of the training over it."""
    names = [f"{FLAGS.folder}/{row}.cfg", *([FLAGS.training] if FLAGS.training else [])]
    return [flagfile_path(name) for name in names]


def _flags(flagfiles: Sequence[pathlib.Path]) -> list[str]:
    """All flags of a row, but for its seed and its folder."""
    given = [f"--data_dir={FLAGS.data_dir}"] if FLAGS.data_dir else []
    return [*itertools.chain.from_iterable(map(read_flags, flagfiles)), *given]


def _train(flagfiles: Sequence[pathlib.Path], seed: int, run_dir: pathlib.Path) -> None:
    command = [sys.executable, str(TRAIN), *(f"--flagfile={path}" for path in flagfiles)]
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
            if os.name == "posix":  # elsewhere there are no such sessions, and it got Ctrl-C itself
                training.send_signal(signal.SIGINT)
            training.wait()
            raise
    if code:
        raise InputError(f"{run_dir}: the training failed; {' '.join(command[1:])}")


def _keep_plan(row_flags: Sequence[str], row_dir: pathlib.Path) -> None:
    """Refuses to mix runs of different flags in one row."""
    plan = "".join(f"{flag}\n" for flag in row_flags)
    path = row_dir / "plan.cfg"
    if path.is_file() and path.read_text(encoding="utf-8") != plan:
        raise InputError(f"{path}: the runs in this folder were trained with other flags")
    with replacing(path) as temporary:
        temporary.write_text(plan, encoding="utf-8")


if __name__ == "__main__":
    run_tool(main, __doc__)
