r"""Speed of training, data, whole clips, streams and start-up: medians, ratios measured in turns,
and the share of the machine's peak; the memory that a long clip takes; what TFLite files of
finished models cost and lose; and the way from a video to a page. When they are asked for, as they
take minutes and gigabytes: a library of files, and training data on disk.

Examples:

    python tools/benchmark.py --subjects=train,clip --filter_widths=3,3,3 --channels=256 \
        --json=speed.json

    python tools/benchmark.py --subjects=tflite --models=saved_models/cmu_27f,runs/mine \
        --precisions=float32,int8

--reference=DIR takes a checkout of the authors' PyTorch code as a peer, or of VideoPose3D, with
whose model the same model is then compared; this project contains neither. That needs the extra
'reference'. Without it, the figures of this project and their share of the peak are printed all the
same.
"""

from __future__ import annotations

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
import pathlib
import sys
import tempfile
from collections.abc import Mapping, Sequence

from absl import flags

from anatomy_tf.command_line import run_tool, whole_numbers
from anatomy_tf.data.clip import Clip
from anatomy_tf.data.sources import open_source
from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.error_report import write_report
from anatomy_tf.export.tflite.tflite_file import PRECISIONS
from anatomy_tf.files import check_output_file
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.installation import check_installed
from anatomy_tf.models.lifter import load_lifter
from anatomy_tf.poses.pose_lifter import load
from anatomy_tf.shipped import model_names, model_path, sample_video
from anatomy_tf.speed import subjects
from anatomy_tf.speed.disk_subject import format_disk, measure_disk
from anatomy_tf.speed.library_subject import format_library, measure_library
from anatomy_tf.speed.loop_subject import loop_subject
from anatomy_tf.speed.on_device import format_on_device, measure_on_device, write_files
from anatomy_tf.speed.peer import Peer
from anatomy_tf.speed.processes import measure_memory, startup_subject
from anatomy_tf.speed.speed_report import format_subject, measure, read_history
from anatomy_tf.speed.timing import measure_peak
from anatomy_tf.speed.video_subject import video_subject
from anatomy_tf.speed.world_subject import world_subject

FLAGS = flags.FLAGS
_USUAL = ("data", "train", "clip", "stream", "tflite", "startup", "memory", "video", "world")
SUBJECTS = (*_USUAL, "library", "disk", "loop")

flags.DEFINE_list("subjects", list(_USUAL), f"What to measure, of {', '.join(SUBJECTS)}.")
flags.DEFINE_string("data_dir", None, "Folder of the CMU set, instead of the shipped one.")
flags.DEFINE_list("filter_widths", ["3", "3", "3"], "Odd widths of the convolutions over time.")
flags.DEFINE_integer("channels", 256, "Channels of every hidden layer.", lower_bound=1)
flags.DEFINE_integer("batch_size", 256, "Examples in a batch.", lower_bound=2)
flags.DEFINE_integer("sampled_frames", 50, "Frames sampled for bone lengths.", 1, 1000)
flags.DEFINE_integer("clip_frames", None, "Frames of the clip (default: all; tflite: 300).", 1)
flags.DEFINE_list("models", None, "Models for tflite (default: all that ship).")
flags.DEFINE_list("precisions", list(PRECISIONS), f"Of tflite, of {', '.join(PRECISIONS)}.")
flags.DEFINE_integer("memory_frames", 180_000, "Frames of the clip for memory.", lower_bound=1)
flags.DEFINE_integer("streams", 1, "Streams that are lifted in one call.", lower_bound=1)
flags.DEFINE_integer("disk_frames", 20_000_000, "Frames of the data on disk.", lower_bound=1)
flags.DEFINE_string("disk_folder", None, "Where they are, instead of the folder for such things.")
flags.DEFINE_integer("videos", 200, "Files of the library.", lower_bound=1)
flags.DEFINE_integer("workers", 2, "Processes that lift the library.", lower_bound=1)
flags.DEFINE_integer("rounds", 5, "Rounds in which all ways take turns.", lower_bound=1)
flags.DEFINE_float("seconds", 2, "How long a way works in a round, at least.", lower_bound=0)
flags.DEFINE_string("reference", None, "Checkout of the authors' code, or of VideoPose3D.")
flags.DEFINE_string("json", None, "File for all figures.")
flags.DEFINE_string("against", None, "File that --json wrote before, to compare with.")


