"""A finished model as a TensorFlow SavedModel and as a TFLite file.

Example:

    python tools/export.py --model=saved_models/cmu_27f --saved_model_dir=exported --tflite=lifter.tflite
"""

from __future__ import annotations

from absl import flags

from anatomy_tf.command_line import run_tool
from anatomy_tf.errors import InputError
from anatomy_tf.export.saved_model import export_saved_model
from anatomy_tf.export.tflite import export_tflite
from anatomy_tf.models.lifter import load_lifter

FLAGS = flags.FLAGS

flags.DEFINE_string("model", None, "A .keras file, or a folder with model.keras.", required=True)
flags.DEFINE_string("saved_model_dir", None, "New folder for the SavedModel.")
flags.DEFINE_string("tflite", None, "File for the TFLite model.")


def main() -> None:
    if not (FLAGS.saved_model_dir or FLAGS.tflite):
        raise InputError("nothing to export: give --saved_model_dir, --tflite, or both")
    model = load_lifter(FLAGS.model)
    if FLAGS.saved_model_dir:
        export_saved_model(model, FLAGS.saved_model_dir)
        print(f"wrote {FLAGS.saved_model_dir}")
    if FLAGS.tflite:
        export_tflite(model, FLAGS.tflite)
        print(f"wrote {FLAGS.tflite}")


if __name__ == "__main__":
    run_tool(main, __doc__)
