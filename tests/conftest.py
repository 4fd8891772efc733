# Loads TensorFlow without its greeting, so before all else that loads it.
import anatomy_tf.command_line  # noqa: F401  # isort: skip

import hypothesis
import keras
import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.data.sources import open_source
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from tests.garbage import collect_rarely
from tests.mocap_folder import write_mocap_folder

collect_rarely()

# How long an example takes says more about what else the machine does than about the code.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


@pytest.fixture(autouse=True, scope="module")
def seed():
    """Weights of models are the same in every run."""
    keras.utils.set_random_seed(0)


@pytest.fixture
def eager():
    """TensorFlow works operation by operation: for a few small steps, tracing and compiling them
    takes longer.
    """
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="session")
def cmu():
    return open_source("cmu")


@pytest.fixture(scope="session")
def cmu_test_clips(cmu):
    return cmu.clips(cmu.test_subjects)


@pytest.fixture
def mocap_folder(tmp_path, cmu):
    """A small folder in the layout of the CMU set: two subjects, three short takes, two cameras."""
    folder = tmp_path / "mocap"
    folder.mkdir()
    return write_mocap_folder(folder, cmu)


@pytest.fixture
def small_lifter():
    return AnatomyLifter(H36M_17, filter_widths=(3, 3), channels=8)


def random_clip(frames: int, joints: int = 17, batch: int = 1, seed: int = 0) -> dict:
    """Model inputs of a random clip, moving smoothly enough to be told apart frame by frame."""
    rng = np.random.default_rng(seed)
    return {
        "keypoints": rng.normal(size=(batch, frames, joints, 2)).astype(np.float32),
        "visibility": rng.uniform(size=(batch, frames, joints)).astype(np.float32),
    }
