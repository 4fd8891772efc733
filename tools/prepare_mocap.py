r"""Motion capture -> a folder to train on: synthetic actors, cameras and a simulated 2D detector.

Example:

    python tools/prepare_mocap.py --input=captures --output_dir=data/own
    python tools/train.py --flagfile=configs/cmu_27f.cfg --data=own --data_dir=data/own \
        --output_dir=runs/own

docs/own_mocap.md says what is read, what is simulated, and how other rigs are mapped.
"""

from __future__ import annotations

from absl import flags

from anatomy_tf.command_line import run_tool
from anatomy_tf.data.motion.capture_cameras import read_cameras
from anatomy_tf.data.motion.captured import Captured, Reading, read_captured
from anatomy_tf.data.motion.frames import check_scipy
from anatomy_tf.data.motion.joint_mapping import read_mapping
from anatomy_tf.data.motion.joint_motion import UPS
from anatomy_tf.data.motion.motion_files import find_motion_files
from anatomy_tf.data.motion.training_set import Staging, write_training_set
from anatomy_tf.errors import InputError
from anatomy_tf.files import check_new_folder

FLAGS = flags.FLAGS

flags.DEFINE_string("input", None, "A .bvh or .amc file, or a folder of them.", required=True)
flags.DEFINE_string("output_dir", None, "Folder to write; must be new or empty.", required=True)
flags.DEFINE_enum("up", "y", UPS, "The files' vertical axis.")
flags.DEFINE_float("unit", None, "Metres per unit of the files, if the guess is wrong.", 1e-6, 1e3)
flags.DEFINE_string("mapping", None, "File that says where the joints are, for other rigs.")
flags.DEFINE_float("amc_fps", 120, "Frames per second of .amc files, which do not tell.", 1, 1000)
flags.DEFINE_boolean("keep_lead_in", False, "Keep a rest pose at the start of a motion.")
flags.DEFINE_integer("actors_per_motion", 2, "Actors who do each motion.", 1, 100)
flags.DEFINE_string("cameras", None, "JSON file of cameras, instead of four drawn for each take.")
flags.DEFINE_float("test_share", 0.15, "Share of the motions for test.", 0, 0.9)
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
        amc_fps=FLAGS.amc_fps,
        keep_lead_in=FLAGS.keep_lead_in,
    )
    staging = Staging(
        actors_per_motion=FLAGS.actors_per_motion,
        cameras=tuple(read_cameras(FLAGS.cameras)) if FLAGS.cameras else None,
        test_share=FLAGS.test_share,
        longest_seconds=FLAGS.longest_seconds,
        shortest_seconds=FLAGS.shortest_seconds,
        seed=FLAGS.seed,
    )
    write_training_set(FLAGS.output_dir, _read_all(reading), staging)


def _read_all(reading: Reading) -> list[Captured]:
    """The motions that can be read; of a folder, the others are named and left out."""
    files = find_motion_files(FLAGS.input)
    motions = []
    for path in files:
        try:
            motions.append(read_captured(path, FLAGS.input, reading))
        except InputError as error:
            if len(files) == 1:
                raise
            print(f"left out: {error}", flush=True)
        else:
            print(f"{path}: {motions[-1].notes}", flush=True)
    return motions


if __name__ == "__main__":
    run_tool(main, __doc__)
