r"""A finished model for other programs: a SavedModel, a folder for TensorFlow Serving, a TFLite or
an ONNX file.

Example:

    python tools/export.py --model=saved_models/cmu_27f --serving_dir=serving \
        --tflite=lifter.tflite --tflite_precision=int8

docs/serving.md and docs/on_device.md have the signatures; tools/describe_model.py prints those of a
file.
"""

from __future__ import annotations

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
import dataclasses

from absl import flags

from anatomy_tf.command_line import run_tool
from anatomy_tf.data import sources
from anatomy_tf.data.keypoint_sets import KEYPOINT_SETS
from anatomy_tf.export.description.metadata import read_card
from anatomy_tf.export.onnx import SIGNATURES
from anatomy_tf.export.tflite.tflite_file import PRECISIONS
from anatomy_tf.export.written_outputs import Outputs, check_outputs, export
from anatomy_tf.models.lifter import load_lifter
from anatomy_tf.shipped import model_path

FLAGS = flags.FLAGS

flags.DEFINE_string("model", None, "Name of a shipped model, or its file or folder.", required=True)

flags.DEFINE_enum(
    "keypoint_set", None, list(KEYPOINT_SETS), "What keypoints it takes, if not the model's joints."
)

flags.DEFINE_string("saved_model_dir", None, "New folder for a SavedModel.")

flags.DEFINE_string("serving_dir", None, "Folder for TensorFlow Serving, new or with versions.")
flags.DEFINE_string("serving_name", "anatomy", "What the server calls the model.")
flags.DEFINE_integer("serving_version", None, "Version (default: the next).", lower_bound=1)

flags.DEFINE_string("tflite", None, "File for a TFLite model.")
flags.DEFINE_enum("tflite_precision", "float32", PRECISIONS, "Numbers that it computes with.")
flags.DEFINE_integer("tflite_frames", None, "Fix its clips to so many frames.", lower_bound=1)
flags.DEFINE_enum("data", "cmu", sources.NAMES, "Data whose training clips set the scales of int8.")
flags.DEFINE_string("data_dir", None, "Folder of that data, instead of the shipped one.")

flags.DEFINE_string("onnx", None, "File for an ONNX model.")
flags.DEFINE_enum("onnx_signature", "lift", SIGNATURES, "What it computes.")


def main() -> None:
    outputs = Outputs(
        saved_model_dir=FLAGS.saved_model_dir,
        serving_dir=FLAGS.serving_dir,
        serving_name=FLAGS.serving_name,
        serving_version=FLAGS.serving_version,
        tflite=FLAGS.tflite,
        tflite_precision=FLAGS.tflite_precision,
        tflite_frames=FLAGS.tflite_frames,
        onnx=FLAGS.onnx,
        onnx_signature=FLAGS.onnx_signature,
        keypoint_set=FLAGS.keypoint_set,
    )
    check_outputs(outputs)
    path = model_path(FLAGS.model)
    model, card = load_lifter(path), read_card(path)
    if FLAGS.tflite and FLAGS.tflite_precision == "int8":
        source = sources.open_source(FLAGS.data, FLAGS.data_dir)
        calibration = sources.read_clips(source, source.train_subjects, "detected")
        outputs = dataclasses.replace(outputs, calibration=calibration)
    written = export(model, outputs, card)
    print("wrote", ", ".join(written))


if __name__ == "__main__":
    run_tool(main, __doc__)
