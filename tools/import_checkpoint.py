"""The paper authors' PyTorch checkpoint as a model of this project; nothing in the file is
executed.

A causal checkpoint makes a delayed model: its authors trained it against the frame in the middle of
a window of past frames, so that it tells where the body was half a window ago.

Example:

    python tools/import_checkpoint.py --checkpoint=epochfinal_60.bin --output=released_243f
"""

from __future__ import annotations

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
import math
import pathlib

from absl import flags

from anatomy_tf.command_line import run_tool
from anatomy_tf.export.released.import_released import import_released
from anatomy_tf.export.released.torch_checkpoint import read_epoch
from anatomy_tf.files import check_output_file, replacing

FLAGS = flags.FLAGS

flags.DEFINE_string("checkpoint", None, "A file that the released code saved.", required=True)
flags.DEFINE_boolean("causal", False, "The checkpoint is one of a causal model.")
flags.DEFINE_string("output", None, "A .keras file, or a folder for model.keras.", required=True)


def main() -> None:
    output = pathlib.Path(FLAGS.output)
    if output.suffix != ".keras":
        output = output / "model.keras"
    check_output_file(output)
    lifter = import_released(FLAGS.checkpoint, FLAGS.causal)
    epoch = read_epoch(FLAGS.checkpoint)
    with replacing(output) as temporary:
        lifter.save(temporary)
    parameters = sum(math.prod(variable.shape) for variable in lifter.trainable_variables)
    print(
        f"wrote {output}: {lifter.receptive_field} frames, {lifter.channels} channels, "
        f"{parameters:,} parameters" + (f", epoch {epoch}" if epoch else "")
    )


if __name__ == "__main__":
    run_tool(main, __doc__)
