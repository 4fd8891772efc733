"""Whether what videos need is installed."""

from __future__ import annotations

from anatomy_tf.installation import check_installed

_PACKAGES = {"av": "PyAV", "ai_edge_litert": "LiteRT", "PIL": "Pillow"}


def check_video_packages() -> None:
    """Raises an InputError where the packages of the extra `video` are missing."""
    for module, name in _PACKAGES.items():
        check_installed(module, "video", f"videos need {name}")
