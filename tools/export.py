"""A finished model as a TensorFlow SavedModel and as a TFLite file.

Example:

    python tools/export.py --model=saved_models/cmu_27f --saved_model_dir=exported --tflite=lifter.tflite
"""

from __future__ import annotations

from absl import flags

from anatomy_tf.command_line import run_tool
from anatomy_tf.errors import InputError
from anatomy_tf.export.export import export
from anatomy_tf.models.lifter import load_lifter

FLAGS = flags.FLAGS

flags.DEFINE_string("model", None, "A .keras file, or a folder with model.keras.", required=True)
flags.DEFINE_string("saved_model_dir", None, "New folder for the SavedModel.")
flags.DEFINE_string("tflite", None, "File for the TFLite model.")


def main() -> None:
    if not (FLAGS.saved_model_dir or FLAGS.tflite):
        raise InputError("nothing to export: give --saved_model_dir, --tflite, or both")
    export(load_lifter(FLAGS.model), FLAGS.saved_model_dir, FLAGS.tflite)
    print("wrote", " and ".join(filter(None, (FLAGS.saved_model_dir, FLAGS.tflite))))


if __name__ == "__main__":
    run_tool(main, __doc__)
