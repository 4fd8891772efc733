"""The way from a video to a page, in parts."""

import pytest

from anatomy_tf.poses.pose_lifter import load
from anatomy_tf.shipped import sample_video
from anatomy_tf.speed.video_subject import video_subject


@pytest.mark.long
def test_every_part_takes_all_pictures(tmp_path):
    lifter = load("cmu_27f", flip=False)
    subject = video_subject(sample_video(), 3, lifter, tmp_path)
    assert subject.title == "a video of 3 pictures, 544 x 960"
    done = {name: way() for name, way in subject.ways.items()}
    assert done == dict.fromkeys(subject.ways, 3)
    assert {"decode", "read one person", "all, one person", "all, three people"} <= done.keys()
    assert {"poses.html", "poses.mp4"} <= {path.name for path in tmp_path.iterdir()}
