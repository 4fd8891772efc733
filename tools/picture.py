"""A picture of a lifted clip: keypoints, and the 3D pose from the front and from the side.

Example:

    python tools/picture.py --model=saved_models/cmu_27f --clip=A11/salsa_02/1 --output=salsa.png
"""

from __future__ import annotations

import numpy as np
from absl import flags

from anatomy_tf.command_line import run_tool
from anatomy_tf.data import sources
from anatomy_tf.errors import InputError
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.lifter import load_lifter
from anatomy_tf.visualize.pose_picture import draw_clip

FLAGS = flags.FLAGS

flags.DEFINE_string("model", None, "A .keras file, or a folder with model.keras.", required=True)
flags.DEFINE_enum("data", "cmu", sources.NAMES, "What data the clip is of.")
flags.DEFINE_string("data_dir", None, "Folder of the data, instead of the shipped one.")
flags.DEFINE_string("clip", None, "Clip as subject/take/camera.", required=True)
flags.DEFINE_integer("columns", 6, "Frames to draw, evenly spaced over the clip.", lower_bound=1)
flags.DEFINE_boolean("flip", False, "Average with the result for the mirrored clip.")
flags.DEFINE_string("output", None, "File for the picture, .png or .svg.", required=True)


def main() -> None:
    lifter = ClipLifter(load_lifter(FLAGS.model), flip=FLAGS.flip)
    source = sources.open_source(FLAGS.data, FLAGS.data_dir)
    clips = {clip.name: clip for clip in source.clips([FLAGS.clip.split("/")[0]])}
    if FLAGS.clip not in clips:
        raise InputError(f"--clip={FLAGS.clip}: no such clip; one there is {next(iter(clips))}")
    clip = clips[FLAGS.clip]
    frames = np.linspace(0, len(clip) - 1, FLAGS.columns).round().astype(int)
    draw_clip(clip, lifter(clip)["joints"], frames, FLAGS.output, title=clip.name)
    print(f"wrote {FLAGS.output}")


if __name__ == "__main__":
    run_tool(main, __doc__)
