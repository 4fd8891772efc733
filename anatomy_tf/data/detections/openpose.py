"""OpenPose, `--write_json`, and who writes the same, as Pose2Sim and Sports2D: JSON by frame."""

from __future__ import annotations

from collections.abc import Iterable

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.gathering import Gathering
from anatomy_tf.errors import InputError


def recognises(content: object) -> bool:
    """Whether the parsed JSON of a frame is of this format."""
    return isinstance(content, dict) and "people" in content


def read(
    frames: Iterable[tuple[int, str, object]],
    source: str,
    resolution: tuple[int, int] | None,
    fps: float | None,
) -> Detections:
    """Detections from files of a frame each: frame number, what messages call the file, and its
    parsed JSON. They tell neither resolution nor frame rate.

    Raises:
      InputError: anything in them that OpenPose does not write; names the file.
    """
    gathering = Gathering(source, resolution, fps, centred=True)
    frame = -1
    for frame, where, file in frames:
        if file is None or file == []:
            continue
        people = entries.field(file, "people", where)
        for person in entries.present(people, f"{where}: people"):
            values = entries.field(person, "pose_keypoints_2d", where)
            values = entries.listed(values, f"{where}: pose_keypoints_2d")
            if not values:
                continue  # only a face or a hand was found
            if len(values) % 3:
                raise InputError(
                    f"{where}: pose_keypoints_2d has {len(values)} numbers, "
                    "not x, y, score for each"
                )
            points = entries.numbers(values, (len(values),), where, missing=True).reshape(-1, 3)
            track = entries.track(person.get("person_id"), f"{where}: person_id")
            gathering.add(frame, points[:, :2], points[:, 2], track)
    return gathering.detections(num_frames=frame + 1)
