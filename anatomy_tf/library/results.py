"""What lifting a library leaves in a folder: results, a record of each, and two lists."""

from __future__ import annotations

import csv
import dataclasses
import json
import pathlib
from collections.abc import Iterable
from typing import Any

from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.detections.plain import write_plain_npz
from anatomy_tf.errors import InputError
from anatomy_tf.files import replacing
from anatomy_tf.library.entries import Entry
from anatomy_tf.poses.result import Poses

DETECTIONS = "detections"
"""Among the endings of outputs: what was found in a video, to lift it again."""
INDEX, FAILED = "index.csv", "failed.csv"
_RECORDS = ".records"


class CannotWriteError(Exception):
    """Nothing more can be written, for a reason that is no file's own, like a full disk."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of an entry.

    Attributes:
      name, source: of the entry.
      reason: why it could not be lifted; empty if it was.
      again: it had been lifted before, with the same settings.
      frames, fps, people: of the video.
      outputs: the files, by their paths in the folder.
    """

    name: str
    source: str
    reason: str = ""
    again: bool = False
    frames: int = 0
    fps: float = 0.0
    people: int = 0
    outputs: tuple[str, ...] = ()


def output_path(folder: pathlib.Path | str, name: str, ending: str) -> pathlib.Path:
    """Where a result of that ending is kept."""
    file = f"{name}_{DETECTIONS}.npz" if ending == DETECTIONS else f"{name}.{ending}"
    return pathlib.Path(folder) / file


def finished(folder: pathlib.Path, entry: Entry, settings: dict[str, Any]) -> Outcome | None:
    """What became of the entry in an earlier run; None where the file or the settings are others,
    or a result is missing.
    """
    try:
        record = json.loads(_record(folder, entry).read_text(encoding="utf-8"))
        outcome = Outcome(**record["outcome"] | {"outputs": tuple(record["outcome"]["outputs"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if record.get("made_of") != _made_of(entry, settings):
        return None
    if not all((folder / path).is_file() for path in outcome.outputs):
        return None
    return dataclasses.replace(outcome, source=entry.path, again=True)


def write_result(
    folder: pathlib.Path,
    entry: Entry,
    detections: Detections,
    poses: Poses,
    endings: Iterable[str],
    settings: dict[str, Any],
) -> Outcome:
    """Writes the results of an entry, and last of all the record that says that they are whole.

    Raises:
      InputError: a format cannot hold these poses.
      CannotWriteError: nothing can be written.
    """
    made_of = _made_of(entry, settings)
    written: list[pathlib.Path] = []
    try:
        _record(folder, entry).unlink(missing_ok=True)
        for ending in endings:
            path = output_path(folder, entry.name, ending)
            if ending == DETECTIONS:
                write_plain_npz(path, detections)
                written.append(path)
            else:
                written += poses.save(path)
        outcome = Outcome(
            name=entry.name,
            source=entry.path,
            frames=poses.num_frames,
            fps=poses.fps,
            people=len(poses.people),
            outputs=tuple(path.relative_to(folder).as_posix() for path in written),
        )
        record = {
            "made_of": made_of,
            "outcome": dataclasses.asdict(outcome),
            "notes": poses.notes,
        }
        with replacing(_record(folder, entry)) as temporary:
            temporary.write_text(json.dumps(record, indent=1), encoding="utf-8")
    except OSError as error:
        raise CannotWriteError(f"{error.filename}: cannot be written ({error.strerror})") from error
    except InputError as error:
        if isinstance(error.__cause__, OSError):
            raise CannotWriteError(str(error)) from error
        raise
    return outcome


def write_lists(folder: pathlib.Path, outcomes: Iterable[Outcome]) -> None:
    """`index.csv` of what is lifted, and `failed.csv` of what is not and why.

    Raises:
      CannotWriteError: one cannot be written.
    """
    outcomes = sorted(outcomes, key=lambda outcome: outcome.name)
    lists: dict[str, list[tuple[object, ...]]] = {
        INDEX: [
            ("name", "source", "frames", "fps", "people", "outputs"),
            *(
                (o.name, o.source, o.frames, f"{o.fps:g}", o.people, ";".join(o.outputs))
                for o in outcomes
                if not o.reason
            ),
        ],
        FAILED: [
            ("name", "source", "reason"),
            *((o.name, o.source, o.reason) for o in outcomes if o.reason),
        ],
    }
    try:
        for name, rows in lists.items():
            with (
                replacing(folder / name) as temporary,
                temporary.open("w", encoding="utf-8", newline="") as file,
            ):
                csv.writer(file).writerows(rows)
    except InputError as error:
        raise CannotWriteError(str(error)) from error


def read_lists(folder: pathlib.Path) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The rows of the two lists, by column.

    Raises:
      InputError: one is not there.
    """
    try:
        texts = [(folder / name).read_text(encoding="utf-8") for name in (INDEX, FAILED)]
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be read ({error.strerror})") from error
    lifted, failed = ([*csv.DictReader(text.splitlines())] for text in texts)
    return lifted, failed


def _record(folder: pathlib.Path, entry: Entry) -> pathlib.Path:
    return pathlib.Path(folder) / _RECORDS / f"{entry.name}.json"


def _made_of(entry: Entry, settings: dict[str, Any]) -> dict[str, Any]:
    """All that results follow from, as JSON has it; the file by its size and time."""
    path = pathlib.Path(entry.path)
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    stats = [file.stat() for file in files]
    made_of = {
        "entry": dataclasses.asdict(entry) | {"path": str(path.absolute())},
        "files": len(stats),
        "bytes": sum(stat.st_size for stat in stats),
        "changed": max(stat.st_mtime_ns for stat in stats) if stats else 0,
        "settings": settings,
    }
    return json.loads(json.dumps(made_of))
