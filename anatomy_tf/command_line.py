"""What all tools share, for those that load TensorFlow at once: as `run_tool`, after
`quiet_tensorflow`, but for `--help`.
"""

from __future__ import annotations

from anatomy_tf import help_without_tensorflow

if help_without_tensorflow.is_asked_for():
    help_without_tensorflow.stand_in()
else:
    import anatomy_tf.quiet_tensorflow  # noqa: F401
from anatomy_tf.run_tool import flag_group, given_flags, image_size, run_tool, whole_numbers

__all__ = ["flag_group", "given_flags", "image_size", "run_tool", "whole_numbers"]
