r"""Human3.6M as a folder that the other tools read with --data=human36m --data_dir.

From the archives that Human3.6M hands out, with the joints as the cameras see them in place of
detections:

    python tools/prepare_h36m.py --archives=downloads --output_dir=h36m_gt

From the files that papers share, with detections and the visibility scores of the paper's authors:

    python tools/prepare_h36m.py --poses=data_3d_h36m.npz \
        --detections=data_2d_h36m_cpn_ft_h36m_dbb.npz --scores=score.pkl --output_dir=h36m_cpn
"""

from __future__ import annotations

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
from absl import flags

from anatomy_tf.command_line import run_tool
from anatomy_tf.data.sets.human36m.archives import takes_of_archives
from anatomy_tf.data.sets.human36m.community import read_shared_detections, takes_of_file
from anatomy_tf.data.sets.human36m.prepare import write_human36m
from anatomy_tf.data.sets.human36m.takes import SUBJECTS
from anatomy_tf.errors import InputError
from anatomy_tf.files import check_new_folder

FLAGS = flags.FLAGS

flags.DEFINE_string("archives", None, "Folder with Poses_D3_Positions_S1.tgz and so on.")
flags.DEFINE_string("poses", None, "data_3d_h36m.npz, instead of archives.")
flags.DEFINE_string("detections", None, "data_2d_h36m_*.npz; without it, joints are projected.")
flags.DEFINE_string("scores", None, "score.pkl: visibility of the detections.")
flags.DEFINE_string("output_dir", None, "The folder to write; must be new.", required=True)


def main() -> None:
    if bool(FLAGS.archives) == bool(FLAGS.poses):
        raise InputError("give either --archives or --poses")
    if FLAGS.scores and not FLAGS.detections:
        raise InputError("--scores are those of --detections, which are not given")
    check_new_folder(FLAGS.output_dir)
    takes = takes_of_archives(FLAGS.archives) if FLAGS.archives else takes_of_file(FLAGS.poses)
    detections = FLAGS.detections and read_shared_detections(FLAGS.detections, FLAGS.scores)
    frames = write_human36m(FLAGS.output_dir, takes, detections)
    print(f"wrote {FLAGS.output_dir}: {sum(frames.values()):,} frames of {', '.join(frames)}")
    missing = [subject for subject in SUBJECTS if subject not in frames]
    if missing:
        print(f"without {', '.join(missing)}, who are not in the input: no standard results")


if __name__ == "__main__":
    run_tool(main, __doc__)
