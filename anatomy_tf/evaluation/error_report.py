"""A report of `evaluate` as a table and as JSON."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping

from anatomy_tf.evaluation.evaluate import METRICS
from anatomy_tf.files import replacing

METRIC_TITLES = {
    "mpjpe_mm": "MPJPE",
    "clip_scale_mpjpe_mm": "one scale",
    "p_mpjpe_mm": "P-MPJPE",
    "n_mpjpe_mm": "N-MPJPE",
    "mpjve_mm": "MPJVE",
    "bone_std_mm": "bone std",
    "pck": "PCK",
    "auc": "AUC",
}


def format_report(report: dict) -> str:
    """A line for every action and one for their average, and what the protocol was.

    Millimetres; PCK at 150 mm and AUC from 0 to 150 mm in %.
    """
    rows = [("action", *(METRIC_TITLES[name] for name in METRICS), "frames")]
    for action, errors in report["actions"].items():
        rows.append((action, *_cells(errors)))
    rows.append(("average", *_cells(report)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0])]
            + [cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True)]
        )
        for row in rows
    ]
    rule = "-" * len(lines[0])
    protocol = format_protocol(report["protocol"])
    return "\n".join(
        [lines[0], rule, *lines[1:-1], rule, lines[-1], f"(mm, PCK and AUC in %; {protocol})"]
    )


def format_protocol(protocol: Mapping) -> str:
    """A line of what a number was measured on, and how."""
    return ", ".join(f"{name} {_plain(value)}" for name, value in protocol.items())


def write_report(report: dict, path: pathlib.Path | str) -> None:
    """Writes the report as JSON.

    Raises:
      InputError: the file cannot be written.
    """
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _cells(errors: dict) -> list[str]:
    return [f"{errors[name]:.1f}" for name in METRICS] + [str(errors["frames"])]


def _plain(value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "+".join(value) if isinstance(value, list) else str(value)
