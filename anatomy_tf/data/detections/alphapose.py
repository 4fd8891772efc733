"""AlphaPose: `alphapose-results.json`, one list of people with the image that each is in."""

from __future__ import annotations

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.gathering import Gathering
from anatomy_tf.errors import InputError


def recognises(content: object) -> bool:
    """Whether parsed JSON is of this format."""
    first = content[0] if isinstance(content, list) and content else None
    return isinstance(first, dict) and {"image_id", "keypoints"} <= first.keys()


def read(
    content: object, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections from the file's parsed JSON; the file tells neither resolution nor frame rate.

    Raises:
      InputError: anything in it that AlphaPose does not write; names the file and the entry or
        frame.
    """
    people = entries.items(content, source)
    tracks = [_track(person, f"{source}: entry {number}") for number, person in enumerate(people)]
    # Without a tracker, everybody's idx is 0.
    tracked = any(track > 0 for track in tracks)
    gathering = Gathering(source, resolution, fps)
    videos: set[str] = set()
    last = -1
    for number, (person, track) in enumerate(zip(people, tracks, strict=True)):
        where = f"{source}: entry {number}"
        frame = _frame(entries.field(person, "image_id", where), videos, where)
        last = max(last, frame)
        where = f"{source}: frame {frame}: keypoints"
        values = entries.field(person, "keypoints", where)
        values = entries.listed(values, where)
        if not values:
            continue
        if len(values) % 3:
            raise InputError(f"{where}: {len(values)} numbers, not x, y, score for each")
        points = entries.numbers(values, (len(values),), where, missing=True).reshape(-1, 3)
        gathering.add(frame, points[:, :2], points[:, 2], track if tracked else -1)
    if len(videos) > 1:
        one, other, *_ = map(entries.shown, sorted(videos))
        raise InputError(f"{source}: images of several videos: {one} and {other}")
    return gathering.detections(num_frames=last + 1)


def _frame(image_id: object, videos: set[str], where: str) -> int:
    """The number at the end of an image's name, and the video's name in front of it; of a video's
    frames AlphaPose calls the first 0.jpg.
    """
    if not isinstance(image_id, str):
        return entries.whole_number(image_id, f"{where}: image_id")
    numbered = entries.numbered(image_id)
    if numbered is None:
        raise InputError(f"{where}: image_id {entries.shown(image_id)} has no frame number")
    video, number = numbered
    videos.add(video)
    return number


def _track(person: object, where: str) -> int:
    """`idx`, of which there is a list where AlphaPose merged several detections into this one."""
    index = person.get("idx") if isinstance(person, dict) else None
    return entries.track(index, f"{where}: idx")
