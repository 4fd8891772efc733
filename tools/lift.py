r"""3D poses of the people in videos, or out of the files that a 2D detector wrote about them.

Examples:

    python tools/lift.py
    python tools/lift.py walk.mp4 run.mov --output_dir=lifted --height=1.80
    python tools/lift.py --detections=alphapose-results.json --resolution=1920x1080 --fps=30 \
        --output=poses.json
    python tools/lift.py --model=cmu_27f --detections=walk.json,run.json \
        --resolution=1920x1080 --fps=30 --output_dir=poses --outputs=npz,bvh

Without a video and detections, it lifts a short video that ships. docs/video.md has more on videos,
docs/detections.md on the files of other tools, docs/people_and_gaps.md on how people are chosen and
gaps filled.
"""

from __future__ import annotations

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
import itertools
import pathlib
import sys
from collections.abc import Sequence
from typing import NamedTuple

from absl import flags

from anatomy_tf.command_line import flag_group, run_tool
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.plain import write_plain_npz
from anatomy_tf.errors import InputError
from anatomy_tf.files import check_output_file
from anatomy_tf.lift_flags import define_lift_flags, lift_settings
from anatomy_tf.poses.formats import FORMATS as FILES
from anatomy_tf.poses.lift_settings import LiftSettings
from anatomy_tf.poses.pose_lifter import PoseLifter
from anatomy_tf.shipped import sample_video
from anatomy_tf.video.files import videos_in
from anatomy_tf.video.people_in_video import DetectionInterrupted
from anatomy_tf.video.progress import VideoProgress

FLAGS = flags.FLAGS
_DETECTIONS = "detections"
_OUTPUTS = ("html", "bvh", "csv", "angles.csv", "npz")
_OUTPUTS_OF_VIDEOS = (*_OUTPUTS, "mp4", _DETECTIONS)

with flag_group("In and out"):
    flags.DEFINE_list(
        "video", None, "Videos, or folders of them; may also be given without a flag."
    )
    flags.DEFINE_list("detections", None, "A detector's files or folders, a video each.")
    flags.DEFINE_string(
        "output", None, "File for the poses of one video; its ending is the format."
    )
    flags.DEFINE_string("output_dir", None, "Folder for the poses, instead of --output: lifted.")
    flags.DEFINE_list(
        "outputs",
        None,
        f"What --output_dir gets: {', '.join(ending[1:] for ending in FILES)}, {_DETECTIONS} "
        f"(default: {','.join(_OUTPUTS)}; of videos {','.join(_OUTPUTS_OF_VIDEOS)}).",
    )
define_lift_flags()


def main(*arguments: str) -> None:
    settings = LiftSettings(**lift_settings())
    jobs = _jobs([*arguments, *(FLAGS.video or [])])
    settings.check_outputs(path for job in jobs for path in job.poses)
    lifter = settings.lifter()
    failed = False
    for job in jobs:
        try:
            _lift(lifter, job, settings)
        except InputError as error:
            if len(jobs) == 1:
                raise
            failed = True
            print(f"left out: {error}", file=sys.stderr)
    if failed:
        raise InputError("not all videos could be lifted")


class _Job(NamedTuple):
    """A video, or detections, or both, and what is written about them."""

    video: pathlib.Path | None
    detections: str | None
    poses: list[pathlib.Path]
    written_detections: pathlib.Path | None


def _lift(lifter: PoseLifter, job: _Job, settings: LiftSettings) -> None:
    try:
        detections = _detections(job, settings)
    except DetectionInterrupted as stop:
        _write_detections(job, stop.detections)
        raise
    _write_detections(job, detections)
    poses = lifter.lift_detections(detections, **settings.arguments(detections.resolution))
    print("\n".join(poses.notes))
    for path in job.poses:
        for written in poses.save(path):
            print(f"wrote {written}", flush=True)


def _write_detections(job: _Job, detections: Detections) -> None:
    if job.written_detections:
        write_plain_npz(job.written_detections, detections)
        print(f"wrote {job.written_detections}: {detections.num_frames} frames", flush=True)


def _detections(job: _Job, settings: LiftSettings) -> Detections:
    if job.detections is None:
        return settings.find_people(job.video, VideoProgress(job.video.name))
    return settings.read(job.detections, job.video)


def _jobs(given: list[str]) -> list[_Job]:
    detections = FLAGS.detections or []
    videos = videos_in(given)
    if not videos and not detections:
        videos = [sample_video()]
        print(f"no video and no detections are given: lifting {videos[0]}")
    if videos and detections and len(videos) != len(detections):
        raise InputError(f"{len(videos)} videos, but detections of {len(detections)}")
    pairs = list(itertools.zip_longest(videos, detections))
    if FLAGS.output is not None and FLAGS.output_dir is not None:
        raise InputError("give either --output or --output_dir")
    if FLAGS.output is not None:
        if len(pairs) > 1:
            raise InputError("--output is for one video; give --output_dir for several")
        return [_Job(*pairs[0], [pathlib.Path(FLAGS.output)], None)]
    outputs = FLAGS.outputs or (_OUTPUTS_OF_VIDEOS if videos else _OUTPUTS)
    folder = pathlib.Path(FLAGS.output_dir or "lifted")
    jobs = [_job(folder, outputs, *pair) for pair in pairs]
    written = [path for job in jobs for path in (*job.poses, job.written_detections) if path]
    if len(set(written)) < len(written):
        raise InputError("two videos have the same name, and so would their poses")
    return jobs


def _job(
    folder: pathlib.Path,
    outputs: Sequence[str],
    video: pathlib.Path | None,
    detections: str | None,
) -> _Job:
    stem = pathlib.Path(video or detections).stem
    poses = [folder / f"{stem}.{ending}" for ending in outputs if ending != _DETECTIONS]
    if _DETECTIONS not in outputs:
        return _Job(video, detections, poses, None)
    found = folder / f"{stem}_{_DETECTIONS}.npz"
    check_output_file(found)
    return _Job(video, detections, poses, found)


if __name__ == "__main__":
    run_tool(main, __doc__, ["video ..."])
