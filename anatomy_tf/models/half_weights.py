"""Models whose weights are kept in 16 bits, in half the file; they are computed with in 32."""

from __future__ import annotations

import io
import pathlib
import zipfile

import h5py
import numpy as np

from anatomy_tf.models.lifter import AnatomyLifter

_WEIGHTS = "model.weights.h5"
_SMALLEST = 4096
"""Arrays of fewer numbers stay as they are: they take no room, and statistics are among them."""


def round_weights(lifter: AnatomyLifter) -> None:
    """Makes all large weights what they will be after 16 bits."""
    for weight in lifter.training_weights():
        value = np.array(weight)
        if value.size >= _SMALLEST:
            weight.assign(value.astype(np.float16).astype(value.dtype))


def halve_weights(path: pathlib.Path) -> None:
    """Rewrites a `.keras` file with its large weights in 16 bits."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    halved = io.BytesIO()
    with h5py.File(io.BytesIO(members[_WEIGHTS])) as source, h5py.File(halved, "w") as target:
        _copy(source, target)
    members[_WEIGHTS] = halved.getvalue()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _copy(source: h5py.Group, target: h5py.Group) -> None:
    for key, value in source.attrs.items():
        target.attrs[key] = value
    for name, item in source.items():
        if isinstance(item, h5py.Group):
            _copy(item, target.create_group(name))
            continue
        large = item.size >= _SMALLEST and item.dtype == np.float32
        target.create_dataset(name, data=item[()].astype(np.float16) if large else item[()])
