import pytest

from anatomy_tf.data.sets.mocap_folder import open_mocap_folder
from tests.mocap_folder import write_mocap_folder


@pytest.fixture(scope="package")
def clips(tmp_path_factory, cmu):
    source = open_mocap_folder(write_mocap_folder(tmp_path_factory.mktemp("mocap"), cmu))
    return source.clips(source.train_subjects)
