"""The library as an Apache Beam pipeline, which Beam runs on one machine or on many."""

from __future__ import annotations

import contextlib
import pathlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

# Before all else that loads Beam.
import anatomy_tf.library.quiet_beam  # noqa: F401  # isort: skip

import apache_beam as beam
from apache_beam.ml.inference.base import ModelHandler, RunInference
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions
from apache_beam.pvalue import TaggedOutput

from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.errors import InputError
from anatomy_tf.library.entries import Entry
from anatomy_tf.library.lifting import LibrarySettings, lift_batch, read_entry, reason
from anatomy_tf.library.results import (
    CannotWriteError,
    Outcome,
    finished,
    write_lists,
    write_result,
)
from anatomy_tf.native_output import silent_standard_error
from anatomy_tf.poses.pose_lifter import PoseLifter
from anatomy_tf.poses.result import Poses

BATCH_VIDEOS = 32
"""Videos whose detections a worker holds at a time, and lifts in batches of similar length."""
_Found = tuple[Entry, Detections]
_Lifted = tuple[Entry, Detections, Poses | Exception]
_FOUND, _DONE = "found", "done"


def run_library(
    entries: Sequence[Entry],
    folder: pathlib.Path | str,
    settings: LibrarySettings,
    beam_options: Sequence[str] = (),
) -> None:
    """Lifts the entries and writes results and lists to the folder, which all workers have to see.

    Args:
      beam_options: as on a command line, Beam's own: `--runner=FlinkRunner`, ...

    Raises:
      InputError: an option that Beam does not have, settings that cannot be, or nothing more can be
        written.
    """
    with silent_standard_error():
        options = _options(beam_options)
    settings.check(folder)
    folder = str(pathlib.Path(folder).absolute())
    locally = options.view_as(StandardOptions).runner is None
    with _quiet(locally):
        try:
            _pipeline(entries, folder, settings, options).run().wait_until_finish()
        except Exception as error:
            # What a worker raised comes through Beam as text, with its traceback around it.
            text = _text(error)
            stop = re.findall(rf"{CannotWriteError.__name__}: (.+?)(?: \[while running|\n|$)", text)
            raise InputError(f"stopped: {stop[-1]}" if stop else f"Beam: {text}") from error


def _pipeline(
    entries: Sequence[Entry], folder: str, settings: LibrarySettings, options: PipelineOptions
) -> beam.Pipeline:
    record = settings.record()
    pipeline = beam.Pipeline(options=options)
    found = (
        pipeline
        | "Entries" >> beam.Create(list(entries))
        | "Spread" >> beam.Reshuffle()
        | "Read" >> beam.ParDo(_Read(folder, settings, record)).with_outputs(_FOUND, main=_DONE)
    )
    lifted = (
        found[_FOUND]
        | "Lift" >> RunInference(LiftHandler(settings))
        | "Write" >> beam.ParDo(_Write(folder, settings, record))
    )
    _ = (
        (found[_DONE], lifted)
        | "Outcomes" >> beam.Flatten()
        | "All" >> beam.combiners.ToList()
        | "Lists" >> beam.Map(_write_lists, folder)
    )
    return pipeline


class LiftHandler(ModelHandler[_Found, _Lifted, PoseLifter]):
    """Lifts detections with a model that every worker loads once.

    Beam's buckets by length act on streams only. `PoseLifter.lift_many` sorts a batch by length,
    and lifts together what is at most a quarter longer.
    """

    def __init__(self, settings: LibrarySettings):
        super().__init__(min_batch_size=BATCH_VIDEOS, max_batch_size=BATCH_VIDEOS)
        self._settings = settings

    def load_model(self) -> PoseLifter:
        """The lifter of the settings."""
        return self._settings.lifter()

    def run_inference(
        self,
        batch: Sequence[_Found],
        model: PoseLifter,
        inference_args: dict[str, Any] | None = None,
    ) -> Iterable[_Lifted]:
        """With the poses of every video, or what is wrong with it."""
        lifted = lift_batch(model, batch, self._settings)
        return [(*found, poses) for found, poses in zip(batch, lifted, strict=True)]

    def get_num_bytes(self, batch: Sequence[_Found]) -> int:
        """Of the keypoints, for Beam's metrics."""
        return sum(detections.keypoints.nbytes for _, detections in batch)


class _OfLibrary(beam.DoFn):
    def __init__(self, folder: str, settings: LibrarySettings, record: dict[str, Any]):
        self._folder, self._settings, self._record = pathlib.Path(folder), settings, record


class _Read(_OfLibrary):
    """Detections of entries; and the outcomes of those that are finished already, or fail."""

    def process(self, entry: Entry) -> Iterator[Outcome | TaggedOutput]:
        try:
            before = finished(self._folder, entry, self._record)
            if before is None:
                yield TaggedOutput(_FOUND, (entry, read_entry(entry, self._settings)))
            else:
                yield before
        except Exception as error:  # of any kind: it costs this file only
            yield Outcome(entry.name, entry.path, reason(error))


class _Write(_OfLibrary):
    def process(self, lifted: _Lifted) -> Iterator[Outcome]:
        entry, detections, poses = lifted
        try:
            if isinstance(poses, Exception):
                raise poses
            outputs = self._settings.outputs
            yield write_result(self._folder, entry, detections, poses, outputs, self._record)
        except CannotWriteError:
            raise
        except Exception as error:
            yield Outcome(entry.name, entry.path, reason(error))


def _write_lists(outcomes: list[Outcome], folder: str) -> None:
    write_lists(pathlib.Path(folder), outcomes)


def _options(given: Sequence[str]) -> PipelineOptions:
    """Beam's options; it would pass over one that it does not have with a warning."""
    options = PipelineOptions(list(given))
    known = options.get_all_options()
    every = options.get_all_options(retain_unknown_options=True)
    unknown = sorted(set(every) - set(known))
    if unknown:
        raise InputError(f"Beam has no option {', '.join(f'--{name}' for name in unknown)}")
    return options


def _text(error: Exception) -> str:
    """The last lines of an error's text and of the one that it came from."""
    errors = [error, *([error.__cause__] if error.__cause__ else [])]
    return "\n".join(
        f"{type(one).__name__}: {(str(one).strip().splitlines() or [''])[-1]}" for one in errors
    )


def _quiet(locally: bool) -> contextlib.AbstractContextManager[None]:
    """Without what Beam and its local workers log, tracebacks of an error that is then raised too;
    a cluster's run takes long, and what is said about it is shown.
    """
    return silent_standard_error() if locally else contextlib.nullcontext()
