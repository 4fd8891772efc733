"""Finished runs side by side: flags that differ, errors, time and versions."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import pathlib
import re
from collections.abc import Iterable, Sequence

from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.error_report import METRIC_TITLES
from anatomy_tf.files import replacing

_FLAG = re.compile(r"--(?:(no)(?=\w+$))?([\w-]+)(?:=(.*))?")
_FACTS = ("seed", "epochs", "seconds", "date", "anatomy_tf", "tensorflow", "keras", "git_revision")


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes:
      name: its folder's, from the folder on that all runs share.
      folder: where it is.
      flags: values by name, as `flags.cfg` has them.
      report: `metrics.json`.
    """

    name: str
    folder: pathlib.Path
    flags: dict[str, str]
    report: dict


def read_runs(folders: Sequence[pathlib.Path | str]) -> list[Run]:
    """The runs in these folders.

    Raises:
      InputError: one holds no finished run, or what it holds cannot be read.
    """
    paths = [pathlib.Path(folder).resolve() for folder in folders]
    shared = os.path.commonpath([path.parent for path in paths])
    return [
        Run(path.relative_to(shared).as_posix(), path, _flags(path), _report(path))
        for path in paths
    ]


def comparison_rows(runs: Sequence[Run]) -> list[list[str]]:
    """A table with a column a run: a heading, then rows of what is compared.

    First flags that differ, then errors averaged over actions, MPJPE by action, parameters, and of
    what `run` each model is. An empty cell is what a run does not know.
    """
    rows = [["", *(run.name for run in runs)]]

    def add(title: str, values: Iterable[object]) -> None:
        cells = ["" if value is None else str(value) for value in values]
        if any(cells):
            rows.append([title, *cells])

    for flag in sorted(set().union(*(run.flags for run in runs))):
        values = [run.flags.get(flag) for run in runs]
        if len(set(values)) > 1:
            add(f"--{flag}", values)
    for metric, title in METRIC_TITLES.items():
        add(title, [_rounded(run.report.get(metric)) for run in runs])
    by_action = [run.report["actions"] for run in runs]
    for action in sorted(set().union(*by_action)):
        errors = [actions.get(action, {}).get("mpjpe_mm") for actions in by_action]
        add(f"MPJPE, {action}", map(_rounded, errors))
    add("parameters", [run.report.get("protocol", {}).get("parameters") for run in runs])
    for fact in _FACTS:
        facts = [run.report.get("run", {}).get(fact) for run in runs]
        add(fact.replace("_", " "), facts)
    best = [run.report.get("run", {}).get("best") or {} for run in runs]
    if any(best):
        cells = [f"{b['mpjpe_mm']:.1f} after epoch {b['epoch']}" if b else "" for b in best]
        rows.append(["best validated MPJPE", *cells])
    return rows


def as_text(rows: Sequence[Sequence[str]]) -> str:
    """Columns for a terminal."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        ).rstrip()
        for row in rows
    )


def as_markdown(rows: Sequence[Sequence[str]]) -> str:
    """A table for GitHub."""
    heading, *others = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    rule = ["--", *["-:"] * (len(heading) - 1)]
    return "".join(f"| {' | '.join(row)} |\n" for row in (heading, rule, *others))


def as_csv(rows: Sequence[Sequence[str]]) -> str:
    """Comma-separated values."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


FORMATS = {".txt": as_text, ".md": as_markdown, ".csv": as_csv}
"""By the ending of a file."""


def check_table_file(path: pathlib.Path | str) -> None:
    """Raises an InputError where the ending of a file is not of `FORMATS`."""
    if pathlib.Path(path).suffix not in FORMATS:
        raise InputError(f"{path}: tables are {', '.join(FORMATS)}")


def write_table(rows: Sequence[Sequence[str]], path: pathlib.Path | str) -> None:
    """Writes the table as the ending says; raises as `check_table_file`, or it is not writable."""
    check_table_file(path)
    text = FORMATS[pathlib.Path(path).suffix](rows)
    with replacing(path) as temporary:
        temporary.write_text(text.rstrip("\n") + "\n", encoding="utf-8")


def _report(folder: pathlib.Path) -> dict:
    path = folder / "metrics.json"
    if not path.is_file():
        raise InputError(f"{folder}: no finished run, which has a metrics.json")
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(report["actions"], dict):
            raise TypeError("actions")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not the report of a run") from error
    return report


def _flags(folder: pathlib.Path) -> dict[str, str]:
    path = folder / "flags.cfg"
    if not path.is_file():
        raise InputError(f"{folder}: no run, which has a flags.cfg")
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        match = _FLAG.fullmatch(line)
        if match:
            found[match[2]] = match[3] if match[3] is not None else "no" if match[1] else "yes"
    return found


def _rounded(value: float | None) -> str | None:
    return None if value is None else f"{value:.1f}"
