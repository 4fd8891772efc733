"""What a model says of itself: what it is, its joints, what it takes and gives, and its card.

FILE is a SavedModel, a folder for TensorFlow Serving, a .tflite, .onnx or .keras file, or a folder
with model.keras.

Example:

    python tools/describe_model.py lifter.tflite
    python tools/describe_model.py --json saved_models/cmu_27f
"""

from __future__ import annotations

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
import json

from absl import flags

from anatomy_tf.command_line import run_tool
from anatomy_tf.export.description.describe import format_description, read_metadata

FLAGS = flags.FLAGS

flags.DEFINE_boolean("json", False, "Print all metadata, as JSON.")


def main(file: str) -> None:
    metadata = read_metadata(file)
    print(json.dumps(metadata, indent=1) if FLAGS.json else format_description(metadata))


if __name__ == "__main__":
    run_tool(main, __doc__, arguments=("FILE",))
