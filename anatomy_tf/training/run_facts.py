"""What a report says of the run that made the model."""

from __future__ import annotations

import datetime
import platform
import subprocess

import keras
import tensorflow as tf

from anatomy_tf.shipped import checkout
from anatomy_tf.version import __version__


def run_facts(seed: int) -> dict:
    """Seed, date (UTC), versions, and of a checkout the git revision, with `+` for changes that are
    not committed.
    """
    facts = {
        "seed": seed,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "anatomy_tf": __version__,
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "python": platform.python_version(),
    }
    revision = _git("rev-parse", "HEAD")
    if revision:
        facts["git_revision"] = revision + ("+" if _git("status", "--porcelain") else "")
    return facts


def _git(*arguments: str) -> str:
    """What git says of the checkout; nothing where there is no checkout, or no git."""
    folder = checkout()
    if not folder:
        return ""
    command = ["git", "-C", str(folder), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
