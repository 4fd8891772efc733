"""MMPose 1.x: what `topdown_demo_with_mmdet.py --save-predictions` and
`MMPoseInferencer(pred_out_dir=...)` write.
"""

from __future__ import annotations

from anatomy_tf.data.detections import entries
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.gathering import Gathering
from anatomy_tf.data.keypoint_sets import COCO_17, HALPE_26, HUMAN36M_17, MPII_16
from anatomy_tf.errors import InputError

_SETS = {len(names): names for names in (COCO_17, HALPE_26, MPII_16)}
_THEIR_NAMES: dict[tuple[str, ...], dict[str, str]] = {
    COCO_17: {},
    HALPE_26: {"thorax": "neck", "pelvis": "hip"},
    MPII_16: {"head": "head_top"},
    HUMAN36M_17: {"pelvis": "root", "neck": "neck_base", "r_ankle": "r_foot", "l_ankle": "l_foot"},
}
"""Keypoints that MMPose calls otherwise, apart from the sides."""
_SIDES = {"l_": "left_", "r_": "right_"}


def recognises(content: object) -> bool:
    """Whether parsed JSON is of this format."""
    if isinstance(content, list) and content:
        return isinstance(content[0], dict) and "instances" in content[0]
    return isinstance(content, dict) and "instance_info" in content


def read(
    content: object, source: str, resolution: tuple[int, int] | None, fps: float | None
) -> Detections:
    """Detections from the file's parsed JSON; the file tells neither resolution nor frame rate.

    Raises:
      InputError: anything in it that MMPose does not write; names the file and the frame.
    """
    # The demo counts frames from 1 and says what the keypoints are, the inferencer does neither.
    of_demo = isinstance(content, dict)
    frames = entries.field(content, "instance_info", source) if of_demo else content
    named = _named_set(content.get("meta_info"), source) if of_demo else None
    gathering = Gathering(source, resolution, fps, negative_is_missing=True)
    frame = -1
    for number, entry in enumerate(entries.items(frames, source)):
        where = f"{source}: entry {number}"
        previous, frame_id = frame, entries.field(entry, "frame_id", where)
        frame = entries.whole_number(frame_id, f"{where}: frame_id") - of_demo
        if frame <= previous:
            raise InputError(f"{where}: frame_id {frame_id} does not follow the one before")
        where = f"{source}: frame {frame}"
        for person in entries.items(entries.field(entry, "instances", where), where):
            keypoints = entries.items(entries.field(person, "keypoints", where), where)
            names = named or _SETS.get(len(keypoints))
            if names is None:
                raise InputError(
                    f"{where}: {len(keypoints)} keypoints, which is neither 16, 17 nor 26"
                )
            gathering.add(
                frame,
                names,
                entries.numbers(keypoints, (len(names), 2), f"{where}: keypoints"),
                entries.numbers(
                    entries.field(person, "keypoint_scores", where),
                    (len(names),),
                    f"{where}: keypoint_scores",
                ),
                _track(person.get("track_id"), where),
            )
    return gathering.detections(num_frames=frame + 1)


def _track(track_id: object, where: str) -> int:
    return -1 if track_id in (None, -1) else entries.whole_number(track_id, f"{where}: track_id")


def _named_set(meta: object, source: str) -> tuple[str, ...] | None:
    """The set that has the keypoints named in `meta_info`, or None where there are no names."""
    names = meta.get("keypoint_id2name") if isinstance(meta, dict) else None
    if not isinstance(names, dict):
        return None
    theirs = [names.get(str(joint)) for joint in range(len(names))]
    for ours, renamed in _THEIR_NAMES.items():
        expected = [renamed.get(name, name) for name in ours]
        if theirs == [_SIDES.get(name[:2], name[:2]) + name[2:] for name in expected]:
            return ours
    raise InputError(f"{source}: meta_info names {len(names)} keypoints of a set that is not known")
