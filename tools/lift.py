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

from anatomy_tf.command_line import image_size, run_tool
from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.plain import write_plain_npz
from anatomy_tf.data.detections.reading import FORMATS as DETECTORS
from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.screen import focal_of_view
from anatomy_tf.poses.formats import FORMATS as FILES
from anatomy_tf.poses.formats import check_pose_file
from anatomy_tf.poses.pose_lifter import MAX_GAP, PoseLifter, load
from anatomy_tf.shipped import sample_video
from anatomy_tf.video.files import videos_in
from anatomy_tf.video.of_detections import read_detections_of_video
from anatomy_tf.video.people_in_video import MOST_PEOPLE, DetectionInterrupted, detect_people
from anatomy_tf.video.progress import VideoProgress
from anatomy_tf.world.placing import WorldSettings
from anatomy_tf.world.smoothing import FILTERS

FLAGS = flags.FLAGS
_DETECTIONS = "detections"
_OUTPUTS = ("html", "bvh", "csv", "angles.csv", "npz")
_OUTPUTS_OF_VIDEOS = (*_OUTPUTS, "mp4", _DETECTIONS)

flags.DEFINE_string("model", "any_81f", "A model's name, or its file or folder.")
flags.DEFINE_list("video", None, "Videos, or folders of them; may also be given without a flag.")
flags.DEFINE_list("detections", None, "A detector's files or folders, a video each.")
flags.DEFINE_enum("format", "auto", DETECTORS, "What wrote them.")
flags.DEFINE_string("resolution", None, "Of the video, WxH in pixels, if the file does not tell.")
flags.DEFINE_float("fps", None, "Frames per second, if the file does not tell or is wrong.", 0)
flags.DEFINE_string("person", "largest", "Whom to lift: largest, most_confident, all, or a number.")
flags.DEFINE_integer(
    "most_people", MOST_PEOPLE, "Who are followed in a video at a time.", 1, MOST_PEOPLE
)
flags.DEFINE_boolean("feet", False, "Also read heels and toes in videos, for --outputs=detections.")
flags.DEFINE_float("max_gap", MAX_GAP, "Gaps of up to so many seconds are filled.", 0)
flags.DEFINE_float("focal", None, "Focal length in pixels; without, it is guessed.")
flags.DEFINE_float("fov", None, "Degrees over the longer side of the image, for --focal.")
flags.DEFINE_float("height", None, "Of the person in metres, by which lengths are made right.")
flags.DEFINE_boolean("world", True, "Place people in a level world, where they go and stand.")
flags.DEFINE_boolean("level", True, "Find out which way is up; without, the camera is level.")
flags.DEFINE_float("camera_pitch", None, "Degrees by which the camera looks down, if known.")
flags.DEFINE_float("camera_roll", None, "Degrees by which it is turned clockwise, if known.")
flags.DEFINE_boolean("path", True, "Let people go where they are seen to go.")
flags.DEFINE_boolean("plant", True, "Keep feet that stand in their place, on the floor.")
flags.DEFINE_enum("smoothing", FILTERS[0], FILTERS, "How motion in the world is smoothed.")
flags.DEFINE_boolean("repair_swaps", True, "Put right where left and right were taken wrongly.")
flags.DEFINE_boolean("flip", True, "Average with the result for the mirrored clip.")
flags.DEFINE_string("output", None, "File for the poses of one video; its ending is the format.")
flags.DEFINE_string("output_dir", None, "Folder for the poses, instead of --output: lifted.")
flags.DEFINE_list(
    "outputs",
    None,
    f"What --output_dir gets: {', '.join(ending[1:] for ending in FILES)}, {_DETECTIONS} "
    f"(default: {','.join(_OUTPUTS)}; of videos {','.join(_OUTPUTS_OF_VIDEOS)}).",
)


def main(*arguments: str) -> None:
    if FLAGS.focal is not None and FLAGS.fov is not None:
        raise InputError("give either --focal or --fov")
    jobs = _jobs([*arguments, *(FLAGS.video or [])])
    world = _world()
    if world is None and any(
        path.name.endswith(".steps.csv") for job in jobs for path in job.poses
    ):
        raise InputError("steps.csv: not without the world (--noworld)")
    lifter = load(FLAGS.model, flip=FLAGS.flip, repair_swaps=FLAGS.repair_swaps)
    failed = False
    for job in jobs:
        try:
            _lift(lifter, job, world)
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


def _world() -> WorldSettings | None:
    """What the flags ask for."""
    parts = ("level", "camera_pitch", "camera_roll", "path", "plant", "smoothing")
    if not FLAGS.world:
        given = [f"--{part}" for part in parts if FLAGS[part].present]
        if given:
            raise InputError(f"{', '.join(given)}: not without the world (--noworld)")
        return None
    return WorldSettings(**{part: getattr(FLAGS, part) for part in parts})


def _lift(lifter: PoseLifter, job: _Job, world: WorldSettings | None) -> None:
    try:
        detections = _detections(job)
    except DetectionInterrupted as stop:
        _write_detections(job, stop.detections)
        raise
    _write_detections(job, detections)
    poses = lifter.lift_detections(
        detections,
        person=FLAGS.person,
        max_gap=FLAGS.max_gap,
        focal=_focal(detections.resolution),
        height=FLAGS.height,
        world=world,
    )
    print("\n".join(poses.notes))
    for path in job.poses:
        for written in poses.save(path):
            print(f"wrote {written}", flush=True)


def _write_detections(job: _Job, detections: Detections) -> None:
    if job.written_detections:
        write_plain_npz(job.written_detections, detections)
        print(f"wrote {job.written_detections}: {detections.num_frames} frames", flush=True)


def _detections(job: _Job) -> Detections:
    if job.detections is None:
        return detect_people(
            job.video,
            most_people=FLAGS.most_people,
            feet=FLAGS.feet,
            fps=FLAGS.fps,
            progress=VideoProgress(job.video.name),
        )
    if job.video is None:
        size = image_size("resolution", FLAGS.resolution)
        return read_detections(job.detections, FLAGS.format, size, FLAGS.fps)
    return read_detections_of_video(job.detections, job.video, FLAGS.format, FLAGS.fps)


def _focal(resolution: tuple[int, int] | None) -> float | None:
    """The focal length in pixels that the flags tell of a video."""
    if FLAGS.fov is None or resolution is None:
        return FLAGS.focal
    return focal_of_view(FLAGS.fov, resolution)


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
        check_pose_file(FLAGS.output)
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
    for path in poses:
        check_pose_file(path)
    found = folder / f"{stem}_{_DETECTIONS}.npz" if _DETECTIONS in outputs else None
    return _Job(video, detections, poses, found)


if __name__ == "__main__":
    run_tool(main, __doc__, ["video ..."])
