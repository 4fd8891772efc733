import dataclasses

import pytest

from anatomy_tf.library.lifting import LibrarySettings
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.speed.library_subject import write_library


@pytest.fixture
def library(tmp_path, cmu_test_clips):
    """A folder with four detectors' files."""
    folder = tmp_path / "library"
    short = [dataclasses.replace(clip, fps=20) for clip in cmu_test_clips[:2]]
    write_library(short, 4, folder)
    return folder


@pytest.fixture(scope="session")
def settings(tmp_path_factory):
    """For a tiny model."""
    path = tmp_path_factory.mktemp("model") / "tiny.keras"
    AnatomyLifter(H36M_17, filter_widths=(3, 3), channels=8, sub_networks=1).save(path)
    return LibrarySettings(str(path), world=None, repair_swaps=False)
