"""Loads TensorFlow without its greeting.

It greets with lines about oneDNN and CUDA that no log level hides. A tool's one clear line must not
drown in them, so a tool loads this before all else that needs TensorFlow.
"""

from __future__ import annotations

import os

from anatomy_tf.native_output import silent_standard_error

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"  # a tool is the whole program, and needs this one
with silent_standard_error():
    import tensorflow

# It warns of tracing several models in one process, which is what comparing them takes.
tensorflow.get_logger().setLevel("ERROR")
