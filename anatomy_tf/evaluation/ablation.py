"""A table of variants, each trained with several seeds: Markdown, CSV and a plot."""

from __future__ import annotations

import csv
import dataclasses
import json
import pathlib
import re
import statistics
from collections.abc import Sequence

from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.error_report import format_protocol
from anatomy_tf.evaluation.evaluate import METRICS
from anatomy_tf.files import replacing
from anatomy_tf.flagfiles import read_text


@dataclasses.dataclass(frozen=True)
class Variant:
    """A row of the table, as the header of its flagfile describes it.

    Args:
      name: of the flagfile.
      title: its first line.
      paper_mm: the MPJPE that the paper reports, or None.
    """

    name: str
    title: str
    paper_mm: float | None


@dataclasses.dataclass(frozen=True)
class Result:
    """The reports of a variant by seed, as `evaluate` gives them."""

    variant: Variant
    reports: dict[int, dict]

    def values(self, metric: str) -> list[float]:
        return [report[metric] for report in self.reports.values()]


def read_variant(flagfile: pathlib.Path) -> Variant:
    """The variant of a flagfile.

    Raises:
      InputError: there is no such file, or no title in its first line.
    """
    text = read_text(flagfile)
    title = re.match(r"# (.+)\n", text)
    if not title:
        raise InputError(f"{flagfile}: the first line must be a comment that names the variant")
    paper = re.search(r"^# Paper: ([\d.]+) mm", text, re.MULTILINE)
    return Variant(flagfile.stem, title[1], float(paper[1]) if paper else None)


def read_report(path: pathlib.Path) -> dict:
    """A report that `write_report` wrote.

    Raises:
      InputError: it cannot be read, or lacks a metric.
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a report ({error})") from error
    for name in (*METRICS, "protocol"):
        if not isinstance(report, dict) or name not in report:
            raise InputError(f"{path}: not a report of a training run: {name} is missing")
    if "parameters" not in report["protocol"]:
        raise InputError(f"{path}: not a report of a training run: its parameters are missing")
    return report


def write_table(results: Sequence[Result], folder: pathlib.Path) -> str:
    """Writes `table.md` and `runs.csv`; gives the Markdown."""
    text = markdown(results)
    with replacing(folder / "table.md") as temporary:
        temporary.write_text(text, encoding="utf-8")
    with replacing(folder / "runs.csv") as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["variant", "seed", "parameters", *METRICS])
        for result in results:
            for seed, report in result.reports.items():
                numbers = [round(report[name], 3) for name in METRICS]
                writer.writerow([result.variant.name, seed, _parameters(report), *numbers])
    return text


def markdown(results: Sequence[Result]) -> str:
    """Mean and standard deviation over seeds, in mm, and under it the protocols that they were
    measured by.
    """
    lines = [
        "| | parameters | seeds | MPJPE | P-MPJPE | MPJVE | paper |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for result in results:
        metrics = [spread(result.values(name)) for name in ("mpjpe_mm", "p_mpjpe_mm", "mpjve_mm")]
        parameters = _parameters(next(iter(result.reports.values())))
        paper = result.variant.paper_mm
        cells = [
            *(result.variant.title, f"{parameters:,}", str(len(result.reports)), *metrics),
            f"{paper:.1f}" if paper else "",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    varying = ("assembly", "visibility", "length_frames", "parameters")
    protocols = {
        format_protocol({k: v for k, v in report["protocol"].items() if k not in varying})
        for result in results
        for report in result.reports.values()
    }
    return "\n".join([*lines, "", *(f"mm; {protocol}." for protocol in sorted(protocols)), ""])


def _parameters(report: dict) -> int:
    return report["protocol"]["parameters"]


def spread(values: Sequence[float]) -> str:
    """`mean ± sample standard deviation`; a single value stands alone."""
    mean = f"{statistics.mean(values):.1f}"
    return f"{mean} ± {statistics.stdev(values):.1f}" if len(values) > 1 else mean
