"""The whole way from a video to a page, and where its time goes."""

from __future__ import annotations

import itertools
import pathlib

import numpy as np

from anatomy_tf.poses.pose_lifter import PoseLifter
from anatomy_tf.speed.subjects import Subject
from anatomy_tf.speed.timing import Way
from anatomy_tf.video.decoding import Video
from anatomy_tf.video.encoding import write_mp4
from anatomy_tf.video.following import square_around
from anatomy_tf.video.movenet import KeypointReader, PeopleFinder
from anatomy_tf.video.people_in_video import detect_people


def video_subject(
    video: pathlib.Path, pictures: int | None, lifter: PoseLifter, folder: pathlib.Path
) -> Subject:
    """The parts of the way, and the whole of it for one person and for three.

    Args:
      video: with at least one person in it.
      pictures: how many of it; all, if None.
      folder: for what is made on the way.
    """
    taken = [frame.picture for frame in itertools.islice(Video(video).frames(), pictures)]
    one, three = folder / "one.mp4", folder / "three.mp4"
    write_mp4(taken, 30, one)
    write_mp4((np.concatenate([picture] * 3, axis=1) for picture in taken), 30, three)
    find, read = PeopleFinder(), KeypointReader()
    keypoints, scores, _ = find(taken[0])
    square = square_around(keypoints[0], scores[0])
    detections = detect_people(one, most_people=1)
    poses = lifter.lift_detections(detections)

    def on_all(work) -> Way:
        def way() -> int:
            for picture in taken:
                work(picture)
            return len(taken)

        return way

    def whole(path: pathlib.Path, people: int) -> Way:
        def way() -> int:
            found = detect_people(path, most_people=people)
            lifter.lift_detections(found, person="all").save(folder / "poses.html")
            return found.num_frames

        return way

    def saving(name: str) -> Way:
        def way() -> int:
            poses.save(folder / name)
            return poses.num_frames

        return way

    ways = {
        "decode": lambda: sum(1 for _ in Video(one).frames()),
        "find in whole picture": on_all(find),
        "read one person": on_all(lambda picture: read(picture, square)),
        "lift one person": lambda: len(lifter.lift_detections(detections)),
        "write .html": saving("poses.html"),
        "write .mp4": saving("poses.mp4"),
        "all, one person": whole(one, 1),
        "all, three people": whole(three, 3),
    }
    height, width = taken[0].shape[:2]
    return Subject(f"a video of {len(taken)} pictures, {width} x {height}", "pictures/s", ways)
