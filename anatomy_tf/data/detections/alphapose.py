"""AlphaPose: `alphapose-results.json`, one list of people with the image that each is in."""

from __future__ import annotations

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.gathering import Gathering
from anatomy_tf.data.keypoint_sets import COCO_17, HALPE_26
from anatomy_tf.errors import InputError

_SETS = {3 * len(names): names for names in (COCO_17, HALPE_26)}


def recognises(content: object) -> bool:
    """Whether parsed JSON is of this format."""
    first = content[0] if isinstance(content, list) and content else None
    return isinstance(first, dict) and "image_id" in first


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
    for number, (person, track) in enumerate(zip(people, tracks, strict=True)):
        where = f"{source}: entry {number}"
        frame = _frame(entries.field(person, "image_id", where), where)
        where = f"{source}: frame {frame}: keypoints"
        values = entries.items(entries.field(person, "keypoints", where), where)
        if len(values) not in _SETS:
            raise InputError(
                f"{where}: {len(values)} numbers, which is neither 17 nor 26 x (x, y, score)"
            )
        points = entries.numbers(values, (len(values),), where).reshape(-1, 3)
        names = _SETS[len(values)]
        gathering.add(frame, names, points[:, :2], points[:, 2], track if tracked else -1)
    return gathering.detections()


def _frame(image_id: object, where: str) -> int:
    """The number at the end of an image's name; of a video's frames AlphaPose calls the first
    0.jpg.
    """
    if not isinstance(image_id, str):
        return entries.whole_number(image_id, f"{where}: image_id")
    number = entries.number_at_end(image_id)
    if number is None:
        raise InputError(f"{where}: image_id {entries.shown(image_id)} has no frame number")
    return number


def _track(person: object, where: str) -> int:
    """`idx`, of which there is a list where AlphaPose merged several detections into this one."""
    index = person.get("idx") if isinstance(person, dict) else None
    if isinstance(index, list):
        index = index[0] if index else None
    return -1 if index is None else entries.whole_number(index, f"{where}: idx")
