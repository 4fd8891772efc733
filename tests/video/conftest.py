import numpy as np
import pytest

from anatomy_tf.shipped import sample_video
from anatomy_tf.video.decoding import Video
from tests.video.videos import write_video


@pytest.fixture(scope="session")
def short_video(tmp_path_factory):
    """Every fifth picture of the video that ships, at 12 a second."""
    pictures = [frame.picture for frame in Video(sample_video()).frames()]
    folder = tmp_path_factory.mktemp("video")
    return write_video(folder / "two.mp4", pictures[::5], fps=12)


@pytest.fixture(scope="session")
def empty_room(tmp_path_factory):
    noise = np.full((64, 96, 3), 90, np.uint8)
    return write_video(tmp_path_factory.mktemp("video") / "room.mp4", [noise] * 12)