def main() -> None:
    for name in FLAGS.subjects:
        if name not in SUBJECTS:
            raise InputError(f"--subjects: no subject {name}; there are {', '.join(SUBJECTS)}")
    for name in FLAGS.precisions:
        if name not in PRECISIONS:
            raise InputError(f"--precisions: no {name}; there are {', '.join(PRECISIONS)}")
    models = {name: model_path(name) for name in FLAGS.models or model_names()}
    check_output_file(FLAGS.json)
    earlier = read_history(FLAGS.against) if FLAGS.against else {}
    reference = _reference()
    size = subjects.Size(
        tuple(whole_numbers("filter_widths", FLAGS.filter_widths)),
        FLAGS.channels,
        FLAGS.batch_size,
        FLAGS.sampled_frames if reference is None or reference.samples_frames else 0,
    )
    source = open_source("cmu", FLAGS.data_dir)
    clips = source.clips(source.train_subjects)
    clip = max(clips, key=len)
    if FLAGS.clip_frames:
        clip = subjects.with_frames(clip, FLAGS.clip_frames)
    peak = measure_peak()
    print(f"peak of this machine: {2 * peak / 1e9:.0f} GFLOP/s in float32 matrix products")
    figures = {"peak_gflops": 2 * peak / 1e9, "subjects": {}}
    with tempfile.TemporaryDirectory() as folder:
        builders = {
            "data": lambda: subjects.data_subject(clips, size, reference),
            "train": lambda: subjects.train_subject(clips, size, reference),
            "loop": lambda: loop_subject(clips),
            "clip": lambda: subjects.clip_subject(clip, size, reference),
            "stream": lambda: subjects.stream_subject(clip, size, FLAGS.streams),
            "startup": lambda: startup_subject(size, pathlib.Path(folder)),
            "video": lambda: video_subject(
                sample_video(), FLAGS.clip_frames, load("any_81f"), pathlib.Path(folder)
            ),
            "world": lambda: world_subject(clip, ClipLifter(load_lifter("any_81f"), flip=True)),
        }
        for name in FLAGS.subjects:
            if name not in builders:
                continue
            subject = builders[name]()
            measured = measure(subject, peak, FLAGS.rounds, FLAGS.seconds)
            figures["subjects"][subject.title] = measured
            earlier_figures = earlier.get(subject.title)
            print(f"\n{format_subject(subject, measured, earlier_figures)}", flush=True)
    if "library" in FLAGS.subjects:
        check_installed("apache_beam", "beam", "the library needs Apache Beam")
        how = (FLAGS.videos, "any_81f", FLAGS.workers, FLAGS.rounds)
        with tempfile.TemporaryDirectory() as folder:
            figures["library"] = measure_library(clips, *how, pathlib.Path(folder))
        print(f"\n{format_library(figures['library'], FLAGS.videos, 'any_81f')}", flush=True)
    if "disk" in FLAGS.subjects:
        with tempfile.TemporaryDirectory(dir=FLAGS.disk_folder) as folder:
            how = (FLAGS.disk_frames, FLAGS.rounds, FLAGS.seconds, pathlib.Path(folder))
            figures["disk"] = measure_disk(size, *how)
        print(f"\n{format_disk(figures['disk'], size, FLAGS.disk_frames)}", flush=True)
    if "memory" in FLAGS.subjects:
        figures["memory"] = memory = measure_memory(size, FLAGS.memory_frames)
        print(
            f"\nmemory, {size}: a clip of {memory['frames']:,} frames "
            f"takes {memory['more_gib']:.2f} GiB more than the "
            f"{memory['process_gib']:.2f} GiB of the process with its model, "
            f"and {memory['seconds']:.0f} s"
        )
    if "tflite" in FLAGS.subjects:
        figures["tflite"] = _measure_tflite(models, clips, source.clips(source.test_subjects))
    if FLAGS.json:
        write_report(figures, FLAGS.json)


def _measure_tflite(
    paths: Mapping[str, pathlib.Path], training_clips: Sequence[Clip], test_clips: Sequence[Clip]
) -> dict[str, dict]:
    """The figures of every model by name; prints them."""
    models = {name: load_lifter(path) for name, path in sorted(paths.items())}
    clip = subjects.with_frames(test_clips[0], FLAGS.clip_frames or 300)
    figures = {}
    for name, model in models.items():
        with tempfile.TemporaryDirectory() as folder:
            where = pathlib.Path(folder)
            files = write_files(model, where, FLAGS.precisions, len(clip), training_clips)
            figures[name] = measure_on_device(
                model, files, clip, test_clips, FLAGS.rounds, FLAGS.seconds
            )
    print(f"\n{format_on_device(figures, len(clip))}")
    return figures


def _reference() -> Peer | None:
    if not FLAGS.reference:
        return None
    try:
        return Peer(pathlib.Path(FLAGS.reference))
    except InputError as error:
        print(f"no reference, own figures only: {error}", file=sys.stderr)
        return None


if __name__ == "__main__":
    run_tool(main, __doc__)
