import numpy as np
import pytest

from tests.video.videos import write_short_sample, write_video


@pytest.fixture(scope="session")
def short_video(tmp_path_factory):
    return write_short_sample(tmp_path_factory.mktemp("video") / "two.mp4")


@pytest.fixture(scope="session")
def empty_room(tmp_path_factory):
    noise = np.full((64, 96, 3), 90, np.uint8)
    return write_video(tmp_path_factory.mktemp("video") / "room.mp4", [noise] * 12)
