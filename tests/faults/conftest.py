import pytest

from tests.faults.tiny_run import read_clips, train_tiny


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    return read_clips(tmp_path_factory.mktemp("mocap"))


@pytest.fixture(scope="session")
def whole(clips, tmp_path_factory):
    """A run that nothing happened to: its folder, and the hash of its weights."""
    import tensorflow as tf

    folder = tmp_path_factory.mktemp("runs") / "whole"
    tf.config.run_functions_eagerly(True)
    try:
        return folder, train_tiny(clips, folder)
    finally:
        tf.config.run_functions_eagerly(False)
