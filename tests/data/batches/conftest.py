import pytest

from anatomy_tf.data.sets.mocap_folder import open_mocap_folder


@pytest.fixture
def clips(mocap_folder):
    source = open_mocap_folder(mocap_folder)
    return source.clips(source.train_subjects)
