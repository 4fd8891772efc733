"""What all tools share, for those that load TensorFlow at once: as `run_tool`, after
`quiet_tensorflow`.
"""

from __future__ import annotations

import anatomy_tf.quiet_tensorflow  # noqa: F401  # isort: skip
from anatomy_tf.run_tool import given_flags, image_size, run_tool, whole_numbers

__all__ = ["given_flags", "image_size", "run_tool", "whole_numbers"]
