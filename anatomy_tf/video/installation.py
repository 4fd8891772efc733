"""Whether what videos need is installed."""

from __future__ import annotations

import importlib.util

from anatomy_tf.errors import InputError
from anatomy_tf.installation import install_hint

_PACKAGES = {"av": "PyAV", "ai_edge_litert": "LiteRT", "PIL": "Pillow"}


def check_video_packages() -> None:
    """Raises an InputError where the packages of the extra `video` are missing."""
    for module, name in _PACKAGES.items():
        if importlib.util.find_spec(module) is None:
            raise InputError(f"videos need {name}: {install_hint('video')}")
