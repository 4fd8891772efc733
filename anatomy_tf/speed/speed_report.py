"""Figures of a subject, as a table and as JSON, and those of an earlier run beside them."""

from __future__ import annotations

import dataclasses
import json
import pathlib

from anatomy_tf.errors import InputError
from anatomy_tf.speed.subjects import Subject
from anatomy_tf.speed.timing import Rate, measure_rates


def measure(subject: Subject, peak: float, rounds: int, seconds: float) -> dict[str, dict]:
    """By way: the fields of its `Rate`; with a peer, `ratio` to it; `peak_share` where the cost is
    known.

    Args:
      peak: multiplies a second that the machine reaches.
    """
    rates = measure_rates(subject.ways, rounds, seconds)
    figures = {}
    for name, rate in rates.items():
        figures[name] = dataclasses.asdict(rate)
        if subject.peer in rates:
            figures[name]["ratio"] = rate.median / rates[subject.peer].median
        if name in subject.multiplies:
            figures[name]["peak_share"] = rate.median * subject.multiplies[name] / peak
    return figures


def format_subject(subject: Subject, figures: dict[str, dict], earlier: dict | None) -> str:
    """A line a way; `earlier` figures of the same subject give one more column."""
    header = ["", subject.unit, "p50 / p99 ms a call", f"x {subject.peer}", "of peak"]
    rows = [header + (["x earlier"] if earlier else [])]
    for name, figure in figures.items():
        rate = Rate(**{field.name: figure[field.name] for field in dataclasses.fields(Rate)})
        row = [name, str(rate), f"{rate.call_p50_ms:.3g} / {rate.call_p99_ms:.3g}"]
        row.append(f"{figure['ratio']:.1f}" if "ratio" in figure else "")
        row.append(f"{figure['peak_share']:.0%}" if "peak_share" in figure else "")
        if earlier:
            known = name in earlier
            row.append(f"{rate.median / earlier[name]['median']:.2f}" if known else "")
        rows.append(row)
    widths = [22, 26, 22, 13, 9, 11]
    lines = [
        row[0].ljust(widths[0])
        + "".join(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=False))
        for row in rows
    ]
    return "\n".join([subject.title, *lines])


def read_history(path: pathlib.Path | str) -> dict[str, dict]:
    """The subjects of a file that an earlier run wrote.

    Raises:
      InputError: it cannot be read, or is another file.
    """
    try:
        found = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))["subjects"]
        for ways in found.values():
            for figure in ways.values():
                float(figure["median"])
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{path}: not figures of a benchmark ({error!r})") from error
    return found
