"""Loads Apache Beam without its warnings about packages of clouds that are not in use."""

from __future__ import annotations

from anatomy_tf.native_output import silent_standard_error

with silent_standard_error():
    import apache_beam  # noqa: F401
