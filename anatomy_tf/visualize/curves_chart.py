"""The curves of several runs in one picture."""

from __future__ import annotations

import pathlib
import warnings
from collections.abc import Mapping

import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.visualize.figure import figure_file

CURVES = {
    "loss/loss": "loss",
    "validation/mpjpe_mm": "validation MPJPE in mm",
    "learning_rate": "learning rate",
    "gradient_norm": "norm of the gradients",
}
"""What is drawn of TensorBoard's tags, and how its axis is called."""


def read_curves(folder: pathlib.Path | str) -> dict[str, tuple[list[int], list[float]]]:
    """Steps and values of a run's `CURVES`, as far as it has them.

    Raises:
      InputError: the folder has no curves.
    """
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    path = pathlib.Path(folder) / "tensorboard"
    found: dict[str, tuple[list[int], list[float]]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's, of tensorboard's own
        events = EventAccumulator(str(path), size_guidance={"tensors": 0}).Reload()
        for tag in set(CURVES).intersection(events.Tags()["tensors"]):
            by_step = {e.step: float(tf.make_ndarray(e.tensor_proto)) for e in events.Tensors(tag)}
            found[tag] = (sorted(by_step), [by_step[step] for step in sorted(by_step)])
    if not found:
        raise InputError(f"{path}: no curves of a run")
    return found


def draw_curves(runs: Mapping[str, pathlib.Path], path: pathlib.Path | str) -> None:
    """Draws `CURVES` of runs by name, those that any of them has; raises as `figure_file`."""
    curves = {name: read_curves(folder) for name, folder in runs.items()}
    tags = [tag for tag in CURVES if any(tag in of_run for of_run in curves.values())]
    with figure_file(path, size=(9, 2.6 * len(tags))) as figure:
        axes = figure.subplots(len(tags), squeeze=False, sharex=True)[:, 0]
        for axis, tag in zip(axes, tags, strict=True):
            for name, of_run in curves.items():
                axis.plot(*of_run.get(tag, ([], [])), label=name, linewidth=1.2)
            axis.set_ylabel(CURVES[tag])
            axis.grid(alpha=0.3)
            if tag != "validation/mpjpe_mm":
                axis.set_yscale("log")
        axes[0].legend(fontsize=8)
        axes[-1].set_xlabel("step")
