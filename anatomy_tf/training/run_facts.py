"""What is known of a run: kept in its folder from the start, and told by its report."""

from __future__ import annotations

import datetime
import hashlib
import json
import pathlib
import platform
import subprocess

import keras
import numpy as np
import tensorflow as tf

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.files import replacing
from anatomy_tf.shipped import checkout
from anatomy_tf.version import __version__

FACTS_NAME = "run.json"


def run_facts(seed: int, flags: str, data_sha256: str) -> dict:
    """Seed, flags, hash of the data, date (UTC), versions, and of a checkout the git revision, with
    `+` for changes that are not committed.

    Args:
      flags: a line each.
      data_sha256: of the clips that are trained on, as `add_to_hash` takes them.
    """
    facts: dict = {
        "seed": seed,
        "flags": flags.splitlines(),
        "data_sha256": data_sha256,
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


def add_to_hash(found: hashlib._Hash, clip: Clip) -> None:
    """Adds all that training reads of a clip."""
    found.update(repr((clip.name, clip.subject, clip.resolution, clip.fps)).encode())
    arrays = [clip.keypoints, clip.visibility, clip.joints]
    if clip.camera is not None:
        arrays += vars(clip.camera).values()
    for array in arrays:
        values = np.ascontiguousarray(() if array is None else array)
        found.update(repr((values.shape, values.dtype.str)).encode())
        found.update(values.data if values.size else b"")


def keep_facts(output_dir: pathlib.Path, facts: dict, resumed: bool) -> None:
    """Writes `run.json` into a run's folder: the facts of every start of the run, in order.

    Args:
      resumed: the run has begun earlier, and perhaps with a version that kept no facts.

    Raises:
      InputError: the run began with other data; or the file is damaged, or cannot be written.
    """
    path = output_dir / FACTS_NAME
    starts = []
    if resumed and path.is_file():
        try:
            starts = json.loads(path.read_text(encoding="utf-8"))["starts"]
            before = starts[0]["data_sha256"]
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise InputError(f"{path}: not the facts of a run; remove it to go on") from error
        if before != facts["data_sha256"]:
            raise InputError(f"{path}: the run began with other data; train in another folder")
    with replacing(path) as temporary:
        text = json.dumps({"starts": [*starts, facts]}, indent=2)
        temporary.write_text(f"{text}\n", encoding="utf-8")


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
