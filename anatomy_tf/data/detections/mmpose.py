"""MMPose 1.x: what `topdown_demo_with_mmdet.py --save-predictions` and
`MMPoseInferencer(pred_out_dir=...)` write.
"""

from __future__ import annotations

from collections.abc import Iterable

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.gathering import Gathering
from anatomy_tf.data.keypoint_sets import COCO_17, HALPE_26, HUMAN36M_17, MPII_16
from anatomy_tf.errors import InputError

_THEIR_NAMES: dict[tuple[str, ...], dict[str, str]] = {
    COCO_17: {},
    HALPE_26: {"thorax": "neck", "pelvis": "hip"},
    MPII_16: {"head": "head_top"},
    HUMAN36M_17: {"pelvis": "root", "neck": "neck_base", "r_ankle": "r_foot", "l_ankle": "l_foot"},
}
"""Keypoints that MMPose calls otherwise, apart from the sides."""
_WHOLE_BODIES = (133, 136)  # of which the first are always the same
_SIDES = {"l_": "left_", "r_": "right_"}


def recognises(content: object) -> bool:
    """Whether parsed JSON is of this format."""
    listed = content.get("instance_info") if isinstance(content, dict) else content
    first = next((entry for entry in listed if entry), None) if isinstance(listed, list) else None
    return isinstance(first, dict) and "instances" in first


def recognises_image(content: object) -> bool:
    """Whether parsed JSON is what this format has for a single image."""
    if isinstance(content, dict):
        return "instance_info" in content
    first = content[0] if isinstance(content, list) and content else None
    return isinstance(first, dict) and {"keypoints", "keypoint_scores"} <= first.keys()


def read(
    content: object, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections from the file's parsed JSON; the file tells neither resolution nor frame rate.

    Raises:
      InputError: anything in it that MMPose does not write; names the file and the frame.
    """
    of_demo = isinstance(content, dict)
    listed = entries.field(content, "instance_info", source) if of_demo else content
    listed = entries.present(listed, source)
    names = _named_set(content.get("meta_info"), source) if of_demo else None
    frames: dict[int, object] = {}
    for number, entry in enumerate(listed):
        where = f"{source}: entry {number}"
        frame_id = entries.field(entry, "frame_id", where)
        frame = entries.whole_number(frame_id, f"{where}: frame_id")
        if frame in frames:
            raise InputError(f"{where}: frame_id {frame_id} is there twice")
        frames[frame] = entries.field(entry, "instances", f"{source}: frame {frame}")
    # The demo counts frames from 1 and says what the keypoints are, the inferencer does neither.
    first = 1 if of_demo and min(frames) > 0 else 0
    gathering = Gathering(source, resolution, fps, unbounded_scores=True)
    for frame, people in frames.items():
        where = f"{source}: frame {frame - first}"
        _add(gathering, frame - first, people, where, names)
    return gathering.detections(num_frames=max(frames) - first + 1)


def read_images(
    images: Iterable[tuple[int, str, object]],
    source: str,
    resolution: tuple[int, int] | None,
    fps: float | None,
) -> Detections:
    """Detections from files of one image each: frame number, what messages call the file, and its
    parsed JSON.

    Raises:
      InputError: as `read`.
    """
    gathering = Gathering(source, resolution, fps, unbounded_scores=True)
    frame = -1
    for frame, where, content in images:
        names = None
        if isinstance(content, dict):
            names = _named_set(content.get("meta_info"), where)
            content = entries.field(content, "instance_info", where)
        _add(gathering, frame, content, where, names)
    return gathering.detections(num_frames=frame + 1)


def _add(
    gathering: Gathering, frame: int, people: object, where: str, names: tuple[str, ...] | None
) -> None:
    for person in entries.present(people, where):
        keypoints = entries.field(person, "keypoints", where)
        keypoints = entries.listed(keypoints, where)
        if not keypoints:
            continue
        count = len(names or keypoints)
        scores = entries.field(person, "keypoint_scores", where)
        gathering.add(
            frame,
            entries.numbers(keypoints, (count, 2), f"{where}: keypoints", missing=True),
            entries.numbers(scores, (count,), f"{where}: keypoint_scores", missing=True),
            entries.track(person.get("track_id"), f"{where}: track_id"),
            names,
        )


def _named_set(meta: object, source: str) -> tuple[str, ...] | None:
    """The set that has the keypoints named in `meta_info`, or None where there are no names."""
    names = meta.get("keypoint_id2name") if isinstance(meta, dict) else None
    if not isinstance(names, dict):
        return None
    if len(names) in _WHOLE_BODIES:
        return None
    theirs = [names.get(str(joint)) for joint in range(len(names))]
    for ours, renamed in _THEIR_NAMES.items():
        expected = [renamed.get(name, name) for name in ours]
        if theirs == [_SIDES.get(name[:2], name[:2]) + name[2:] for name in expected]:
            return ours
    raise InputError(f"{source}: meta_info names {len(names)} keypoints of a set that is not known")
