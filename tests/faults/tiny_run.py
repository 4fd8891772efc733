"""A training of seconds, with everything that a training writes."""

import hashlib
import pathlib
from collections.abc import Iterable

import numpy as np

from anatomy_tf.data.batches.pipeline import Sampling
from anatomy_tf.data.clip import Clip
from anatomy_tf.data.sets.mocap_folder import open_mocap_folder
from anatomy_tf.data.sources import open_source
from anatomy_tf.training.choices import LOSS_WEIGHTS
from anatomy_tf.training.run import run_training
from anatomy_tf.training.run_choices import RunChoices
from anatomy_tf.training.schedules import Schedule
from anatomy_tf.training.validation import ValidationPlan
from tests.mocap_folder import write_mocap_folder

FLAGS = "--channels=8\n"
EPOCHS = 3


def read_clips(folder: pathlib.Path) -> tuple[list[Clip], list[Clip]]:
    """To train and to test on; nothing of TensorFlow is computed for it."""
    source = open_mocap_folder(write_mocap_folder(folder, open_source("cmu")))
    return source.clips(["A01"]), source.clips(["A10"])


def train_tiny(clips, output_dir: pathlib.Path, resume: bool = True, **changes) -> str:
    """Trains, and gives a hash of all weights and moving statistics in the end."""
    settings = {
        "model": {
            **{"filter_widths": (3, 3), "channels": 8, "sub_networks": 1},
            **{"assembly": "joints", "joint_shifts": False},
        },
        "sampling": Sampling(sampled_frames=4, batch_size=16, steps_per_epoch=2),
        "schedule": Schedule(epochs=EPOCHS, statistics_batches=1),
        "loss_weights": LOSS_WEIGHTS["released"],
        "flags": FLAGS,
        "validation": ValidationPlan(every=1, keep_best=True),
    }
    choices = RunChoices(resume=resume, **settings | changes)
    lifter, _ = run_training(*clips, "cmu", output_dir, choices)
    return hash_of(lifter.training_weights())


def hash_of(weights: Iterable) -> str:
    found = hashlib.sha256()
    for weight in weights:
        found.update(np.ascontiguousarray(weight).tobytes())
    return found.hexdigest()
