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

from anatomy_tf.command_line import image_size, run_tool
from anatomy_tf.data.detections.reading import FORMATS as DETECTORS
from anatomy_tf.errors import InputError
from anatomy_tf.files import check_output_folder
from anatomy_tf.installation import check_installed
from anatomy_tf.library.entries import entries_of_manifest, entries_of_patterns
from anatomy_tf.library.lifting import LiftSettings
from anatomy_tf.library.results import DETECTIONS, FAILED, INDEX, read_lists
from anatomy_tf.poses.formats import FORMATS as FILES
from anatomy_tf.poses.pose_lifter import MAX_GAP
from anatomy_tf.video.people_in_video import MOST_PEOPLE

FLAGS = flags.FLAGS

flags.DEFINE_list("files", None, "Patterns of videos or detectors' files; ** is any folder.")
flags.DEFINE_string("manifest", None, "A list of them: a path a line, or .csv with a header.")
flags.DEFINE_string("output_dir", None, "Folder for the results and lists.", required=True)
flags.DEFINE_list(
    "outputs",
    ["npz"],
    f"What is written of each: {', '.join(ending[1:] for ending in FILES)}, {DETECTIONS}.",
)
flags.DEFINE_integer("workers", 1, "Processes on this machine; not with a --runner of Beam.", 1)
flags.DEFINE_string("model", "any_81f", "A model's name, or its file or folder.")
flags.DEFINE_enum("format", "auto", DETECTORS, "What wrote the detectors' files.")
flags.DEFINE_string("resolution", None, "Of all videos, WxH in pixels, if files do not tell.")
flags.DEFINE_float("fps", None, "Frames per second, if files do not tell or are wrong.", 0)
flags.DEFINE_string("person", "largest", "Whom to lift: largest, most_confident, all, or a number.")
flags.DEFINE_integer(
    "most_people", MOST_PEOPLE, "Who are followed in a video at a time.", 1, MOST_PEOPLE
)
flags.DEFINE_float("max_gap", MAX_GAP, "Gaps of up to so many seconds are filled.", 0)
flags.DEFINE_float("focal", None, "Focal length in pixels; without, it is guessed.")
flags.DEFINE_float("height", None, "Of all people in metres, by which lengths are made right.")
flags.DEFINE_boolean("world", True, "Place people in a level world, where they go and stand.")
flags.DEFINE_boolean("repair_swaps", True, "Put right where left and right were taken wrongly.")
flags.DEFINE_boolean("flip", True, "Average with the result for the mirrored clip.")


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


def _settings() -> LiftSettings:
    own = pathlib.Path(FLAGS.model).exists()  # workers may have another current folder
    return LiftSettings(
        model=str(pathlib.Path(FLAGS.model).resolve() if own else FLAGS.model),
        outputs=tuple(FLAGS.outputs),
        resolution=image_size("resolution", FLAGS.resolution),
        **{
            name: FLAGS[name].value
            for name in (
                *("format", "fps", "person", "most_people", "max_gap", "focal", "height"),
                *("world", "repair_swaps", "flip"),
            )
        },
    )


def _local_workers() -> list[str]:
    if FLAGS.workers == 1:
        return []
    return ["--direct_running_mode=multi_processing", f"--direct_num_workers={FLAGS.workers}"]


if __name__ == "__main__":
    run_tool(main, __doc__, ["beam_option ..."])
