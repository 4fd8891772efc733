r"""Motion capture -> a folder to train on: synthetic actors, cameras and a simulated 2D detector.

Example:

    python tools/prepare_mocap.py --input=captures --output_dir=data/own
    python tools/train.py --flagfile=configs/cmu_27f.cfg --data=own --data_dir=data/own \
        --output_dir=runs/own

docs/own_mocap.md says what is read, what is simulated, and how other rigs are mapped.
"""

from __future__ import annotations

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
import pathlib

from absl import flags

from anatomy_tf.command_line import run_tool
from anatomy_tf.data.motion.capture_cameras import read_cameras
from anatomy_tf.data.motion.captured import Captured, Reading, read_captured
from anatomy_tf.data.motion.frames import check_scipy
from anatomy_tf.data.motion.joint_mapping import NoMappingFitsError, read_mapping
from anatomy_tf.data.motion.mapping_start import write_mapping_start
from anatomy_tf.data.motion.motion_files import find_motion_files
from anatomy_tf.data.motion.training_set import Staging, write_training_set
from anatomy_tf.data.motion.vertical_axis import AUTO, UPS
from anatomy_tf.errors import InputError
from anatomy_tf.files import check_new_folder

FLAGS = flags.FLAGS

flags.DEFINE_string("input", None, "A .bvh or .amc file, or a folder of them.", required=True)
flags.DEFINE_string("output_dir", None, "Folder to write; must be new or empty.", required=True)
flags.DEFINE_enum("up", AUTO, (AUTO, *UPS), "The files' vertical axis; auto: told by the body.")
flags.DEFINE_float("unit", None, "Metres per unit of the files, if the guess is wrong.", 1e-6, 1e3)
flags.DEFINE_string("mapping", None, "File that says where the joints are, for other rigs.")
flags.DEFINE_string(
    "write_mapping",
    None,
    "Mapping file to start from, written where no ready-made one fits; OUTPUT_DIR_mapping.txt "
    "by default.",
)
flags.DEFINE_string("asf", None, "Skeleton of .amc files, instead of the one found by name.")
flags.DEFINE_float("bvh_fps", None, "Frames per second of .bvh files, if theirs is wrong.", 1, 1e4)
flags.DEFINE_float(
    "amc_fps", None, "Frames per second of .amc files, which do not tell; 120 by default.", 1, 1e4
)
flags.DEFINE_boolean("keep_lead_in", False, "Keep a rest pose at the start of a motion.")
flags.DEFINE_integer("actors_per_motion", 2, "Actors who do each motion.", 1, 100)
flags.DEFINE_string("cameras", None, "JSON file of cameras, instead of four drawn for each take.")
flags.DEFINE_float("test_share", 0.15, "Share of the motions for test.", 0, 0.9)
flags.DEFINE_list("test_folders", None, "Sub-folders whose motions are the test split instead.")
flags.DEFINE_float("longest_seconds", 30, "Longer motions are cut into takes.", 1, 3600)
flags.DEFINE_float("shortest_seconds", 1, "Shorter motions are left out.", 0.1, 60)
flags.DEFINE_integer("seed", 0, "What everything random follows from.", lower_bound=0)


def main() -> None:
    check_scipy()
    check_new_folder(FLAGS.output_dir)
    reading = Reading(
        up=FLAGS.up,
        metres_per_unit=FLAGS.unit,
        mapping=read_mapping(FLAGS.mapping) if FLAGS.mapping else None,
        bvh_fps=FLAGS.bvh_fps,
        amc_fps=FLAGS.amc_fps,
        skeleton=FLAGS.asf,
        keep_lead_in=FLAGS.keep_lead_in,
    )
    motions, test_motions = _read_all(reading)
    staging = Staging(
        actors_per_motion=FLAGS.actors_per_motion,
        cameras=tuple(read_cameras(FLAGS.cameras)) if FLAGS.cameras else None,
        test_share=FLAGS.test_share,
        test_motions=test_motions,
        longest_seconds=FLAGS.longest_seconds,
        shortest_seconds=FLAGS.shortest_seconds,
        seed=FLAGS.seed,
    )
    write_training_set(FLAGS.output_dir, motions, staging)


def _read_all(reading: Reading) -> tuple[list[Captured], tuple[int, ...] | None]:
    """The motions that can be read; of a folder, the others are named and left out.

    Also the numbers of those in `--test_folders`, or None where no folders are named.
    """
    files = find_motion_files(FLAGS.input)
    folders = FLAGS.test_folders or []
    for folder in folders:
        if not any(_in_folder(path, folder) for path in files):
            raise InputError(f"--test_folders: there are no motions in a folder {folder}")
    motions, test_motions, unknown_rigs = [], [], []
    for path in files:
        try:
            motion = read_captured(path, FLAGS.input, reading)
        except InputError as error:
            if isinstance(error, NoMappingFitsError):
                unknown_rigs.append(error)
            if len(files) > 1:
                print(f"left out: {error}", flush=True)
            elif not unknown_rigs:
                raise
            continue
        print(f"{path}: {motion.notes}", flush=True)
        if any(_in_folder(path, folder) for folder in folders):
            test_motions.append(len(motions))
        motions.append(motion)
    if unknown_rigs:
        advice = write_mapping_start(_mapping_start(), unknown_rigs[0].motion)
        if not motions:
            raise InputError(f"{unknown_rigs[0]}; {advice}")
        print(advice, flush=True)
    return motions, tuple(test_motions) if folders else None


def _in_folder(path: pathlib.Path, folder: str) -> bool:
    return folder in path.relative_to(FLAGS.input).parent.parts


def _mapping_start() -> pathlib.Path:
    output = pathlib.Path(FLAGS.output_dir)
    output = output if output.name else output.resolve()
    return pathlib.Path(FLAGS.write_mapping or output.with_name(f"{output.name}_mapping.txt"))


if __name__ == "__main__":
    run_tool(main, __doc__)
