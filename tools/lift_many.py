r"""3D poses of a whole library of videos, or of detectors' files, on several processes or machines.

Examples:

    python tools/lift_many.py --files='videos/**/*.mp4' --output_dir=lifted --workers=4
    python tools/lift_many.py --manifest=library.csv --output_dir=lifted --outputs=npz,bvh
    python tools/lift_many.py --manifest=library.txt --output_dir=/mnt/shared/lifted -- \
        --runner=FlinkRunner --flink_master=localhost:8081

What comes after -- are options of Apache Beam, which runs it. The folder gets a result a video,
index.csv, and failed.csv with the reasons of what could not be lifted. The same command again lifts
what is not there yet. docs/lifting_many.md has more.
"""

from __future__ import annotations

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
import pathlib

from absl import flags

from anatomy_tf.command_line import flag_group, run_tool
from anatomy_tf.errors import InputError
from anatomy_tf.files import check_output_folder
from anatomy_tf.installation import check_installed
from anatomy_tf.library.entries import entries_of_manifest, entries_of_patterns
from anatomy_tf.library.lifting import LibrarySettings
from anatomy_tf.library.results import DETECTIONS, FAILED, INDEX, read_lists
from anatomy_tf.lift_flags import define_lift_flags, lift_settings
from anatomy_tf.poses.formats import FORMATS as FILES

FLAGS = flags.FLAGS

with flag_group("In and out"):
    flags.DEFINE_list("files", None, "Patterns of videos or detectors' files; ** is any folder.")
    flags.DEFINE_string("manifest", None, "A list of them: a path a line, or .csv with a header.")
    flags.DEFINE_string("output_dir", None, "Folder for the results and lists.", required=True)
    flags.DEFINE_list(
        "outputs",
        ["npz"],
        f"What is written of each: {', '.join(ending[1:] for ending in FILES)}, {DETECTIONS}.",
    )
    flags.DEFINE_integer("workers", 1, "Processes on this machine; not with a --runner of Beam.", 1)
define_lift_flags()


def main(*beam_options: str) -> None:
    check_installed("apache_beam", "beam", "many videos need Apache Beam")
    if (FLAGS.files is None) == (FLAGS.manifest is None):
        raise InputError("give either --files or --manifest")
    entries = (
        entries_of_patterns(FLAGS.files)
        if FLAGS.manifest is None
        else entries_of_manifest(FLAGS.manifest)
    )
    folder = pathlib.Path(FLAGS.output_dir)
    check_output_folder(folder)
    from anatomy_tf.library.pipeline import run_library  # takes a while to load

    run_library(entries, folder, _settings(), [*_local_workers(), *beam_options])
    lifted, failed = read_lists(folder)
    print(f"{len(lifted)} of {len(entries)} files are lifted: {folder / INDEX}")
    if failed:
        raise InputError(f"{len(failed)} of {len(entries)} files could not be: {folder / FAILED}")


def _settings() -> LibrarySettings:
    given = lift_settings()
    if pathlib.Path(FLAGS.model).exists():  # workers may have another current folder
        given["model"] = str(pathlib.Path(FLAGS.model).resolve())
    return LibrarySettings(**given, outputs=tuple(FLAGS.outputs))


def _local_workers() -> list[str]:
    if FLAGS.workers == 1:
        return []
    return ["--direct_running_mode=multi_processing", f"--direct_num_workers={FLAGS.workers}"]


if __name__ == "__main__":
    run_tool(main, __doc__, ["beam_option ..."])
